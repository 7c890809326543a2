import { Clock, Effect, Schema } from "effect"
import { FixedWindow, isOpen, take } from "./FixedWindow.ts"
import type { FixedWindowAnswer, RateLimitRpc } from "./RateLimitRpc.ts"
import { FixedWindowRequest } from "./RateLimitRpc.ts"

const storageKey = "window"

/**
 * Counts the requests of one key in a Durable Object: exactly, as an object does one thing at a time. The window is kept
 * in memory and in the storage, so that an eviction doesn't reset it; an answer doesn't wait until it is on disk.
 */
export const make = (storage: DurableObjectStorage): RateLimitRpc => {
  let window: FixedWindow | undefined
  let loaded = false

  const load = Effect.gen(function*() {
    if (loaded) return
    const stored = storage.kv.get(storageKey)
    if (stored !== undefined) window = yield* Schema.decodeUnknownEffect(FixedWindow)(stored)
    loaded = true
  })

  const fixedWindow = Effect.fn("RateLimitCounter.fixedWindow")(function*(input: unknown) {
    const request = yield* Schema.decodeUnknownEffect(FixedWindowRequest)(input)
    yield* load
    const now = yield* Clock.currentTimeMillis
    const before = isOpen(window, now) ? window : undefined
    const { answer, next } = take(before, request, now)
    window = next
    if (next.count !== before?.count && next.count > 0) {
      void storage.put(storageKey, next, { allowUnconfirmed: true })
    }
    return answer
  })

  return { fixedWindow: (request): Promise<FixedWindowAnswer> => Effect.runPromise(fixedWindow(request)) }
}
