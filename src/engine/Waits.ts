import { Clock, Context, Duration, Effect, Layer, Option } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import type { StepType } from "../domain/Step.ts"
import type { StepRecord } from "../domain/StepRecord.ts"
import type { Signal, WaitRecord } from "../services/Journal.ts"
import { Journal } from "../services/Journal.ts"
import type { Run } from "./Run.ts"

/** A wait for a time that ends sooner is not written down: after a crash it begins anew. */
const recordedFrom = Duration.seconds(1)

/** What a step waits for. */
export interface Wait {
  readonly path: string
  readonly kind: WaitRecord["kind"]
  readonly step: StepRecord
  /** In milliseconds since 1970. */
  readonly until: number
  readonly signal?: string
  /** When the attempt's own timeout is over. */
  readonly deadline?: number | undefined
  /** The execution that a wait of the kind `child` is for. */
  readonly child?: ExecutionId
}

/** Steps that may have started executions, whose ids hang on the number of the attempt: each retry is written down. */
const counted: ReadonlySet<string> = new Set<StepType>(["condition", "for-each", "workflow"])

/** Lets steps wait: for a time, or for a signal. What was written down of a wait before a crash holds after it. */
export class Waits extends Context.Service<Waits, {
  /** The signal that came, or none when the time was over first. */
  readonly wait: (run: Run, wait: Wait) => Effect.Effect<Option.Option<Signal>, StorageError>
  /** Writes down what a step is going to wait for, before it does what leads to the wait. */
  readonly begin: (run: Run, wait: Wait) => Effect.Effect<void, StorageError>
  /** When the attempt's timeout is over, if it began so long ago; written down for a step that does not wait itself. */
  readonly deadline: (run: Run, wait: Wait, isWritten: boolean) => Effect.Effect<number, StorageError>
}>()("atlasit/engine/Waits") {
  static readonly layer = Layer.effect(
    Waits,
    Effect.gen(function*() {
      const journal = yield* Journal

      /**
       * When the wait is over: as it was written down for the same attempt, if it was. One for a child may be over sooner,
       * and begins anew after that.
       */
      const settleUntil = Effect.fnUntraced(function*(run: Run, wait: Wait) {
        const { child, deadline, kind, path, signal, step, until } = wait
        const known = knownOf(run, wait)
        if (known !== undefined && kind !== "child") return known.until
        const now = yield* Clock.currentTimeMillis
        if (known !== undefined && known.until > now) return Math.min(known.until, until)
        const isRetry = kind === "retry" && counted.has(step.type)
        if (signal !== undefined || isRetry || until - now > Duration.toMillis(recordedFrom)) {
          const record = {
            path,
            kind,
            step,
            until,
            ...(deadline === undefined ? {} : { deadline }),
            ...(child === undefined ? {} : { child })
          }
          yield* journal.wait(run.snapshot.executionId, record)
          run.waits.set(path, record)
        }
        return until
      })

      const wait = Effect.fnUntraced(function*(run: Run, options: Wait) {
        const until = yield* settleUntil(run, options)
        const { path, signal } = options
        return yield* rest(run, path, until, signal)
      })

      const deadline = (run: Run, wait: Wait, isWritten: boolean) => {
        const record = run.waits.get(wait.path)
        // Also of an attempt that waits for a child.
        const known = record?.kind !== "retry" && record?.step.attempts === wait.step.attempts
          ? record?.deadline
          : undefined
        return known !== undefined
          ? Effect.succeed(known)
          : isWritten
          ? settleUntil(run, { ...wait, deadline: wait.until })
          : Effect.succeed(wait.until)
      }

      const begin = (run: Run, wait: Wait) => Effect.asVoid(settleUntil(run, wait))

      return Waits.of({ wait, begin, deadline })
    })
  )
}

/** Waits, with nothing written down; the run may be parked meanwhile. */
export const rest = (run: Run, path: string, until: number, signal?: string): Effect.Effect<Option.Option<Signal>> =>
  Effect.suspend(() => {
    run.waiting.set(path, until)
    const time = Effect.as(sleepUntil(until), Option.none<Signal>())
    return (signal === undefined ? time : Effect.raceFirst(signalOf(run, signal), time)).pipe(
      Effect.ensuring(Effect.sync(() => run.waiting.delete(path)))
    )
  })

const sleepUntil = (until: number) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.sleep(Math.max(0, until - now)))

/** What was written down of the same attempt. */
const knownOf = (run: Run, { child, kind, path, step }: Wait): WaitRecord | undefined => {
  const known = run.waits.get(path)
  return known?.kind === kind && known.step.attempts === step.attempts && known.child === child ? known : undefined
}

/** The next signal of this name, also one that is there already. */
const signalOf = (run: Run, name: string): Effect.Effect<Option.Option<Signal>> =>
  Effect.callback<Option.Option<Signal>>((resume) => {
    const take = () => {
      const signal = run.takeSignal(name)
      if (signal === undefined) return
      // The next signal is another step's.
      stop()
      resume(Effect.succeed(Option.some(signal)))
    }
    const stop = run.listen(name, take)
    take()
    return Effect.sync(stop)
  })
