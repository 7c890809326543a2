import type { Cause } from "effect"
import { Clock, Context, Deferred, Duration, Effect, FiberMap, Layer, Option, Result, Semaphore } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import { isTerminal, untaken } from "../domain/Execution.ts"
import type { ExecutionEnd, ExecutionState, Snapshot } from "../domain/ExecutionState.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import { Limits } from "../domain/Limits.ts"
import type { LogEntry } from "../domain/LogEntry.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { Alarm } from "../services/Alarm.ts"
import { ExecutionRepository } from "../services/ExecutionRepository.ts"
import type { StartOptions } from "../services/Executor.ts"
import type { JournalEntry } from "../services/Journal.ts"
import { Journal } from "../services/Journal.ts"
import { Interpreter } from "./Interpreter.ts"
import { Results } from "./Results.ts"
import { Run, startedEntry } from "./Run.ts"
import { CancelRequested, endOf } from "./RunEnd.ts"

/** How the executor looks after its runs. */
const supervision = {
  /** A run that goes on for longer is shown as `running` in lists. */
  progressAfter: Duration.seconds(1),
  /** While something runs, the alarm is never further away: after a crash it rings by then. */
  heartbeat: Duration.seconds(10),
  /** After a run that the journal broke off. */
  retryAfter: Duration.seconds(2),
  /** A run that is taken up so often without finishing one more step is given up. */
  maximumResumes: 20,
  /** Ends that are stored at the same time when the alarm rings. */
  storesAtOnce: 5
} as const

/** A run that is in memory. */
interface Active {
  readonly run: Run
  /** Fails to interrupt the run. */
  readonly cancel: Deferred.Deferred<never, CancelRequested>
  /** Done once the end was stored, or could not be. */
  readonly settled: Deferred.Deferred<void>
}

/**
 * Runs executions in this process: a fiber each, over the journal. What the journal holds goes on after a crash as soon
 * as `wake` is called; the alarm sees to that.
 */
export class LocalExecutor extends Context.Service<LocalExecutor, {
  /** None: it ran already, or was cancelled before it came here. */
  readonly start: (
    snapshot: Snapshot,
    options: StartOptions
  ) => Effect.Effect<Option.Option<ExecutionState>, StorageError>
  readonly state: (id: ExecutionId) => Effect.Effect<Option.Option<ExecutionState>, StorageError>
  readonly logs: (id: ExecutionId) => Effect.Effect<Option.Option<ReadonlyArray<LogEntry>>, StorageError>
  readonly cancel: (id: ExecutionId) => Effect.Effect<Option.Option<ExecutionState>, StorageError>
  /** Takes up every execution of the journal that is not running, and stores the ends that are not stored yet. */
  readonly wake: Effect.Effect<void, StorageError>
  /** Waits until nothing runs here. */
  readonly idle: Effect.Effect<void>
}>()("atlasit/engine/LocalExecutor") {
  static readonly layer = Layer.effect(
    LocalExecutor,
    Effect.gen(function*() {
      const interpreter = yield* Interpreter
      const journal = yield* Journal
      const alarm = yield* Alarm
      const repository = yield* ExecutionRepository
      const results = yield* Results
      const fibers = yield* FiberMap.make<ExecutionId, void, never>()
      const actives = new Map<ExecutionId, Active>()
      /** Held while an execution is looked up in the journal or put into it, so that none is ever run twice. */
      const mutex = yield* Semaphore.make(1)
      /** Cancelled before they came here: a start that is still under way must not run them. */
      const refused = new Set<ExecutionId>()

      const ringIn = (delay: Duration.Duration) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => alarm.setNoLaterThan(now + Duration.toMillis(delay)))

      const store = Effect.fnUntraced(function*(active: Active) {
        const { snapshot } = active.run
        yield* results.store(active.run)
        yield* journal.remove(snapshot.executionId)
        actives.delete(snapshot.executionId)
      })

      // The end is in the journal by now: until it is stored, the alarm tries again.
      const storeOrRetry = (active: Active) =>
        store(active).pipe(
          Effect.catch((error) =>
            Effect.logWarning("The end of an execution could not be stored yet", error).pipe(
              Effect.andThen(ringIn(supervision.retryAfter))
            )
          )
        )

      const finish = Effect.fnUntraced(function*(active: Active, end: ExecutionEnd) {
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
        yield* storeOrRetry(active)
      })

      // Without its end in the journal a run has crashed: it leaves the memory, and the alarm takes it up again.
      const crashed = (active: Active, cause: Cause.Cause<unknown>) =>
        Effect.logWarning("A run broke off and will be taken up again", cause).pipe(
          Effect.tap(() => Effect.sync(() => actives.delete(active.run.snapshot.executionId))),
          Effect.andThen(ringIn(supervision.retryAfter)),
          Effect.catchCause((failure) => Effect.logError("The alarm could not be set", failure))
        )

      const reportProgress = (run: Run) =>
        Effect.sleep(supervision.progressAfter).pipe(
          Effect.andThen(Timestamp.now),
          Effect.flatMap((now) => repository.progress(run.snapshot.executionId, "running", now)),
          Effect.catch((error) => Effect.logDebug("The progress of an execution was not stored", error)),
          Effect.andThen(Effect.never)
        )

      const drive = Effect.fnUntraced(function*(active: Active) {
        const { run } = active
        yield* Effect.uninterruptibleMask((restore) =>
          restore(
            Effect.raceAllFirst([interpreter.run(run), Deferred.await(active.cancel), reportProgress(run)])
          ).pipe(
            Effect.exit,
            Effect.flatMap((exit) => Effect.map(Timestamp.now, (now) => endOf(exit, run, now))),
            Effect.flatMap(Result.match({
              onSuccess: (end) => finish(active, end),
              onFailure: (cause) => crashed(active, cause)
            })),
            Effect.catchCause((cause) => crashed(active, cause)),
            Effect.ensuring(Deferred.succeed(active.settled, undefined))
          )
        )
      }, (effect, { run }) => Effect.annotateLogs(effect, annotations(run.snapshot)))

      const admit = Effect.fnUntraced(function*(run: Run) {
        const active: Active = {
          run,
          cancel: yield* Deferred.make<never, CancelRequested>(),
          settled: yield* Deferred.make<void>()
        }
        actives.set(run.snapshot.executionId, active)
        return active
      })

      const launch = (active: Active) => FiberMap.run(fibers, active.run.snapshot.executionId, drive(active))

      const takeUp = Effect.fnUntraced(function*(entry: JournalEntry) {
        const run = Run.fromJournal(entry)
        const active = yield* admit(run)
        if (run.end !== undefined) {
          yield* Deferred.succeed(active.settled, undefined)
          yield* storeOrRetry(active)
          return active
        }
        const resumes = yield* journal.countResume(entry.snapshot.executionId)
        run.log({
          timestamp: yield* Timestamp.now,
          level: "warn",
          message: "Execution taken up again",
          data: { resumes }
        })
        if (resumes > supervision.maximumResumes) {
          yield* finish(active, givenUp(run, yield* Timestamp.now))
          yield* Deferred.succeed(active.settled, undefined)
          return active
        }
        if (entry.cancelRequested) yield* Deferred.fail(active.cancel, new CancelRequested())
        yield* launch(active)
        return active
      }, (effect, entry) => Effect.annotateLogs(effect, annotations(entry.snapshot)))

      /** In memory, or in the journal after a crash: then it goes on. */
      const lookUp = (id: ExecutionId): Effect.Effect<Option.Option<Active>, StorageError> =>
        actives.has(id) ? Effect.sync(() => Option.fromUndefinedOr(actives.get(id))) : mutex.withPermit(lookUpAlone(id))

      const lookUpAlone = Effect.fnUntraced(function*(id: ExecutionId) {
        const active = actives.get(id)
        if (active !== undefined) return Option.some(active)
        const entry = yield* journal.load(id)
        return Option.isNone(entry) ? Option.none() : Option.some(yield* takeUp(entry.value))
      })

      /** It ran already; or it was refused, and its row doesn't say so yet. */
      const mustNotRun = Effect.fnUntraced(function*({ createdAt, executionId }: Snapshot) {
        const found = yield* repository.find(executionId, null)
        if (Option.isNone(found) || isTerminal(found.value.execution.status)) return true
        if (!refused.has(executionId)) return false
        const completedAt = yield* Timestamp.now
        yield* repository.finish(executionId, {
          status: "failed",
          outputs: null,
          error: untaken,
          startedAt: createdAt,
          completedAt
        })
        return true
      })

      const begin = Effect.fnUntraced(function*(snapshot: Snapshot) {
        const known = yield* lookUpAlone(snapshot.executionId)
        if (Option.isSome(known) || refused.has(snapshot.executionId)) return known
        yield* ringIn(supervision.heartbeat)
        yield* journal.create(snapshot)
        const now = yield* Timestamp.now
        const active = yield* admit(new Run(snapshot, now))
        active.run.log(startedEntry(active.run))
        yield* Effect.logInfo("Execution started", { trigger: snapshot.trigger })
        yield* launch(active)
        return Option.some(active)
      }, (effect, snapshot) => Effect.annotateLogs(effect, annotations(snapshot)))

      const start = Effect.fnUntraced(function*(snapshot: Snapshot, options: StartOptions) {
        if (options.recovery) {
          const known = yield* lookUp(snapshot.executionId)
          if (Option.isNone(known) && (yield* mustNotRun(snapshot))) return Option.none()
        }
        const active = yield* mutex.withPermit(begin(snapshot))
        if (Option.isNone(active)) return Option.none()
        if (options.waitMillis > 0) {
          yield* Effect.timeoutOption(Deferred.await(active.value.settled), options.waitMillis)
        }
        return Option.some(active.value.run.state())
      })

      const cancel = Effect.fnUntraced(function*(id: ExecutionId) {
        const found = yield* lookUp(id)
        if (Option.isNone(found)) {
          refused.add(id)
          return Option.none()
        }
        const active = found.value
        if (active.run.end === undefined) {
          yield* journal.requestCancel(id)
          yield* Deferred.fail(active.cancel, new CancelRequested())
          yield* Effect.timeoutOption(Deferred.await(active.settled), Limits.cancelWaitMillis)
        }
        const state = active.run.state()
        return Option.some(isTerminal(state.status) ? state : { ...state, status: "cancelled" as const })
      })

      // Alone, since a start that comes in between needs the alarm.
      const restOrRing = Effect.gen(function*() {
        const left = yield* journal.ids
        yield* left.length === 0 ? alarm.clear : ringIn(supervision.heartbeat)
      })

      const wake = Effect.gen(function*() {
        yield* Effect.forEach(yield* journal.ids, (id) => {
          const active = actives.get(id)
          return active === undefined
            ? lookUp(id)
            : active.run.end === undefined
            ? Effect.void
            : storeOrRetry(active)
        }, { concurrency: supervision.storesAtOnce, discard: true })
        yield* mutex.withPermit(restOrRing)
      })

      return LocalExecutor.of({
        start,
        state: (id) => Effect.map(lookUp(id), Option.map(({ run }) => run.state())),
        logs: (id) => Effect.map(lookUp(id), Option.map(({ run }) => run.logs())),
        cancel,
        wake,
        idle: FiberMap.awaitEmpty(fibers)
      })
    })
  )
}

const annotations = ({ executionId, requestId, tenantId, workflowId }: Snapshot) => ({
  executionId,
  workflowId,
  tenantId,
  requestId
})

const givenUp = (run: Run, now: Timestamp.Timestamp): ExecutionEnd => ({
  status: "failed",
  outputs: null,
  error: {
    code: "internal",
    message: `The execution broke off ${supervision.maximumResumes} times without finishing another step`
  },
  startedAt: run.startedAt,
  completedAt: now
})
