import { Duration, Effect, Layer, Schema } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { RateLimitNamespace } from "./Bindings.ts"
import { unsupported } from "./RateLimiterUnsupported.ts"
import { FixedWindowAnswer } from "./RateLimitRpc.ts"

/** Exact rate limits: a Durable Object counts for each key, and each request asks it. Fixed windows only. */
export const layer = Layer.effect(
  RateLimiter.RateLimiterStore,
  Effect.gen(function*() {
    const namespace = yield* RateLimitNamespace

    const fixedWindow: RateLimiter.RateLimiterStore["Service"]["fixedWindow"] = Effect.fnUntraced(
      function*({ key, limit, refillRate, tokens }) {
        const request = { tokens, refillMillis: Duration.toMillis(refillRate), limit: limit ?? null }
        const answer = yield* Effect.tryPromise(() => namespace.getByName(key).fixedWindow(request))
        const { count, ttlMillis } = yield* Schema.decodeUnknownEffect(FixedWindowAnswer)(answer)
        return [count, ttlMillis] as const
      },
      Effect.mapError((cause) =>
        new RateLimiter.RateLimiterError({
          reason: new RateLimiter.RateLimitStoreError({ message: "The rate limit object did not answer", cause })
        })
      )
    )

    return RateLimiter.RateLimiterStore.of({ ...unsupported, fixedWindow })
  })
)
