import { Context, Effect, Layer } from "effect"
import type { EngineUnavailable, StorageError } from "../domain/Errors.ts"
import type { ExecutionEnd, ExecutionTrace } from "../domain/ExecutionState.ts"
import { jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import { expiryOf } from "../domain/Retention.ts"
import { ExecutionArchive } from "../services/ExecutionArchive.ts"
import { ExecutionRepository } from "../services/ExecutionRepository.ts"
import { Aftermath } from "./Aftermath.ts"
import type { Run } from "./Run.ts"

/** Puts what a finished run left where clients read it. Storing it again changes nothing. */
export class Results extends Context.Service<Results, {
  readonly store: (run: Run) => Effect.Effect<void, EngineUnavailable | StorageError>
}>()("atlasit/engine/Results") {
  static readonly layer = Layer.effect(
    Results,
    Effect.gen(function*() {
      const archive = yield* ExecutionArchive
      const repository = yield* ExecutionRepository
      const aftermath = yield* Aftermath

      // First what the log tells of, but nothing keeps the end from being read. The archive first: whoever reads the end in the repository finds the steps and the logs.
      const store = Effect.fnUntraced(function*(run: Run) {
        const { end, snapshot } = run
        if (end === undefined) return
        const followedUp = yield* Effect.result(aftermath.followUp(run))
        const outputs = end.outputs !== null && jsonBytes(end.outputs) > Limits.outputsInlineBytes
          ? end.outputs
          : undefined
        const expiresAt = expiryOf(snapshot.definition, end.completedAt)
        yield* archive.put(
          snapshot.executionId,
          fitting({ steps: run.records(), logs: run.logs(), ...(outputs === undefined ? {} : { outputs }) }, end),
          expiresAt
        )
        yield* repository.finish(snapshot.executionId, end, expiresAt)
        yield* aftermath.settle(run)
        yield* Effect.fromResult(followedUp)
      })

      return Results.of({ store })
    })
  )
}

/** What a KV value holds (26,214,400 bytes), less some room for what the store adds. */
const traceBytes = 26_000_000

/**
 * A trace that can be stored. The limits of outputs and logs leave room for the rest; should many long errors take it up
 * all the same, the outputs of the steps go, and the log says so: the end must never wait for them.
 */
const fitting = (trace: ExecutionTrace, end: ExecutionEnd): ExecutionTrace =>
  jsonBytes(trace) <= traceBytes ? trace : {
    ...trace,
    steps: trace.steps.map((step) => ({ ...step, output: null })),
    withoutOutputs: true,
    logs: [...trace.logs, {
      timestamp: end.completedAt,
      level: "warn",
      message: "The outputs of the steps were too large to be kept"
    }]
  }
