import { Clock, Context, Deferred, Duration, Effect, FiberMap, Layer, Option, Semaphore } from "effect"
import type { Json } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import { isTerminal } from "../domain/Execution.ts"
import type { ExecutionProgress, WatchOptions } from "../domain/ExecutionProgress.ts"
import type { ExecutionState, Outcome, Snapshot } from "../domain/ExecutionState.ts"
import { untakenEnd } from "../domain/ExecutionState.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import { Limits } from "../domain/Limits.ts"
import type { LogEntry } from "../domain/LogEntry.ts"
import { expiryOf } from "../domain/Retention.ts"
import type { StepRecord } from "../domain/StepRecord.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { Alarm } from "../services/Alarm.ts"
import { ExecutionRepository } from "../services/ExecutionRepository.ts"
import type { StartOptions } from "../services/Executor.ts"
import type { JournalEntry } from "../services/Journal.ts"
import { Journal } from "../services/Journal.ts"
import { Onlookers } from "./Onlookers.ts"
import { Run } from "./Run.ts"
import { RunFiber } from "./RunFiber.ts"
import type { Active, Verdict } from "./Supervision.ts"
import { annotations, CancelRequested, makeActive, supervision } from "./Supervision.ts"
import { recordsOf } from "./TakenOver.ts"

/**
 * Runs executions in this process: a fiber each, over the journal. What the journal holds goes on after a crash, or when
 * its wait is over, as soon as `wake` is called; the alarm sees to that.
 */
export class LocalExecutor extends Context.Service<LocalExecutor, {
  /** None: it ran already, or was cancelled before it came here. */
  readonly start: (
    snapshot: Snapshot,
    options: StartOptions
  ) => Effect.Effect<Option.Option<ExecutionState>, StorageError>
  readonly state: (id: ExecutionId) => Effect.Effect<Option.Option<ExecutionState>, StorageError>
  readonly logs: (id: ExecutionId) => Effect.Effect<Option.Option<ReadonlyArray<LogEntry>>, StorageError>
  /** Waits for news of an execution. */
  readonly watch: (
    id: ExecutionId,
    options: WatchOptions
  ) => Effect.Effect<Option.Option<ExecutionProgress>, StorageError>
  /** `reason`: why, for the execution's log. */
  readonly cancel: (id: ExecutionId, reason?: string) => Effect.Effect<Option.Option<ExecutionState>, StorageError>
  /** Delivers a signal, also before a step waits for it; none: the execution is not here. */
  readonly signal: (
    id: ExecutionId,
    name: string,
    payload: Json
  ) => Effect.Effect<Option.Option<ExecutionState>, StorageError>
  /** Takes up every execution of the journal that has something to do, and stores the ends that are not stored yet. */
  readonly wake: Effect.Effect<void, StorageError>
  /** Waits until nothing runs here. */
  readonly idle: Effect.Effect<void>
}>()("atlasit/engine/LocalExecutor") {
  static readonly layer = Layer.effect(
    LocalExecutor,
    Effect.gen(function*() {
      const { drive, ringIn, store } = yield* RunFiber
      const journal = yield* Journal
      const alarm = yield* Alarm
      const repository = yield* ExecutionRepository
      const fibers = yield* FiberMap.make<ExecutionId, void, never>()
      const actives = new Map<ExecutionId, Active>()
      const onlookers = new Onlookers()
      // Before the fibers are interrupted: their runs go on in another process.
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          for (const { run } of actives.values()) run.breaksOff = true
        })
      )
      /** Held while an execution is looked up in the journal or put into it, so that none is ever run twice. */
      const mutex = yield* Semaphore.make(1)
      /** Cancelled before they came here: a start that is still under way must not run them. */
      const refused = new Map<ExecutionId, number>()
      const refuse = Effect.fnUntraced(function*(id: ExecutionId) {
        const now = yield* Clock.currentTimeMillis
        for (const [other, since] of refused) {
          if (now - since > Duration.toMillis(supervision.refusedFor)) refused.delete(other)
        }
        refused.set(id, now)
      })

      const forget = (active: Active) => () => {
        const id = active.run.snapshot.executionId
        if (actives.get(id) === active) actives.delete(id)
      }

      const admit = Effect.fnUntraced(function*(run: Run, verdict?: Verdict) {
        const active = yield* makeActive(run, verdict)
        run.onNews = () => onlookers.tell(run)
        actives.set(run.snapshot.executionId, active)
        run.onNews()
        return active
      })

      const launch = (active: Active) =>
        FiberMap.run(fibers, active.run.snapshot.executionId, drive(active, forget(active)))

      // Calls no other execution, which may be here as well and would wait for this to be over.
      const takeUp = Effect.fnUntraced(function*(entry: JournalEntry) {
        const run = Run.fromJournal(entry)
        if (run.end !== undefined) {
          const active = yield* admit(run)
          yield* Deferred.succeed(active.settled, undefined)
          return active
        }
        // Counted before the run is in memory: should that fail, the next look takes it up.
        const resumes = yield* journal.countResume(entry.snapshot.executionId)
        const timestamp = yield* Timestamp.now
        run.attempt = resumes + 1
        run.status = run.workingStatus
        if (!entry.parked) {
          run.log({ timestamp, level: "warn", message: "Execution taken up again", data: { resumes } })
        }
        const active = yield* admit(run, verdictOf(run, entry.cancelRequested, resumes))
        yield* launch(active)
        return active
      }, (effect, entry) => Effect.annotateLogs(effect, annotations(entry.snapshot)))

      /** In memory, or in the journal after a crash or while it waits: then it goes on. */
      const lookUp = (id: ExecutionId): Effect.Effect<Option.Option<Active>, StorageError> =>
        Effect.suspend(() => {
          const active = actives.get(id)
          if (active === undefined) return mutex.withPermit(lookUpAlone(id))
          return active.run.parking
            ? Effect.andThen(Deferred.await(active.settled), lookUp(id))
            : Effect.succeed(Option.some(active))
        })

      /** The run as it stands: looking at one that broke off doesn't take it up, that is left to the alarm. */
      const peek = Effect.fnUntraced(function*(id: ExecutionId) {
        const active = actives.get(id)
        if (active !== undefined) return Option.some(active.run)
        return Option.map(yield* journal.load(id), Run.fromJournal)
      })

      const lookUpAlone = Effect.fnUntraced(function*(id: ExecutionId) {
        const active = actives.get(id)
        if (active !== undefined) return Option.some(active)
        const entry = yield* journal.load(id)
        return Option.isNone(entry) ? Option.none() : Option.some(yield* takeUp(entry.value))
      })

      /** It ran already; or it was refused, and its row doesn't say so yet. */
      const mustNotRun = Effect.fnUntraced(function*({ createdAt, definition, executionId }: Snapshot) {
        const found = yield* repository.find(executionId, null)
        if (Option.isNone(found) || isTerminal(found.value.execution.status)) return true
        if (!refused.has(executionId)) return false
        const now = yield* Timestamp.now
        yield* repository.finish(executionId, untakenEnd(createdAt, now), expiryOf(definition, now))
        return true
      })

      const begin = Effect.fnUntraced(function*(snapshot: Snapshot, takenOver: ReadonlyArray<StepRecord>) {
        const known = yield* lookUpAlone(snapshot.executionId)
        if (Option.isSome(known) || refused.has(snapshot.executionId)) return known
        yield* ringIn(supervision.heartbeat)
        const records = recordsOf(snapshot, takenOver)
        yield* journal.create(snapshot, records)
        const active = yield* admit(Run.begin(snapshot, yield* Timestamp.now, records))
        yield* Effect.logInfo("Execution started", { trigger: snapshot.trigger })
        yield* launch(active)
        return Option.some(active)
      }, (effect, snapshot) => Effect.annotateLogs(effect, annotations(snapshot)))

      const start = Effect.fnUntraced(function*(snapshot: Snapshot, options: StartOptions) {
        if (options.recovery) {
          const known = yield* peek(snapshot.executionId)
          if (Option.isSome(known) && known.value.status === "waiting") return Option.some(known.value.state())
          if (Option.isNone(known) && (yield* mustNotRun(snapshot))) return Option.none()
        }
        const active = yield* mutex.withPermit(begin(snapshot, options.takenOver ?? []))
        if (Option.isNone(active)) return Option.none()
        if (options.waitMillis > 0) {
          yield* Effect.timeoutOption(Deferred.await(active.value.settled), options.waitMillis)
        }
        return Option.some(active.value.run.state())
      })

      const cancel = Effect.fnUntraced(function*(id: ExecutionId, reason?: string) {
        const found = yield* lookUp(id)
        if (Option.isNone(found)) {
          yield* refuse(id)
          return Option.none()
        }
        const active = found.value
        if (active.run.end === undefined) {
          // So that it isn't parked meanwhile.
          active.run.activity++
          yield* journal.requestCancel(id)
          const isFirst = active.run.outcome === undefined && !(yield* Deferred.isDone(active.cancel))
          if (isFirst && reason !== undefined) {
            active.run.log({ timestamp: yield* Timestamp.now, level: "warn", message: reason })
          }
          yield* Deferred.fail(active.cancel, new CancelRequested())
          yield* Effect.timeoutOption(Deferred.await(active.settled), Limits.cancelWaitMillis)
        }
        const state = active.run.state()
        return Option.some(
          isTerminal(state.status) ? state : { ...state, status: active.run.outcome?.status ?? "cancelled" }
        )
      })

      const signal = Effect.fnUntraced(function*(id: ExecutionId, name: string, payload: Json) {
        // Kept before the run is looked up: one that is taken up finds it, one that runs is told. Alone, so that none is
        // taken up in between.
        const sent = yield* mutex.withPermit(Effect.map(journal.signal(id, name, payload), (sent) => {
          const run = actives.get(id)?.run
          if (Option.isSome(sent)) run?.deliver(sent.value)
          return Option.as(sent, run)
        }))
        if (Option.isNone(sent)) return Option.none()
        // It may end at once: the signal was taken all the same.
        if (sent.value?.parking === false) return Option.some(sent.value.state())
        // After a crash before the run is taken up, the alarm sees to it.
        yield* ringIn(supervision.heartbeat)
        return Option.map(yield* lookUp(id), ({ run }) => run.state())
      })

      // Alone, since a start that comes in between needs the alarm.
      const restOrRing = Effect.gen(function*() {
        if (yield* journal.isEmpty) return yield* alarm.clear
        const now = yield* Clock.currentTimeMillis
        // What runs, and what could not be taken up just now.
        if ((yield* journal.due(now)).length > 0) yield* ringIn(supervision.heartbeat)
        const nextDue = yield* journal.nextDue
        if (Option.isSome(nextDue) && nextDue.value > now) yield* alarm.setNoLaterThan(nextDue.value)
      })

      // One that can't be taken up must not keep the others, nor the alarm, from going on.
      const wakeOne = (id: ExecutionId) => {
        const active = actives.get(id)
        return Effect.flatMap(active === undefined ? lookUp(id) : Effect.succeedSome(active), storeEnd).pipe(
          Effect.catchCause((cause) => Effect.logError("An execution could not be taken up", cause)),
          Effect.annotateLogs({ executionId: id })
        )
      }

      const storeEnd = (found: Option.Option<Active>) =>
        Option.isSome(found) && found.value.run.end !== undefined
          ? store(found.value, forget(found.value))
          : Effect.void

      const wake = Effect.gen(function*() {
        const due = yield* journal.due(yield* Clock.currentTimeMillis)
        yield* Effect.forEach(due, wakeOne, { concurrency: supervision.storesAtOnce, discard: true })
        yield* mutex.withPermit(restOrRing)
      })

      return LocalExecutor.of({
        start,
        state: (id) => Effect.map(peek(id), Option.map((run) => run.state())),
        logs: (id) => Effect.map(peek(id), Option.map((run) => run.logs())),
        watch: (id, options) => onlookers.watch(peek(id), id, options),
        cancel,
        signal,
        wake,
        idle: FiberMap.awaitEmpty(fibers)
      })
    })
  )
}

/** What a run comes to that is taken up: undefined when it goes on where it was. */
const verdictOf = (run: Run, isCancelled: boolean, resumes: number): Verdict | undefined =>
  resumes > supervision.maximumResumes
    ? { outcome: run.outcome ?? givenUp, isFinal: run.outcome !== undefined }
    : isCancelled
    ? { outcome: { status: "cancelled", error: null }, isFinal: false }
    : undefined

const givenUp: Outcome = {
  status: "failed",
  error: {
    code: "internal",
    message: `The execution broke off ${supervision.maximumResumes} times without finishing another step`
  }
}
