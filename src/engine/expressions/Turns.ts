import { Effect, Result } from "effect"
import type { Run } from "./Values.ts"

/** Runs a computation to its end; whenever it yields, timers and requests of others get a turn before it goes on. */
export const toTurns = <A, E>(run: Run<Result.Result<A, E>>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const first = run.next()
    return first.done === true ? Effect.fromResult(first.value) : afterTurn(run)
  })

const afterTurn = <A, E>(run: Run<Result.Result<A, E>>): Effect.Effect<A, E> =>
  Effect.callback((resume) => {
    let timer = setTimeout(step, 0)
    function step() {
      const next = run.next()
      if (next.done === true) resume(Effect.fromResult(next.value))
      else timer = setTimeout(step, 0)
    }
    return Effect.sync(() => clearTimeout(timer))
  })
