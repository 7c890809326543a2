import { Context, Effect, Layer } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import { jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import type { Step } from "../domain/Step.ts"
import { Expressions } from "./Expressions.ts"
import type { Level } from "./Level.ts"
import { lastOutput, walk } from "./Level.ts"
import type { Run } from "./Run.ts"
import { scopeOf } from "./Scope.ts"
import { StepFailure } from "./StepHandler.ts"
import { innerLevel, rootLevel } from "./StepPlaces.ts"
import type { RunSteps, StepFailed } from "./StepRunner.ts"
import { StepRunner } from "./StepRunner.ts"

/**
 * Runs the steps of an execution as its plan has it, each recorded in the journal before the next begins. Answers the
 * execution's outputs. Interrupting it interrupts the running steps.
 */
export class Interpreter extends Context.Service<Interpreter, {
  readonly run: (run: Run) => Effect.Effect<JsonObject, StepFailed | StepFailure | StorageError>
  /** Runs one step of a level, with the steps inside of it. */
  readonly runStep: (level: Level, step: Step) => Effect.Effect<void, StepFailed | StorageError>
}>()("atlasit/engine/Interpreter") {
  static readonly layer = Layer.effect(
    Interpreter,
    Effect.gen(function*() {
      const runner = yield* StepRunner
      const expressions = yield* Expressions

      const runLevel = (level: Level): Effect.Effect<void, StepFailed | StorageError> => {
        const byId = new Map(level.steps.map((step) => [step.id, step]))
        return walk(level.plan, (id) => {
          const step = byId.get(id)
          return step === undefined ? Effect.void : runStep(level, step)
        })
      }

      const runStep = (level: Level, step: Step) => runner.run(level, step, runInside)

      const runInside: RunSteps = (parent, path, since) => (branch, steps, input, place) =>
        Effect.flatMap(innerLevel(parent, `${path}${branch}.`, steps, input, since, place), runInner)

      const runInner = Effect.fnUntraced(function*(level: Level) {
        yield* Effect.catchTag(runLevel(level), "StepFailed", ({ error, stepId }) =>
          new StepFailure({
            code: error.code,
            message: error.message,
            stepId: error.stepId ?? stepId,
            ...(error.details === undefined ? {} : { details: error.details })
          }))
        return lastOutput(level)
      })

      const run = Effect.fnUntraced(function*(run: Run) {
        const { definition } = run.snapshot
        const level = yield* rootLevel(run)
        yield* runLevel(level)
        const outputs = definition.outputs === undefined
          ? run.outputsOf(level.plan.last)
          : yield* mapOutputs(definition.outputs, level)
        // Large ones are kept together with those of the steps.
        const bytes = jsonBytes(outputs)
        if (bytes > Limits.outputsInlineBytes && run.outputSize + bytes > Limits.runOutputBytes) {
          return yield* new StepFailure({
            code: "output-too-large",
            message: `The outputs of the execution take more than ${Limits.runOutputBytes} bytes together`
          })
        }
        return outputs
      })

      const mapOutputs = Effect.fnUntraced(function*(outputs: JsonObject, level: Level) {
        const scope = scopeOf(level, lastOutput(level))
        const mapped: Array<readonly [string, Json]> = []
        for (const [name, value] of Object.entries(outputs)) {
          mapped.push([
            name,
            typeof value === "string"
              ? yield* expressions.evaluate(value, scope)
              : yield* expressions.fill(value, scope, [])
          ])
        }
        return Object.fromEntries(mapped)
      })

      return Interpreter.of({ run, runStep })
    })
  )
}
