import { Cause, Clock, Context, Data, Effect, Layer, Option, Random, Result } from "effect"
import type { Json } from "effect/Schema"
import * as Duration from "../domain/Duration.ts"
import type { StorageError } from "../domain/Errors.ts"
import type { StepId } from "../domain/Ids.ts"
import { hasFiniteNumbers, jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import type { LogLevel } from "../domain/LogEntry.ts"
import { endSignal } from "../domain/Parent.ts"
import type { RetryKind } from "../domain/Retry.ts"
import { retryDefaults, retryDelay } from "../domain/Retry.ts"
import type { Step, StepType } from "../domain/Step.ts"
import { isUndoPath } from "../domain/StepPath.ts"
import type { StepError, StepRecord } from "../domain/StepRecord.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { WaitRecord } from "../services/Journal.ts"
import { Journal } from "../services/Journal.ts"
import type { ChildWait } from "./ChildRuns.ts"
import { ChildRuns } from "./ChildRuns.ts"
import { Expressions } from "./Expressions.ts"
import type { Level } from "./Level.ts"
import { pathOf } from "./Level.ts"
import type { Run } from "./Run.ts"
import { scopeOf } from "./Scope.ts"
import type { StepContext } from "./StepHandler.ts"
import { StepFailure } from "./StepHandler.ts"
import { inputFor } from "./StepInput.ts"
import { atWork, resting, until } from "./StepOccupancy.ts"
import { StepRegistry } from "./StepRegistry.ts"
import type { Wait } from "./Waits.ts"
import { Waits } from "./Waits.ts"

/** A step failed, and with it what it is part of. */
export class StepFailed extends Data.TaggedError("StepFailed")<{
  readonly stepId: StepId
  readonly error: StepError
}> {}

/** What the runner asks of the interpreter: to run the steps inside a step. */
export type RunSteps = (level: Level, path: string, since: number) => StepContext["runSteps"]

/** The types of steps that call somebody: only these have a timeout by default. What computes is bounded by its steps. */
const callers: ReadonlySet<StepType> = new Set<StepType>(["http-request", "mcp-tool"])

/** The types of steps that hold others. */
const containers: ReadonlySet<StepType> = new Set<StepType>(["condition", "for-each"])

/** The types of steps that wait. */
const waiters: ReadonlySet<StepType> = new Set<StepType>(["delay", "wait-for-event", "workflow"])

/**
 * Runs one step to its record: whether its turn comes at all (`when`), its attempts with their timeout and retries, and
 * what its failure means. What the journal has already is not run again.
 */
export class StepRunner extends Context.Service<StepRunner, {
  readonly run: (level: Level, step: Step, runSteps: RunSteps) => Effect.Effect<void, StepFailed | StorageError>
}>()("atlasit/engine/StepRunner") {
  static readonly layer = Layer.effect(
    StepRunner,
    Effect.gen(function*() {
      const registry = yield* StepRegistry
      const expressions = yield* Expressions
      const journal = yield* Journal
      const waits = yield* Waits
      const childRuns = yield* ChildRuns

      const attempt = (level: Level, step: Step, context: StepContext, deadline: number | undefined) =>
        (containers.has(step.type) ? registry.run(step, context) : atWork(level.run, registry.run(step, context))).pipe(
          Effect.flatMap((output) => admit(level.run, context.path, output)),
          (effect) => {
            const timeout = timeoutOf(step)
            if (timeout === undefined) return effect
            const orElse = () => Effect.fail(timedOut(timeout))
            return deadline === undefined
              ? Effect.timeoutOrElse(effect, { duration: timeout, orElse })
              : until(level.run, context.path, deadline, effect, orElse)
          },
          Effect.catchDefect((defect) =>
            Effect.andThen(
              Effect.logError("A step ended with a defect", level.run.redactor.text(Cause.pretty(Cause.die(defect)))),
              Effect.fail(new StepFailure({ code: "internal", message: "The step failed unexpectedly" }))
            )
          )
        )

      /** How long to wait before the next attempt, in milliseconds; none: there is no next one. */
      const backOff = Effect.fnUntraced(function*({ retry }: Step, attempts: number, failure: StepFailure) {
        if (retry === undefined || attempts >= retry.attempts) return Option.none<number>()
        if (!isRetried(failure, retry.on ?? retryDefaults.on)) return Option.none<number>()
        return Option.some(retryDelay(
          {
            backoff: retry.backoff ?? retryDefaults.backoff,
            delayMillis: retry.delay === undefined ? retryDefaults.delayMillis : Duration.toMillis(retry.delay),
            maxDelayMillis: retry.maxDelay === undefined
              ? retryDefaults.maxDelayMillis
              : Duration.toMillis(retry.maxDelay),
            jitter: retry.jitter ?? retryDefaults.jitter
          },
          attempts,
          yield* Random.next,
          failure.retryAfterMillis
        ))
      })

      const perform = Effect.fnUntraced(function*(level: Level, step: Step, runSteps: RunSteps) {
        const { run } = level
        const path = pathOf(level, step.id)
        const known = run.waits.get(path)
        const startedAt = known?.step.startedAt ?? (yield* Timestamp.now)
        let taken: number | undefined
        let deadline: number | undefined
        let { since } = level
        /** It was parked in the middle of this attempt: its log has told so far. */
        let goesOn = run.wasParked && (known?.kind === "step" || known?.kind === "child" || run.hasBegun(path))
        let current: StepRecord = {
          id: step.id,
          ...(path === step.id ? {} : { path }),
          type: step.type,
          status: "running",
          attempts: known?.step.attempts ?? 1,
          startedAt,
          completedAt: null,
          durationMs: null,
          output: null,
          error: null
        }
        const log = (level: LogLevel, message: string, data?: Json) =>
          logStep(run, step.id, current.attempts, level, message, data)
        const settle = (outcome: Partial<StepRecord>) =>
          Effect.map(Timestamp.now, (completedAt) => {
            const durationMs = Timestamp.toMillis(completedAt) - Timestamp.toMillis(startedAt)
            current = run.setStep(path, { ...current, ...outcome, completedAt, durationMs }, completedAt)
            run.waits.delete(path)
            return current
          })

        /** Leaves the steps at work while it waits; answers the payload of the signal that came. */
        const pause = (kind: WaitRecord["kind"], until: number, more: WaitFor = {}) => {
          const step = {
            ...current,
            status: "waiting" as const,
            ...(kind === "step" && more.signal !== undefined ? { signal: run.redactor.text(more.signal) } : {})
          }
          return show(step).pipe(
            Effect.andThen(waits.wait(run, { path, kind, step, until, deadline, ...more })),
            Effect.tap(() => show(current)),
            Effect.map(Option.map(({ number, payload }) => {
              taken = number
              return payload
            }))
          )
        }
        const show = (step: StepRecord) => Effect.map(Timestamp.now, (now) => run.setStep(path, step, now))

        const childWait = (): ChildWait => ({
          begin: (child, until) =>
            waits.begin(run, { path, kind: "child", step: { ...current, status: "waiting" }, until, deadline, child }),
          wait: (child, until) =>
            Effect.asVoid(resting(run, pause("child", until, { child, signal: endSignal(child) })))
        })

        const attempts = Effect.gen(function*() {
          const input = yield* inputFor(expressions, level, step)
          const scope = scopeOf(level, input)
          // A step that waits since an earlier life of the run has had its turn.
          if (step.when !== undefined && known === undefined && !(yield* expressions.test(step.when, scope))) {
            yield* log("info", "Step skipped: its condition does not hold")
            return yield* settle({ status: "skipped", attempts: 0 })
          }
          if (known?.kind === "retry") {
            yield* pause("retry", known.until)
            since = known.until
            current = { ...current, attempts: current.attempts + 1 }
          } else if (known?.deadline !== undefined && current.attempts > 1) {
            since = known.deadline - (timeoutOf(step) ?? 0)
          }
          while (true) {
            run.setStep(path, current, startedAt)
            deadline = yield* deadlineFor(run, path, step, current)
            if (!goesOn) yield* log("info", "Step started")
            const outcome = yield* Effect.result(attempt(level, step, {
              executionId: run.snapshot.executionId,
              path,
              attempt: current.attempts,
              input,
              scope,
              redact: run.redactor.text,
              log: goesOn && waiters.has(step.type) ? () => Effect.void : log,
              wait: (until, signal) => resting(run, pause("step", until, signal === undefined ? {} : { signal })),
              startChild: (request) => childRuns.leave(run, path, request),
              runChild: (request) => childRuns.await(run, path, request, childWait()),
              hasBegun: (branch) => run.hasBegun(`${path}${branch}.`),
              runSteps: runSteps(level, path, since)
            }, deadline))
            if (Result.isSuccess(outcome)) {
              const settled = yield* settle({ status: "completed", output: outcome.success })
              yield* log("info", "Step completed", { durationMs: settled.durationMs })
              return settled
            }
            const failure = outcome.failure
            if (failure._tag === "StorageError") return yield* failure
            const { code, message } = run.told(toStepError(failure))
            yield* log("error", "Step failed", { code, message })
            const delay = yield* backOff(step, current.attempts, failure)
            if (Option.isNone(delay)) return yield* failure
            deadline = undefined
            goesOn = false
            yield* pause("retry", (yield* Clock.currentTimeMillis) + delay.value)
            since = yield* Clock.currentTimeMillis
            current = { ...current, attempts: current.attempts + 1 }
          }
        })

        return yield* attempts.pipe(
          Effect.catchTag(
            "StepFailure",
            (failure) => settle({ status: "failed", output: substitute(step), error: toStepError(failure) })
          ),
          Effect.onInterrupt(() =>
            run.goesOn ? Effect.void : Effect.andThen(settle({ status: "cancelled" }), log("warn", "Step cancelled"))
          ),
          Effect.tap((settled) =>
            journal.record(run.snapshot.executionId, {
              path,
              step: settled,
              logs: run.takeUnrecordedLogs(),
              ...(taken === undefined ? {} : { signal: taken })
            })
          )
        )
      })

      /** When the timeout of a step is over that may wait for longer than the run stays in memory. */
      const deadlineFor = Effect.fnUntraced(function*(run: Run, path: string, step: Step, current: StepRecord) {
        const timeout = timeoutOf(step)
        const isContainer = containers.has(step.type)
        if (timeout === undefined || !(isContainer || waiters.has(step.type))) return undefined
        const until = (yield* Clock.currentTimeMillis) + timeout
        return yield* waits.deadline(run, { path, kind: "step", step: current, until }, isContainer)
      })

      return StepRunner.of({
        run: Effect.fnUntraced(function*(level, step, runSteps) {
          const known = level.run.finishedStep(pathOf(level, step.id))
          const settled = known === undefined || (isFatal(step, known) && isBefore(known, level.since))
            ? yield* Effect.onError(perform(level, step, runSteps), (cause) =>
              Effect.sync(() => {
                // Before the steps beside it are interrupted: they are not to end.
                if (Cause.hasFails(cause) || Cause.hasDies(cause)) level.run.breaksOff = true
              }))
            : known
          if (isFatal(step, settled)) {
            return yield* new StepFailed({ stepId: step.id, error: settled.error ?? unknownError })
          }
        })
      })
    })
  )
}

/** What a step waits for besides a time. */
type WaitFor = Pick<Wait, "signal" | "child">

/** Whether the step fails what it is part of. */
const isFatal = (step: Step, { status }: StepRecord): boolean =>
  status === "failed" && (step.onError ?? "fail") === "fail"

const isBefore = ({ completedAt }: StepRecord, millis: number): boolean =>
  completedAt !== null && Timestamp.toMillis(completedAt) < millis

/** What the steps after a failed one get, when it lets them go on. */
const substitute = ({ onError }: Step): Json => typeof onError === "object" ? onError.output : null

const timeoutOf = (step: Step): number | undefined =>
  step.timeout === undefined
    ? callers.has(step.type) ? Limits.stepTimeoutDefaultMillis : undefined
    : Duration.toMillis(step.timeout)

const isRetried = (failure: StepFailure, kinds: ReadonlyArray<RetryKind>): boolean =>
  kinds.some((kind) => kind === "any" || kind === failure.code)

/** What undoes a step is never stopped by how much the others have put out. */
const admit = (run: Run, path: string, output: Json): Effect.Effect<Json, StepFailure> => {
  if (!hasFiniteNumbers(output)) {
    return Effect.fail(
      new StepFailure({ code: "invalid-output", message: "The output holds a number that is too large for JSON" })
    )
  }
  const bytes = jsonBytes(output)
  const tooLarge = bytes > Limits.stepOutputBytes
    ? `The output takes ${bytes} bytes as JSON, more than ${Limits.stepOutputBytes}`
    : run.outputSize + bytes > Limits.runOutputBytes && !isUndoPath(path)
    ? `The outputs of the execution take more than ${Limits.runOutputBytes} bytes together`
    : undefined
  if (tooLarge !== undefined) return Effect.fail(new StepFailure({ code: "output-too-large", message: tooLarge }))
  run.outputSize += bytes
  return Effect.succeed(output)
}

const logStep = (run: Run, stepId: StepId, attempt: number, level: LogLevel, message: string, data?: Json) =>
  Effect.flatMap(Timestamp.now, (timestamp) => {
    const entry = run.log({ timestamp, level, message, stepId, attempt, ...(data === undefined ? {} : { data }) })
    return Effect.logDebug(entry.message, { stepId, attempt, data: entry.data })
  })

const timedOut = (millis: number): StepFailure =>
  new StepFailure({ code: "timeout", message: `The step took longer than ${millis} ms` })

const toStepError = ({ code, details, message, stepId }: StepFailure): StepError => ({
  code,
  message,
  ...(stepId === undefined ? {} : { stepId }),
  ...(details === undefined ? {} : { details })
})

const unknownError: StepError = { code: "internal", message: "The step failed" }
