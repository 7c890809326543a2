import { Context, Effect, Layer } from "effect"
import * as Digest from "effect/crypto/Digest"
import { wasRefusedSlot } from "../domain/Concurrency.ts"
import { EngineUnavailable } from "../domain/Errors.ts"
import type { StorageError } from "../domain/Errors.ts"
import type { Inputs } from "../domain/Execution.ts"
import type { ExecutionEnd } from "../domain/ExecutionState.ts"
import { executionOf } from "../domain/ExecutionState.ts"
import type { WorkflowId } from "../domain/Ids.ts"
import { jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import type { LogLevel } from "../domain/LogEntry.ts"
import { depthOf } from "../domain/Parent.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { Children } from "../services/Children.ts"
import { derivedId } from "../services/DerivedId.ts"
import { ChildRuns, startFailure } from "./ChildRuns.ts"
import type { Run } from "./Run.ts"

/** The failed execution; without its inputs, where it would be more than inputs may be. */
const failureInputs = ({ snapshot }: Run, end: ExecutionEnd): Inputs => {
  const failed = executionOf(snapshot, end)
  return jsonBytes(failed) <= Limits.inputBytes ? { ...failed } : { ...failed, inputs: null }
}

/** What the end of a run means for other executions. What was done for a run is not done again. */
export class Aftermath extends Context.Service<Aftermath, {
  /** Starts the workflow of `settings.onFailure`, if the run failed by running; its log tells what came of it. */
  readonly followUp: (run: Run) => Effect.Effect<void, EngineUnavailable | StorageError>
  /** Cancels the children that are left, and tells the parent that waits. To be called when the end is stored. */
  readonly settle: (run: Run) => Effect.Effect<void, EngineUnavailable | StorageError>
}>()("atlasit/engine/Aftermath") {
  static readonly layer = Layer.effect(
    Aftermath,
    Effect.gen(function*() {
      const children = yield* Children
      const childRuns = yield* ChildRuns
      const digest = yield* Digest.Digest

      const log = Effect.fnUntraced(
        function*(run: Run, level: LogLevel, message: string, data: Record<string, string>) {
          run.followedUp = true
          run.logMore({ timestamp: yield* Timestamp.now, level, message, data })
        }
      )

      const start = Effect.fnUntraced(function*(run: Run, end: ExecutionEnd, workflowId: WorkflowId) {
        const { executionId, parent, requestId, tenantId } = run.snapshot
        const depth = depthOf(parent) + 1
        const refused = (code: string, message: string) =>
          log(run, "warn", "The workflow for failures could not be started", { workflowId, code, message })
        if (depth > Limits.executionDepth) {
          return yield* refused("workflow-depth", `It would be number ${depth} of a chain of executions`)
        }
        const id = yield* derivedId(digest, [executionId, "onFailure"])
        const started = children.start({
          id,
          workflowId,
          tenantId,
          inputs: failureInputs(run, end),
          trigger: "failure",
          requestId,
          parent: { id: executionId, depth, awaited: false }
        })
        yield* Effect.matchEffect(started, {
          onSuccess: ({ taken }) =>
            taken
              ? log(run, "info", "Workflow for failures started", { workflowId, executionId: id })
              : Effect.fail(new EngineUnavailable({ cause: "The engine has not taken it yet" })),
          onFailure: (error) => {
            if (error._tag === "EngineUnavailable" || error._tag === "StorageError") return Effect.fail(error)
            const { code, message } = startFailure(error)
            return refused(code, message)
          }
        })
      })

      const followUp = (run: Run) => {
        const { end, snapshot } = run
        const workflowId = snapshot.definition.settings?.onFailure
        return workflowId === undefined || end?.status !== "failed" || wasRefusedSlot(end.error) || run.followedUp
          ? Effect.void
          : start(run, end, workflowId)
      }

      const settle = Effect.fnUntraced(function*(run: Run) {
        yield* childRuns.cancelLeft(run, () => true)
        const { executionId, parent } = run.snapshot
        if (parent?.awaited !== true || run.toldParent) return
        yield* children.tellEnd(parent.id, executionId)
        run.toldParent = true
      })

      return Aftermath.of({ followUp, settle })
    })
  )
}
