import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Schema } from "effect"
import * as Digest from "effect/crypto/Digest"
import { ExecutionEnd, Snapshot } from "../../src/domain/ExecutionState.ts"
import { jsonBytes } from "../../src/domain/Json.ts"
import { Limits } from "../../src/domain/Limits.ts"
import { Aftermath } from "../../src/engine/Aftermath.ts"
import { ChildRuns } from "../../src/engine/ChildRuns.ts"
import { Results } from "../../src/engine/Results.ts"
import { Run } from "../../src/engine/Run.ts"
import * as Memory from "../../src/layers/Memory.ts"
import { Children } from "../../src/services/Children.ts"
import { ExecutionArchive } from "../../src/services/ExecutionArchive.ts"
import { config } from "../../src/testing/TestService.ts"
import { workflowOf } from "./definitions.ts"

const at = "2026-01-01T00:00:00.000Z"
const end = Schema.decodeSync(ExecutionEnd)({
  status: "completed",
  outputs: {},
  error: null,
  startedAt: at,
  completedAt: at
})

/** A KV value holds 25 MiB. */
const kvBytes = 26_214_400

/** A finished run of `count` steps, each with an output of so many bytes. */
const finishedRun = (count: number, outputBytes: number): Run => {
  const steps = Array.from({ length: count }, (_, index) => ({
    id: `s${index}`,
    type: "transform",
    order: 1,
    config: { operation: "set", values: {} }
  }))
  const run = new Run(
    Schema.decodeUnknownSync(Snapshot)({
      executionId: "e",
      workflowId: "w",
      workflowVersion: 1,
      tenantId: "t",
      definition: { name: "n", description: null, steps: workflowOf(...steps).steps, triggers: [] },
      inputs: {},
      trigger: "api",
      requestId: null,
      createdAt: at
    }),
    end.startedAt
  )
  for (const step of run.records()) {
    run.setStep(step.id, { ...step, status: "completed", output: "x".repeat(outputBytes) }, end.completedAt)
  }
  run.finish({ ...end, outputs: run.outputsOf(run.records().map(({ id }) => id)) })
  return run
}

const noChildren = Layer.succeed(Children, {
  start: () => Effect.die(new Error("This run starts no execution")),
  cancel: () => Effect.die(new Error("This run has no child")),
  tellEnd: () => Effect.die(new Error("This run has no parent"))
})

const stored = (run: Run) =>
  Effect.gen(function*() {
    const results = yield* Results
    const archive = yield* ExecutionArchive
    yield* results.store(run)
    return Option.getOrThrow(yield* archive.get(run.snapshot.executionId))
  }).pipe(Effect.provide(
    Results.layer.pipe(
      Layer.provide(Aftermath.layer),
      Layer.provide(ChildRuns.layer),
      Layer.provide([Digest.layerWebCrypto, noChildren]),
      Layer.provideMerge(Memory.layer),
      Layer.provide(config)
    )
  ))

describe("the trace of a run", () => {
  it.effect("whose outputs are at their limit fits into a KV value, whole", () =>
    Effect.gen(function*() {
      const trace = yield* stored(finishedRun(10, Limits.runOutputBytes / 10 - 2))
      assert.isBelow(jsonBytes(trace), kvBytes)
      assert.isTrue(trace.steps.every(({ output }) => output !== null))
      assert.lengthOf(Object.keys(trace.outputs ?? {}), 10)
    }))

  it.effect("that is too large all the same goes without the outputs of its steps, and says so", () =>
    Effect.gen(function*() {
      const trace = yield* stored(finishedRun(16, 1_000_000))
      assert.isBelow(jsonBytes(trace), kvBytes)
      assert.isTrue(trace.steps.every(({ output }) => output === null))
      assert.lengthOf(Object.keys(trace.outputs ?? {}), 16)
      assert.strictEqual(trace.logs.at(-1)?.message, "The outputs of the steps were too large to be kept")
    }))
})
