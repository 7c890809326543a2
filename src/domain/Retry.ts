import { Schema } from "effect"
import { durationUpTo } from "./Duration.ts"
import { Limits } from "./Limits.ts"

/** The kinds of failure that may be tried again; `any` is all of them. */
export const RetryKind = Schema.Literals([
  "network",
  "timeout",
  "http-4xx",
  "http-429",
  "http-5xx",
  "unavailable",
  "mcp-error",
  "any"
])
export type RetryKind = typeof RetryKind.Type

/** What stands for members that are not set. */
export const retryDefaults = {
  backoff: "exponential",
  delayMillis: 1_000,
  maxDelayMillis: 300_000,
  jitter: true,
  on: ["network", "timeout", "http-429", "http-5xx", "unavailable"]
} as const

/** How a failed step is tried again. */
export const Retry = Schema.Struct({
  attempts: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Limits.stepAttempts })).annotateKey({
    description: "How often the step is tried in all",
    examples: [3]
  }),
  backoff: Schema.optionalKey(Schema.Literals(["exponential", "fixed"])).annotateKey({
    description: "How the delays grow; exponential: each is twice the one before",
    default: retryDefaults.backoff
  }),
  delay: Schema.optionalKey(durationUpTo(Limits.waitMaxMillis)).annotateKey({
    description: "How long to wait before the second attempt",
    default: retryDefaults.delayMillis,
    examples: ["2s"]
  }),
  maxDelay: Schema.optionalKey(durationUpTo(Limits.waitMaxMillis)).annotateKey({
    description: "No delay is longer, whatever the upstream's `Retry-After` says",
    default: retryDefaults.maxDelayMillis,
    examples: ["1m"]
  }),
  jitter: Schema.optionalKey(Schema.Boolean).annotateKey({
    description: "Takes a random part of up to half off each delay",
    default: retryDefaults.jitter
  }),
  on: Schema.optionalKey(Schema.Array(RetryKind).check(Schema.isMinLength(1), Schema.isMaxLength(8))).annotateKey({
    description: "Which failures are tried again",
    default: retryDefaults.on
  })
}).annotate({ identifier: "Retry", description: "How a failed step is tried again" })
export type Retry = typeof Retry.Type

/**
 * How many milliseconds to wait after attempt `attempt` (from 1 on). `random` is between 0 and 1; `retryAfterMillis` is
 * what the upstream asked for.
 */
export const retryDelay = (
  { backoff, delayMillis, jitter, maxDelayMillis }: {
    readonly backoff: "exponential" | "fixed"
    readonly delayMillis: number
    readonly maxDelayMillis: number
    readonly jitter: boolean
  },
  attempt: number,
  random: number,
  retryAfterMillis: number | undefined
): number => {
  if (retryAfterMillis !== undefined) return Math.min(retryAfterMillis, maxDelayMillis)
  const full = Math.min(
    backoff === "fixed" ? delayMillis : delayMillis * 2 ** Math.min(attempt - 1, 40),
    maxDelayMillis
  )
  return Math.round(jitter ? full * (1 - random / 2) : full)
}
