import { Clock, Effect, Option } from "effect"
import type { EngineUnavailable } from "../domain/Errors.ts"
import type { ExecutionProgress } from "../domain/ExecutionProgress.ts"
import type { ExecutionState } from "../domain/ExecutionState.ts"
import type { ExecutionRef, Executor } from "./Executor.ts"

/** How a client waits for an execution. */
export interface Patience {
  /** At most so many milliseconds. */
  readonly waitMillis: number
  /** Is told what happens meanwhile; without it only the end is looked for. */
  readonly onProgress?: ((progress: ExecutionProgress) => Effect.Effect<void>) | undefined
}

/**
 * Looks on until an execution has ended, or the time is over; answers what it came to by then. None: it goes on, or the
 * engine does not have it. `untilWaiting`: until all its steps wait, too.
 */
export const lookOn = Effect.fnUntraced(function*(
  executor: Executor["Service"],
  ref: ExecutionRef,
  { onProgress, waitMillis }: Patience,
  untilWaiting: boolean
) {
  const until = (yield* Clock.currentTimeMillis) + waitMillis
  let after = onProgress === undefined ? null : 0
  while (true) {
    const left = until - (yield* Clock.currentTimeMillis)
    if (left <= 0) return Option.none<ExecutionState>()
    const found: Option.Option<ExecutionProgress> = yield* executor.watch(ref, {
      after,
      untilWaiting,
      waitMillis: left
    })
    if (Option.isNone(found)) return Option.none<ExecutionState>()
    const progress = found.value
    if (onProgress !== undefined && progress.entries.length > 0) yield* onProgress(progress)
    if (progress.end !== null) return Option.some(progress.end)
    if (untilWaiting && progress.status === "waiting") return Option.none<ExecutionState>()
    if (after !== null) after = progress.logged
  }
}) satisfies (
  executor: Executor["Service"],
  ref: ExecutionRef,
  patience: Patience,
  untilWaiting: boolean
) => Effect.Effect<Option.Option<ExecutionState>, EngineUnavailable>
