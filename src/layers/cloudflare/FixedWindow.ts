import { Schema } from "effect"
import type { FixedWindowAnswer, FixedWindowRequest } from "./RateLimitRpc.ts"

/** The tokens taken of one key, until a time in milliseconds since 1970. */
export const FixedWindow = Schema.Struct({ count: Schema.Finite, expiresAt: Schema.Finite })
export type FixedWindow = typeof FixedWindow.Type

/** Whether this window still counts. */
export const isOpen = (window: FixedWindow | undefined, now: number): window is FixedWindow =>
  window !== undefined && window.expiresAt > now

/**
 * Takes tokens as effect's store in memory does: each one lengthens the window by its share, and one that would pass the
 * limit changes nothing (`next` is then the window as it was).
 */
export const take = (
  window: FixedWindow | undefined,
  { limit, refillMillis, tokens }: FixedWindowRequest,
  now: number
): { readonly next: FixedWindow; readonly answer: FixedWindowAnswer } => {
  const current = isOpen(window, now) ? window : { count: 0, expiresAt: now }
  const count = current.count + tokens
  if (limit !== null && count > limit) return { next: current, answer: { count, ttlMillis: current.expiresAt - now } }
  const next = { count, expiresAt: current.expiresAt + refillMillis * tokens }
  return { next, answer: { count, ttlMillis: next.expiresAt - now } }
}
