import { Context, Effect, Layer, Option } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionDetail } from "../domain/Execution.ts"
import { isObject } from "../domain/Json.ts"
import { stepAt } from "../domain/StepTree.ts"
import { isTemplate } from "../domain/Template.ts"
import { SchemaValidator } from "./SchemaValidator.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** A signal that a step waits for. */
export interface PendingSignal {
  readonly signal: string
  /** The path of the step. */
  readonly step: string
  /** What the workflow was called when the execution began. */
  readonly workflow: string
  /** What its payload must fit, as JSON Schema; null: anything. */
  readonly schema: JsonObject | null
}

/** Tells what executions wait for that somebody has to say. */
export class PendingSignals extends Context.Service<PendingSignals, {
  /** None of an execution that has ended. */
  readonly awaitedBy: (execution: ExecutionDetail) => Effect.Effect<ReadonlyArray<PendingSignal>, StorageError>
  /** Whether the step that waits takes this payload. */
  readonly accepts: (awaited: PendingSignal, payload: Json) => boolean
}>()("atlasit/services/PendingSignals") {
  static readonly layer = Layer.effect(
    PendingSignals,
    Effect.gen(function*() {
      const validator = yield* SchemaValidator
      const workflows = yield* WorkflowRepository

      const awaitedBy = Effect.fn("PendingSignals.awaitedBy")(function*(execution: ExecutionDetail) {
        const waiting = execution.steps.filter(({ status, type }) =>
          type === "wait-for-event" && (status === "waiting" || status === "running")
        )
        if (waiting.length === 0) return []
        const definition = yield* workflows.findVersion(execution.workflowId, execution.workflowVersion)
        if (Option.isNone(definition)) return []
        const { name: workflow, steps } = definition.value
        return waiting.flatMap(({ id, path = id, signal: told }): ReadonlyArray<PendingSignal> => {
          const step = stepAt(steps, path)
          if (step?.type !== "wait-for-event" || !isObject(step.config)) return []
          const { schema, signal: written } = step.config
          // One that has not come to its wait yet tells no name: it is the one that is written, or only known by then.
          const signal = told ?? written
          return typeof signal === "string" && !isTemplate(signal)
            ? [{ signal, step: path, workflow, schema: isObject(schema) ? schema : null }]
            : []
        })
      })

      const accepts = ({ schema }: PendingSignal, payload: Json) =>
        schema === null || validator.validate(schema, payload).length === 0

      return PendingSignals.of({ awaitedBy, accepts })
    })
  )
}
