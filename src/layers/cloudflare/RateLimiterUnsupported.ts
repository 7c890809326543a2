import { Effect } from "effect"
import type { RateLimiter } from "effect/persistence"

const die = () => Effect.die(new Error("Only fixed windows are supported here"))

/** The algorithms of a `RateLimiterStore` that this service doesn't use. */
export const unsupported = {
  tokenBucket: die,
  adaptiveConsume: die,
  adaptiveFeedback: die
} satisfies Partial<RateLimiter.RateLimiterStore["Service"]>
