import { Context, Data, Effect, Exit, Layer, Result } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import * as Duration from "../domain/Duration.ts"
import type { StorageError } from "../domain/Errors.ts"
import type { StepId } from "../domain/Ids.ts"
import { hasFiniteNumbers, jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import type { LogLevel } from "../domain/LogEntry.ts"
import type { Plan } from "../domain/Plan.ts"
import { makePlan, releasing } from "../domain/Plan.ts"
import type { Step } from "../domain/Step.ts"
import type { StepError, StepRecord } from "../domain/StepRecord.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { Journal } from "../services/Journal.ts"
import type { Run } from "./Run.ts"
import { StepFailure } from "./StepHandler.ts"
import { StepRegistry } from "./StepRegistry.ts"

/** A step failed, and with it the execution. */
export class RunFailed extends Data.TaggedError("RunFailed")<{
  readonly stepId: StepId | null
  readonly error: StepError
}> {}

/**
 * Runs the steps of an execution as its plan has it, each recorded in the journal before the next begins. Steps that the
 * journal has already are not run again. Answers the execution's outputs. Interrupting it interrupts the running steps.
 */
export class Interpreter extends Context.Service<Interpreter, {
  readonly run: (run: Run) => Effect.Effect<JsonObject, RunFailed | StorageError>
}>()("atlasit/engine/Interpreter") {
  static readonly layer = Layer.effect(
    Interpreter,
    Effect.gen(function*() {
      const registry = yield* StepRegistry
      const journal = yield* Journal

      const runStep = Effect.fnUntraced(function*(run: Run, plan: Plan, step: Step) {
        const known = run.finishedStep(step.id)
        const record = known ?? (yield* attempt(run, step, inputOf(run, plan, step.id)))
        if (record.status === "failed" && step.onError !== "continue") {
          return yield* new RunFailed({ stepId: step.id, error: record.error ?? unknownError })
        }
      })

      const attempt = Effect.fnUntraced(function*(run: Run, step: Step, input: Json) {
        const started: StepRecord = {
          id: step.id,
          type: step.type,
          status: "running",
          attempts: 1,
          startedAt: yield* Timestamp.now,
          completedAt: null,
          durationMs: null,
          output: null,
          error: null
        }
        const log = (level: LogLevel, message: string, data?: Json) => logStep(run, step.id, 1, level, message, data)
        const settle = Effect.fnUntraced(function*(outcome: Partial<StepRecord>) {
          const completedAt = yield* Timestamp.now
          const record = { ...started, ...outcome, completedAt, durationMs: elapsed(started, completedAt) }
          run.setStep(step.id, record, completedAt)
          return record
        })

        run.setStep(step.id, started, started.startedAt ?? run.updatedAt)
        yield* log("info", "Step started")
        const attempted = registry.run(step, {
          executionId: run.snapshot.executionId,
          path: step.id,
          attempt: 1,
          input,
          log
        })
        // What is done already, as a pure step is, needs no fiber to time it.
        const outcome = yield* (Exit.isExit(attempted) ? attempted : withTimeout(step, attempted)).pipe(
          Effect.flatMap((output) => admit(run, output)),
          Effect.catchDefect((defect) =>
            Effect.andThen(
              Effect.logError("A step ended with a defect", defect),
              Effect.fail(new StepFailure({ code: "internal", message: "The step failed unexpectedly" }))
            )
          ),
          Effect.onInterrupt(() => Effect.andThen(settle({ status: "cancelled" }), log("warn", "Step cancelled"))),
          Effect.result
        )
        const record = yield* settle(
          Result.isSuccess(outcome)
            ? { status: "completed", output: outcome.success }
            : { status: "failed", error: toStepError(outcome.failure) }
        )
        yield* record.error === null
          ? log("info", "Step completed", { durationMs: record.durationMs })
          : log("error", "Step failed", { code: record.error.code, message: record.error.message })
        yield* journal.record(run.snapshot.executionId, {
          path: step.id,
          step: record,
          logs: run.takeUnrecordedLogs()
        })
        return record
      })

      const run = Effect.fnUntraced(function*(run: Run) {
        const { steps } = run.snapshot.definition
        const planned = makePlan(steps)
        if (Result.isFailure(planned)) return yield* new RunFailed({ stepId: null, error: unplannable })
        const plan = planned.success
        const byId = new Map(steps.map((step) => [step.id, step]))
        yield* walk(plan, (id) => {
          const step = byId.get(id)
          return step === undefined ? Effect.void : runStep(run, plan, step)
        })
        return run.outputsOf(plan.last)
      })

      return Interpreter.of({ run })
    })
  )
}

/** Runs each step as soon as those before it are done; the first failure interrupts the others. */
const walk = <E>(plan: Plan, runStep: (id: StepId) => Effect.Effect<void, E>): Effect.Effect<void, E> => {
  const release = releasing(plan)
  const from = (id: StepId): Effect.Effect<void, E> => Effect.flatMap(runStep(id), () => all(release(id)))
  const all = (ids: ReadonlyArray<StepId>): Effect.Effect<void, E> =>
    ids.length === 1 && ids[0] !== undefined
      ? from(ids[0])
      : Effect.forEach(ids, from, { concurrency: "unbounded", discard: true })
  return all(plan.first)
}

/** The output of the step before; of several an object by step id; of none the execution's inputs. */
const inputOf = (run: Run, plan: Plan, id: StepId): Json => {
  const before = plan.before.get(id) ?? []
  const [only] = before
  if (only === undefined) return run.snapshot.inputs
  return before.length === 1 ? run.outputOf(only) : run.outputsOf(before)
}

const admit = (run: Run, output: Json): Effect.Effect<Json, StepFailure> => {
  if (!hasFiniteNumbers(output)) {
    return Effect.fail(
      new StepFailure({ code: "invalid-output", message: "The output holds a number that is too large for JSON" })
    )
  }
  const bytes = jsonBytes(output)
  const tooLarge = bytes > Limits.stepOutputBytes
    ? `The output takes ${bytes} bytes as JSON, more than ${Limits.stepOutputBytes}`
    : run.outputSize + bytes > Limits.runOutputBytes
    ? `The outputs of the execution take more than ${Limits.runOutputBytes} bytes together`
    : undefined
  if (tooLarge !== undefined) return Effect.fail(new StepFailure({ code: "output-too-large", message: tooLarge }))
  run.outputSize += bytes
  return Effect.succeed(output)
}

const logStep = (run: Run, stepId: StepId, attempt: number, level: LogLevel, message: string, data?: Json) =>
  Effect.flatMap(Timestamp.now, (timestamp) => {
    run.log({ timestamp, level, message, stepId, attempt, ...(data === undefined ? {} : { data }) })
    return Effect.logDebug(message, { stepId, attempt, data })
  })

const elapsed = (started: StepRecord, completedAt: Timestamp.Timestamp): number =>
  started.startedAt === null ? 0 : Timestamp.toMillis(completedAt) - Timestamp.toMillis(started.startedAt)

const withTimeout = <A>(step: Step, effect: Effect.Effect<A, StepFailure>): Effect.Effect<A, StepFailure> =>
  Effect.timeoutOrElse(effect, {
    duration: step.timeout === undefined ? Limits.stepTimeoutDefaultMillis : Duration.toMillis(step.timeout),
    orElse: () => Effect.fail(timedOut(step))
  })

const timedOut = (step: Step): StepFailure =>
  new StepFailure({
    code: "timeout",
    message: `The step took longer than ${step.timeout ?? `${Limits.stepTimeoutDefaultMillis} ms`}`
  })

const toStepError = ({ code, details, message }: StepFailure): StepError => ({
  code,
  message,
  ...(details === undefined ? {} : { details })
})

const unknownError: StepError = { code: "internal", message: "The step failed" }

const unplannable: StepError = { code: "internal", message: "The steps of the definition can't be put in order" }
