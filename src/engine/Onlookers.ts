import { Clock, Deferred, Effect, Option } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import { isTerminal } from "../domain/Execution.ts"
import type { ExecutionProgress, WatchOptions } from "../domain/ExecutionProgress.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import type { Run } from "./Run.ts"

/** What happens within so short a time of the first news is told with it. */
const gatherMillis = 100

/** An onlooker who has seen how an execution stood looks again within this time, or not at all. */
const comesBackMillis = 30_000

/** Those who wait for news of executions of this process: also of one that is not in memory while it waits. */
export class Onlookers {
  private readonly waiting = new Map<ExecutionId, Set<Deferred.Deferred<void>>>()
  /** The runs that somebody has seen going on: they may end, and leave the memory, before the next look. */
  private readonly seen = new Map<ExecutionId, { readonly run: Run; readonly at: number }>()

  /** Tells everybody who waits for news of this run. */
  readonly tell = (run: Run): void => {
    const id = run.snapshot.executionId
    const known = this.seen.get(id)
    if (known !== undefined) this.seen.set(id, { ...known, run })
    const onlookers = this.waiting.get(id) ?? []
    // Before they are told: they may go on at once, and wait anew.
    this.waiting.delete(id)
    for (const onlooker of onlookers) Deferred.doneUnsafe(onlooker, Effect.void)
  }

  /** Looks at an execution until there is news, or the time is over; none: it is not here. */
  watch(
    look: Effect.Effect<Option.Option<Run>, StorageError>,
    id: ExecutionId,
    options: WatchOptions
  ): Effect.Effect<Option.Option<ExecutionProgress>, StorageError> {
    const lookOnce = (until: number): Effect.Effect<Option.Option<Run> | undefined, StorageError> =>
      Effect.acquireUseRelease(
        // Before the look, so that what happens meanwhile is not missed.
        Effect.sync(() => this.join(id)),
        (news) =>
          Effect.gen({ self: this }, function*() {
            const found = Option.orElse(yield* look, () => this.ended(id))
            const now = yield* Clock.currentTimeMillis
            this.remember(id, found, now)
            const left = until - now
            if (Option.isNone(found) || left <= 0) return found
            if (!hasNews(found.value, options)) {
              yield* Effect.timeoutOption(Deferred.await(news), left)
              return undefined
            }
            if (!isTerminal(found.value.status)) yield* Effect.sleep(Math.min(gatherMillis, left))
            return found
          }),
        (news) => Effect.sync(() => this.leave(id, news))
      )
    return Effect.gen({ self: this }, function*() {
      const until = (yield* Clock.currentTimeMillis) + options.waitMillis
      while (true) {
        const found = yield* lookOnce(until)
        if (found !== undefined) return Option.map(found, (run) => progressOf(run, options))
      }
    })
  }

  private ended(id: ExecutionId): Option.Option<Run> {
    const run = this.seen.get(id)?.run
    return run !== undefined && isTerminal(run.status) ? Option.some(run) : Option.none()
  }

  private remember(id: ExecutionId, found: Option.Option<Run>, now: number): void {
    this.seen.delete(id)
    for (const [other, { at }] of this.seen) if (now - at > comesBackMillis) this.seen.delete(other)
    if (Option.isSome(found) && !isTerminal(found.value.status)) this.seen.set(id, { run: found.value, at: now })
  }

  private join(id: ExecutionId): Deferred.Deferred<void> {
    const news = Deferred.makeUnsafe<void>()
    this.waiting.set(id, (this.waiting.get(id) ?? new Set()).add(news))
    return news
  }

  private leave(id: ExecutionId, news: Deferred.Deferred<void>): void {
    const onlookers = this.waiting.get(id)
    onlookers?.delete(news)
    if (onlookers?.size === 0) this.waiting.delete(id)
  }
}

const hasNews = (run: Run, { after, untilWaiting }: WatchOptions): boolean =>
  isTerminal(run.status) || (after !== null && run.logs().length > after) ||
  (untilWaiting && run.status === "waiting")

const progressOf = (run: Run, { after }: WatchOptions): ExecutionProgress => {
  const { length } = run.logs()
  const steps = run.snapshot.definition.steps
  return {
    status: run.status,
    logged: length,
    entries: run.logs().slice(after ?? length),
    steps: { finished: steps.filter(({ id }) => run.finishedStep(id) !== undefined).length, total: steps.length },
    end: isTerminal(run.status) ? run.state() : null
  }
}
