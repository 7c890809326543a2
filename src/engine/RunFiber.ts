import type { Cause } from "effect"
import { Clock, Context, Deferred, Duration, Effect, Layer, Result } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionEnd } from "../domain/ExecutionState.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { Alarm } from "../services/Alarm.ts"
import { ExecutionRepository } from "../services/ExecutionRepository.ts"
import { Journal } from "../services/Journal.ts"
import { Interpreter } from "./Interpreter.ts"
import { Results } from "./Results.ts"
import type { Run } from "./Run.ts"
import { endOf } from "./RunEnd.ts"
import type { Active } from "./Supervision.ts"
import { annotations, supervision } from "./Supervision.ts"

/** What the fiber of a run does: it interprets the run, and sees to what comes of it. */
export class RunFiber extends Context.Service<RunFiber, {
  /** Runs to the end, or to a crash; `forget` is called when the run is to leave the memory. */
  readonly drive: (active: Active, forget: () => void) => Effect.Effect<void>
  /** Ends a run and stores its end. */
  readonly finish: (active: Active, end: ExecutionEnd, forget: () => void) => Effect.Effect<void, StorageError>
  /** Stores an end that is in the journal; the alarm tries again what fails. */
  readonly store: (active: Active, forget: () => void) => Effect.Effect<void, StorageError>
  /** The alarm rings in so long, or earlier. */
  readonly ringIn: (delay: Duration.Duration) => Effect.Effect<void, StorageError>
}>()("atlasit/engine/RunFiber") {
  static readonly layer = Layer.effect(
    RunFiber,
    Effect.gen(function*() {
      const interpreter = yield* Interpreter
      const journal = yield* Journal
      const alarm = yield* Alarm
      const repository = yield* ExecutionRepository
      const results = yield* Results

      const ringIn = (delay: Duration.Duration) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => alarm.setNoLaterThan(now + Duration.toMillis(delay)))

      const store = (active: Active, forget: () => void) =>
        results.store(active.run).pipe(
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

      // Without its end in the journal a run has crashed: it leaves the memory, and the alarm takes it up again.
      const crashed = (cause: Cause.Cause<unknown>, forget: () => void) =>
        Effect.logWarning("A run broke off and will be taken up again", cause).pipe(
          Effect.tap(() => Effect.sync(forget)),
          Effect.andThen(ringIn(supervision.retryAfter)),
          Effect.catchCause((failure) => Effect.logError("The alarm could not be set", failure))
        )

      /** Tells lists of a run that takes longer. */
      const reportProgress = (run: Run) =>
        Effect.sleep(supervision.progressAfter).pipe(
          Effect.andThen(Timestamp.now),
          Effect.flatMap((now) => repository.progress(run.snapshot.executionId, "running", now)),
          Effect.catch((error) => Effect.logDebug("The progress of an execution was not stored", error)),
          Effect.andThen(Effect.never)
        )

      const drive = Effect.fnUntraced(function*(active: Active, forget: () => void) {
        const { run } = active
        yield* Effect.uninterruptibleMask((restore) =>
          restore(
            Effect.raceAllFirst([interpreter.run(run), Deferred.await(active.cancel), reportProgress(run)])
          ).pipe(
            Effect.exit,
            Effect.flatMap((exit) => Effect.map(Timestamp.now, (now) => endOf(exit, run, now))),
            Effect.flatMap(Result.match({
              onSuccess: (end) => finish(active, end, forget),
              onFailure: (cause) => crashed(cause, forget)
            })),
            Effect.catchCause((cause) => crashed(cause, forget)),
            Effect.ensuring(Deferred.succeed(active.settled, undefined))
          )
        )
      }, (effect, { run }) => Effect.annotateLogs(effect, annotations(run.snapshot)))

      return RunFiber.of({ drive, finish, store, ringIn })
    })
  )
}

const retryDelay = (failures: number): Duration.Duration =>
  Duration.min(Duration.times(supervision.retryAfter, 2 ** Math.min(failures, 10)), supervision.retryAtMost)
