import type { Cause } from "effect"
import { Clock, Context, Deferred, Duration, Effect, Layer, Result } from "effect"
import * as DefinitionDuration from "../domain/Duration.ts"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionEnd, Outcome } from "../domain/ExecutionState.ts"
import { Limits } from "../domain/Limits.ts"
import { isUndoPath } from "../domain/StepPath.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { Alarm } from "../services/Alarm.ts"
import { ExecutionRepository } from "../services/ExecutionRepository.ts"
import { Journal } from "../services/Journal.ts"
import { ChildRuns } from "./ChildRuns.ts"
import { Interpreter } from "./Interpreter.ts"
import { Results } from "./Results.ts"
import type { Run } from "./Run.ts"
import { endOf, endOfUnwinding, isParked, outcomeOf, unwoundEnd } from "./RunEnd.ts"
import { Slots } from "./Slots.ts"
import type { Active } from "./Supervision.ts"
import { annotations, Parked, RunTimedOut, supervision } from "./Supervision.ts"
import { Unlock } from "./Unlock.ts"
import { Unwinder } from "./Unwinder.ts"

/** What the fiber of a run does: it interprets the run, and sees to what comes of it. */
export class RunFiber extends Context.Service<RunFiber, {
  /** Runs to the end, to a wait, or to a crash; `forget` is called when the run is to leave the memory. */
  readonly drive: (active: Active, forget: () => void) => Effect.Effect<void>
  /** Stores an end that is in the journal; the alarm tries again what fails. */
  readonly store: (active: Active, forget: () => void) => Effect.Effect<void, StorageError>
  /** The alarm rings in so long, or earlier. */
  readonly ringIn: (delay: Duration.Duration) => Effect.Effect<void, StorageError>
}>()("atlasit/engine/RunFiber") {
  static readonly layer = Layer.effect(
    RunFiber,
    Effect.gen(function*() {
      const interpreter = yield* Interpreter
      const { unlock } = yield* Unlock
      const journal = yield* Journal
      const alarm = yield* Alarm
      const repository = yield* ExecutionRepository
      const results = yield* Results
      const unwinder = yield* Unwinder
      const slots = yield* Slots
      const { cancelLeft } = yield* ChildRuns

      const ringIn = (delay: Duration.Duration) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => alarm.setNoLaterThan(now + Duration.toMillis(delay)))

      const store = (active: Active, forget: () => void) =>
        results.store(active.run).pipe(
          Effect.andThen(slots.leave(active.run)),
          Effect.andThen(journal.remove(active.run.snapshot.executionId)),
          Effect.andThen(Effect.sync(forget)),
          Effect.catch((error) =>
            Effect.logWarning("The end of an execution could not be stored yet", error).pipe(
              Effect.andThen(Effect.suspend(() => ringIn(retryDelay(active.failedStores++))))
            )
          ),
          Effect.annotateLogs(annotations(active.run.snapshot))
        )

      const finish = Effect.fnUntraced(function*(active: Active, end: ExecutionEnd, forget: () => void) {
        const { run } = active
        run.logEnd({
          timestamp: end.completedAt,
          level: end.status === "failed" ? "error" : end.status === "cancelled" ? "warn" : "info",
          message: `Execution ${end.status}`,
          ...(end.error === null ? {} : { data: { code: end.error.code, message: end.error.message } })
        })
        yield* journal.end(run.snapshot.executionId, end, run.takeUnrecordedLogs())
        run.finish(end)
        yield* Effect.logInfo(`Execution ${end.status}`, { trigger: run.snapshot.trigger, code: end.error?.code })
        yield* store(active, forget)
      })

      // Before anything is undone. What fails here is done before the end leaves the journal.
      const stopChildren = (run: Run) =>
        Effect.catch(
          cancelLeft(run, (path) => !isUndoPath(path)),
          (error) => Effect.logWarning("The children of an execution could not be cancelled yet", error)
        )

      // The steps that wait are written down: nothing of the run is needed in memory until the first wait is over.
      const park = Effect.fnUntraced(function*({ run }: Active, until: number, forget: () => void) {
        const now = yield* Timestamp.now
        yield* journal.park(run.snapshot.executionId, until, run.takeUnrecordedLogs())
        run.status = run.parkedStatus
        run.onNews()
        // What comes from here on takes it up from the journal again.
        forget()
        yield* alarm.setNoLaterThan(until)
        yield* progress(run, run.isQueued ? "queued" : "waiting", now)
      })

      // Without its end in the journal a run has crashed: it leaves the memory, and the alarm takes it up again.
      const crashed = (cause: Cause.Cause<unknown>, forget: () => void) =>
        Effect.logWarning("A run broke off and will be taken up again", cause).pipe(
          Effect.tap(() => Effect.sync(forget)),
          Effect.andThen(ringIn(supervision.retryAfter)),
          Effect.catchCause((failure) => Effect.logError("The alarm could not be set", failure))
        )

      const progress = (run: Run, status: "running" | "waiting" | "queued", now: Timestamp.Timestamp) =>
        Effect.catch(
          repository.progress(run.snapshot.executionId, status, now),
          (error) => Effect.logDebug("The progress of an execution was not stored", error)
        )

      /** Tells lists of a run that takes longer, and ends one that only waits. */
      const watch = Effect.fnUntraced(function*(run: Run) {
        yield* Effect.sleep(supervision.progressAfter)
        let shownQueued = run.isQueued
        yield* progress(run, shownQueued ? "queued" : "running", yield* Timestamp.now)
        let seen: number | undefined
        while (true) {
          yield* Effect.sleep(supervision.parkCheck)
          if (shownQueued && !run.isQueued) {
            shownQueued = false
            yield* progress(run, "running", yield* Timestamp.now)
          }
          const idle = run.working === 0 && run.waiting.size > 0
          const until = earliest(run)
          const now = yield* Clock.currentTimeMillis
          const isLong = until - now > Duration.toMillis(supervision.parkCheck)
          if (idle && isLong && seen === run.activity) {
            run.parking = true
            return yield* new Parked({ until })
          }
          seen = idle ? run.activity : undefined
        }
      })

      const expire = (run: Run) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.sleep(Math.max(0, deadlineOf(run) - now))).pipe(
          Effect.andThen(Effect.fail(new RunTimedOut({ afterMillis: timeoutOf(run) })))
        )

      /** Runs the steps; answers how the run ended. */
      const goForward = (active: Active, restore: Restore) =>
        restore(Effect.raceAllFirst([
          // Its time begins with its slot.
          unlock(active.run).pipe(
            Effect.andThen(slots.enter(active.run)),
            Effect.andThen(Effect.raceFirst(interpreter.run(active.run), expire(active.run)))
          ),
          Deferred.await(active.cancel),
          watch(active.run)
        ])).pipe(
          Effect.exit,
          Effect.flatMap((exit) => Effect.map(Timestamp.now, (now) => endOf(exit, active.run, now)))
        )

      /** From here on the run undoes its steps, also after a crash; no cancel and no timeout cuts that short. */
      const turnBack = Effect.fnUntraced(function*(run: Run, outcome: Outcome) {
        yield* journal.unwind(run.snapshot.executionId, outcome)
        run.outcome = outcome
        const timestamp = yield* Timestamp.now
        const error = outcome.error === null ? {} : { code: outcome.error.code, message: outcome.error.message }
        run.log({
          timestamp,
          level: "warn",
          message: "Completed steps are undone",
          data: { because: outcome.status, ...error }
        })
      })

      /** Undoes the steps of a run that will have come to this; answers how it ended. */
      const goBack = (run: Run, outcome: Outcome, restore: Restore) =>
        restore(Effect.raceFirst(unwinder.unwind(run), watch(run))).pipe(
          Effect.exit,
          Effect.flatMap((exit) => Effect.map(Timestamp.now, (now) => endOfUnwinding(exit, run, outcome, now)))
        )

      const drive = Effect.fnUntraced(function*(active: Active, forget: () => void) {
        const { run, verdict } = active
        const travel = Effect.fnUntraced(function*(restore: Restore) {
          const known = run.outcome ?? verdict?.outcome
          if (known === undefined) {
            const ended = yield* goForward(active, restore)
            if (Result.isSuccess(ended)) yield* stopChildren(run)
            const outcome = Result.isSuccess(ended) ? outcomeOf(ended.success) : undefined
            if (outcome === undefined || !unwinder.hasWork(run)) return ended
            yield* turnBack(run, outcome)
            return yield* goBack(run, outcome, restore)
          }
          yield* stopChildren(run)
          if (verdict?.isFinal === true || (run.outcome === undefined && !unwinder.hasWork(run))) {
            return Result.succeed(unwoundEnd(run, known, yield* Timestamp.now))
          }
          // Without its secrets that is undone which needs none.
          yield* Effect.catchTag(
            unlock(run),
            "StepFailure",
            ({ message }) => Effect.logWarning("Steps are undone without secrets", message)
          )
          if (run.outcome === undefined) yield* turnBack(run, known)
          return yield* goBack(run, known, restore)
        })
        yield* Effect.uninterruptibleMask((restore) =>
          travel(restore).pipe(
            Effect.flatMap(Result.match({
              onSuccess: (end) => finish(active, end, forget),
              onFailure: (broken) => isParked(broken) ? park(active, broken.until, forget) : crashed(broken, forget)
            })),
            Effect.catchCause((cause) => crashed(cause, forget)),
            Effect.ensuring(Deferred.succeed(active.settled, undefined))
          )
        )
      }, (effect, { run }) => Effect.annotateLogs(effect, annotations(run.snapshot)))

      return RunFiber.of({ drive, store, ringIn })
    })
  )
}

/** Lets an effect be interrupted, where nothing else may be. */
type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

const retryDelay = (failures: number): Duration.Duration =>
  Duration.min(Duration.times(supervision.retryAfter, 2 ** Math.min(failures, 10)), supervision.retryAtMost)

const timeoutOf = (run: Run): number => {
  const timeout = run.snapshot.definition.settings?.timeout
  return timeout === undefined ? Limits.runTimeoutDefaultMillis : DefinitionDuration.toMillis(timeout)
}

const deadlineOf = (run: Run): number => Timestamp.toMillis(run.startedAt) + timeoutOf(run)

/** When the first wait or timeout of a run is over. One that undoes its steps may take as long as they take. */
const earliest = (run: Run): number => {
  let until = run.outcome === undefined && !run.isQueued ? deadlineOf(run) : Number.POSITIVE_INFINITY
  for (const millis of run.waiting.values()) until = Math.min(until, millis)
  for (const millis of run.deadlines.values()) until = Math.min(until, millis)
  return until
}
