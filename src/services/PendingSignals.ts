import { Context, Effect, Layer, Option } from "effect"
import type { JsonObject } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionDetail } from "../domain/Execution.ts"
import { isObject } from "../domain/Json.ts"
import { stepAt } from "../domain/StepTree.ts"
import { isTemplate } from "../domain/Template.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** A signal that a step waits for. */
export interface PendingSignal {
  readonly signal: string
  /** The path of the step. */
  readonly step: string
  /** What its payload must fit, as JSON Schema; null: anything. */
  readonly schema: JsonObject | null
}

/** Tells what executions wait for that somebody has to say. */
export class PendingSignals extends Context.Service<PendingSignals, {
  /** Those whose name the definition tells; none of an execution that has ended. */
  readonly awaitedBy: (execution: ExecutionDetail) => Effect.Effect<ReadonlyArray<PendingSignal>, StorageError>
}>()("atlasit/services/PendingSignals") {
  static readonly layer = Layer.effect(
    PendingSignals,
    Effect.gen(function*() {
      const workflows = yield* WorkflowRepository

      const awaitedBy = Effect.fn("PendingSignals.awaitedBy")(function*(execution: ExecutionDetail) {
        const waiting = execution.steps.filter(({ status, type }) =>
          type === "wait-for-event" && (status === "waiting" || status === "running")
        )
        if (waiting.length === 0) return []
        const definition = yield* workflows.findVersion(execution.workflowId, execution.workflowVersion)
        if (Option.isNone(definition)) return []
        return waiting.flatMap(({ id, path = id }): ReadonlyArray<PendingSignal> => {
          const step = stepAt(definition.value.steps, path)
          if (step?.type !== "wait-for-event" || !isObject(step.config)) return []
          const { schema, signal } = step.config
          return typeof signal === "string" && !isTemplate(signal)
            ? [{ signal, step: path, schema: isObject(schema) ? schema : null }]
            : []
        })
      })

      return PendingSignals.of({ awaitedBy })
    })
  )
}
