import { Schema } from "effect"

/** Takes tokens from a fixed window, in the terms of `RateLimiterStore.fixedWindow`; times in milliseconds. */
export const FixedWindowRequest = Schema.Struct({
  tokens: Schema.Finite,
  refillMillis: Schema.Finite,
  /** Null: count without a limit. */
  limit: Schema.NullOr(Schema.Finite)
})
export type FixedWindowRequest = typeof FixedWindowRequest.Type

/** The count after the tokens were taken, or that they would have made, and how long the window still lasts. */
export const FixedWindowAnswer = Schema.Struct({ count: Schema.Finite, ttlMillis: Schema.Finite })
export type FixedWindowAnswer = typeof FixedWindowAnswer.Type

/** What goes between the Worker and a rate limit object. */
export interface RateLimitRpc {
  fixedWindow(request: FixedWindowRequest): Promise<FixedWindowAnswer>
}
