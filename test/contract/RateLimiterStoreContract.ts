import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { RateLimiter } from "effect/persistence"

/** What every rate limiter store does. `pass` lets the time go by that the store sees. */
export const rateLimiterStoreContract = (
  name: string,
  store: Layer.Layer<RateLimiter.RateLimiterStore>,
  pass: (duration: Duration.Input) => Effect.Effect<void>
) =>
  describe(`RateLimiterStore on ${name}`, () => {
    const layer = RateLimiter.layer.pipe(Layer.provide(store))

    const consume = Effect.fnUntraced(function*(key: string, window: Duration.Input) {
      const limiter = yield* RateLimiter.RateLimiter
      return yield* limiter.consume({ algorithm: "fixed-window", onExceeded: "fail", window, limit: 5, key })
    })

    const refusal = Effect.fnUntraced(function*(key: string, window: Duration.Input) {
      const { reason } = yield* Effect.flip(consume(key, window))
      if (reason._tag !== "RateLimitExceeded") return assert.fail(`The store failed: ${reason.message}`)
      return Duration.toSeconds(reason.retryAfter)
    })

    it.effect("lets five requests a minute through and refuses the sixth, telling when to come back", () =>
      Effect.gen(function*() {
        const remaining = yield* Effect.forEach([1, 2, 3, 4, 5], () => consume("key", "1 minute"))
        assert.deepStrictEqual(remaining.map((result) => result.remaining), [4, 3, 2, 1, 0])
        const retryAfter = yield* refusal("key", "1 minute")
        assert.isAbove(retryAfter, 55)
        assert.isAtMost(retryAfter, 60)
        assert.isAtMost(yield* refusal("key", "1 minute"), retryAfter)
      }).pipe(Effect.provide(layer)))

    it.effect("counts each key by itself", () =>
      Effect.gen(function*() {
        yield* Effect.forEach([1, 2, 3, 4, 5], () => consume("one", "1 minute"))
        yield* refusal("one", "1 minute")
        assert.strictEqual((yield* consume("two", "1 minute")).remaining, 4)
      }).pipe(Effect.provide(layer)))

    it.effect("begins again after the window", () =>
      Effect.gen(function*() {
        yield* Effect.forEach([1, 2, 3, 4, 5], () => consume("again", "1 second"))
        yield* refusal("again", "1 second")
        yield* pass("1100 millis")
        assert.strictEqual((yield* consume("again", "1 second")).remaining, 4)
      }).pipe(Effect.provide(layer)))

    it.effect("lets no more than the limit through when requests come at the same time, window by window", () =>
      Effect.gen(function*() {
        for (let window = 0; window < 3; window++) {
          const results = yield* Effect.forEach(
            Array.from({ length: 12 }),
            () => Effect.isSuccess(consume("crowd", "1 second")),
            { concurrency: "unbounded" }
          )
          assert.strictEqual(results.filter((passed) => passed).length, 5)
          yield* pass("1100 millis")
        }
      }).pipe(Effect.provide(layer)))
  })
