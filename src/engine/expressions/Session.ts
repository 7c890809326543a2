import { Clock, Effect, Random, Result } from "effect"
import type { ExpressionFailure } from "./ExpressionFailure.ts"
import { fromThrown } from "./ExpressionFailure.ts"
import { Meter } from "./Meter.ts"
import { toTurns } from "./Turns.ts"
import type { Run } from "./Values.ts"

/** What the expressions of one evaluation share: their bounds hold for all of them together. */
export interface Session {
  readonly meter: Meter
  /** The time that they see, in milliseconds since 1970. */
  readonly now: number
  /** The next random number from 0 on, below 1. */
  readonly random: () => number
}

/** Runs a computation that evaluates expressions; `random`: it may ask for random numbers. */
export const inSession = Effect.fnUntraced(function*<A>(random: boolean, body: (session: Session) => Run<A>) {
  const now = yield* Clock.currentTimeMillis
  const next = random ? randomFrom(yield* Random.nextInt) : noRandom
  return yield* toTurns(caught(() => body({ meter: new Meter(), now, random: next })))
})

function* caught<A>(body: () => Run<A>): Run<Result.Result<A, ExpressionFailure>> {
  try {
    return Result.succeed(yield* body())
  } catch (thrown) {
    return Result.fail(fromThrown(thrown))
  }
}

const noRandom = () => 0

/** Random numbers from a seed: mulberry32. */
const randomFrom = (seed: number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
