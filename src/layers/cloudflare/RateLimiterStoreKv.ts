import { Clock, Duration, Effect, Layer, Schema } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { Background } from "./Background.ts"
import { KeyValues } from "./Bindings.ts"
import { FixedWindow, isOpen, take } from "./FixedWindow.ts"
import { OpenWindows } from "./OpenWindows.ts"
import { unsupported } from "./RateLimiterUnsupported.ts"

/** A key's window in this isolate, and when it was last exchanged with KV. */
interface Counter {
  window: FixedWindow | undefined
  readAt: number
  /** When the write began that is under way. */
  writingSince: number | undefined
}

/** KV takes one write of a key in a second. */
const writeBehindMillis = 1_000
/** A write that has not ended by then has died with its request. */
const writeLostMillis = 30_000
/** KV keeps a value for at least so many seconds. */
const minimumTtlSeconds = 60

const WindowJson = Schema.fromJsonString(FixedWindow)
const keyOf = (key: string): string => `rate-limit:${key}`

/**
 * Approximate rate limits for little money: each isolate counts in memory, starts from what KV knows of a key, asks it
 * again once a window, and writes its own count at most once a second, after the answer. Isolates that count at the same
 * time see each other late or not at all, and a failing KV lets each count alone. Fixed windows only.
 */
export const layer = Layer.effect(
  RateLimiter.RateLimiterStore,
  Effect.gen(function*() {
    const kv = yield* KeyValues
    const counters = new OpenWindows<Counter>()

    const read = Effect.fnUntraced(
      function*(key: string) {
        const json = yield* Effect.tryPromise(() => kv.get(keyOf(key)))
        return json === null ? undefined : yield* Schema.decodeEffect(WindowJson)(json)
      },
      Effect.catch((error) => Effect.as(Effect.logWarning("A rate limit could not be read", error), undefined))
    )

    const write = Effect.fnUntraced(function*(key: string, counter: Counter) {
      yield* Effect.sleep(writeBehindMillis)
      const { window } = counter
      const now = yield* Clock.currentTimeMillis
      if (!isOpen(window, now)) return
      const expirationTtl = Math.max(minimumTtlSeconds, Math.ceil((window.expiresAt - now) / 1_000))
      const json = yield* Schema.encodeEffect(WindowJson)(window)
      yield* Effect.tryPromise(() => kv.put(keyOf(key), json, { expirationTtl }))
    }, (effect, _, counter) =>
      effect.pipe(
        Effect.catch((error) => Effect.logWarning("A rate limit could not be written", error)),
        Effect.ensuring(Effect.sync(() => counter.writingSince = undefined))
      ))

    const counterOf = Effect.fnUntraced(function*(key: string, windowMillis: number, now: number) {
      const known = counters.get(key)
      if (known !== undefined && (isOpen(known.window, now) || now - known.readAt < windowMillis)) return known
      const readBefore = known?.readAt
      const window = yield* read(key)
      // Another request may have read it in the meantime, and has counted since.
      const counter = counters.get(key)
      if (counter !== undefined && counter.readAt !== readBefore) return counter
      if (counter !== undefined) return Object.assign(counter, { window, readAt: now })
      const fresh: Counter = { window, readAt: now, writingSince: undefined }
      counters.add(key, fresh, now)
      return fresh
    })

    const fixedWindow: RateLimiter.RateLimiterStore["Service"]["fixedWindow"] = Effect.fnUntraced(
      function*({ key, limit, refillRate, tokens }) {
        const refillMillis = Duration.toMillis(refillRate)
        const counter = yield* counterOf(key, refillMillis * (limit ?? 1), yield* Clock.currentTimeMillis)
        const now = yield* Clock.currentTimeMillis
        const before = counter.window
        const { answer, next } = take(before, { tokens, refillMillis, limit: limit ?? null }, now)
        counter.window = next
        const isWriting = counter.writingSince !== undefined && now - counter.writingSince < writeLostMillis
        if (next.expiresAt !== before?.expiresAt && !isWriting) {
          counter.writingSince = now
          const background = yield* Background
          yield* background.run(write(key, counter))
        }
        return [answer.count, answer.ttlMillis] as const
      }
    )

    return RateLimiter.RateLimiterStore.of({ ...unsupported, fixedWindow })
  })
)
