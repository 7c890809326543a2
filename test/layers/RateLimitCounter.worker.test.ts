import { assert, describe, it } from "@effect/vitest"
import { runInDurableObject } from "cloudflare:test"
import { env } from "cloudflare:workers"
import { Effect } from "effect"
import * as RateLimitCounter from "../../src/layers/cloudflare/RateLimitCounter.ts"

describe("RateLimitCounter", () => {
  it.effect("goes on after the object was evicted", () =>
    Effect.promise(async () => {
      const object = env.RATE_LIMITS.getByName("evicted")
      const request = { tokens: 1, refillMillis: 12_000, limit: 2 }
      await object.fixedWindow(request)
      // What a new counter knows is what an object knows that has just been built again.
      const counts = await runInDurableObject(object, async (_, { storage }) => {
        const answers = []
        for (let life = 0; life < 3; life++) answers.push(await RateLimitCounter.make(storage).fixedWindow(request))
        return answers.map(({ count }) => count)
      })
      assert.deepStrictEqual(counts, [2, 3, 3])
    }))

  it.effect("refuses a request that it can't read", () =>
    Effect.promise(async () => {
      const message = await runInDurableObject(
        env.RATE_LIMITS.getByName("refusing"),
        (_, { storage }) =>
          RateLimitCounter.make(storage).fixedWindow({ tokens: NaN, refillMillis: 1, limit: 1 }).then(
            () => "answered",
            (error: unknown) => String(error)
          )
      )
      assert.include(message, "finite")
    }))
})
