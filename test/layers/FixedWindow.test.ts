import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import { RateLimiter } from "effect/persistence"
import { TestClock } from "effect/testing"
import type { FixedWindow } from "../../src/layers/cloudflare/FixedWindow.ts"
import { take } from "../../src/layers/cloudflare/FixedWindow.ts"

const Call = Schema.Struct({
  elapsed: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3_000 })),
  tokens: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 3 }))
})

describe("FixedWindow", () => {
  it.effect.prop(
    "counts as effect's store in memory does",
    [Schema.Array(Call), Schema.Literals([1, 5, 1_000]), Schema.Boolean],
    ([calls, limit, limited]) =>
      Effect.gen(function*() {
        const store = yield* RateLimiter.RateLimiterStore
        let window: FixedWindow | undefined
        let now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
        for (const { elapsed, tokens } of calls) {
          yield* TestClock.adjust(elapsed)
          now += elapsed
          const max = limited ? limit : undefined
          const expected = yield* store.fixedWindow({
            key: "key",
            tokens,
            refillRate: Duration.millis(500),
            limit: max
          })
          const { answer, next } = take(window, { tokens, refillMillis: 500, limit: max ?? null }, now)
          window = next
          assert.deepStrictEqual([answer.count, answer.ttlMillis], [...expected])
        }
      }).pipe(Effect.provide(RateLimiter.layerStoreMemory))
  )
})
