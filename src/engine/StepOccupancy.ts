import { Clock, Effect } from "effect"
import type { Run } from "./Run.ts"

/** Ends a step at its deadline. */
export const until = <A, E, E2>(
  run: Run,
  path: string,
  deadline: number,
  effect: Effect.Effect<A, E>,
  orElse: () => Effect.Effect<A, E2>
): Effect.Effect<A, E | E2> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    run.deadlines.set(path, deadline)
    return Effect.timeoutOrElse(effect, { duration: Math.max(0, deadline - now), orElse }).pipe(
      Effect.ensuring(Effect.sync(() => run.deadlines.delete(path)))
    )
  })

/** Counts as a step at work. */
export const atWork = <A, E, R>(run: Run, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    run.working++
    run.activity++
    return Effect.ensuring(effect, Effect.sync(() => run.working--))
  })

/** Doesn't count as a step at work meanwhile. */
export const resting = <A, E, R>(run: Run, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    run.working--
    return Effect.ensuring(
      effect,
      Effect.sync(() => {
        run.working++
        run.activity++
      })
    )
  })
