import { assert, describe, it } from "@effect/vitest"
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test"
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

  const stored = (object: DurableObjectStub) =>
    runInDurableObject(object, async (_, { storage }) => ({
      keys: [...storage.kv.list()].map(([key]) => key),
      alarm: await storage.getAlarm()
    }))

  it.effect("leaves nothing once its window is closed, and counts anew after that", () =>
    Effect.promise(async () => {
      const object = env.RATE_LIMITS.getByName("closed")
      const request = { tokens: 1, refillMillis: 1, limit: 5 }
      for (let round = 0; round < 2; round++) {
        const before = Date.now()
        const { count } = await object.fixedWindow(request)
        assert.strictEqual(count, 1)
        const { alarm, keys } = await stored(object)
        assert.deepStrictEqual(keys, ["window"])
        assert.isAtLeast(alarm ?? 0, before + 60_000)
        await new Promise((resolve) => setTimeout(resolve, 5))
        assert.isTrue(await runDurableObjectAlarm(object))
        assert.deepStrictEqual(await stored(object), { keys: [], alarm: null })
      }
    }))

  it.effect("keeps a window that is open when the alarm rings, until it is closed", () =>
    Effect.promise(async () => {
      const object = env.RATE_LIMITS.getByName("open")
      const request = { tokens: 1, refillMillis: 600_000, limit: 2 }
      const before = Date.now()
      await object.fixedWindow(request)
      assert.isTrue(await runDurableObjectAlarm(object))
      const { alarm, keys } = await stored(object)
      assert.deepStrictEqual(keys, ["window"])
      assert.isAtLeast(alarm ?? 0, before + 600_000)
      assert.strictEqual((await object.fixedWindow(request)).count, 2)
    }))

  it.effect("sets one alarm for many requests, also of windows that are short, and of several lives of the object", () =>
    Effect.promise(async () => {
      const alarms = await runInDurableObject(env.RATE_LIMITS.getByName("busy"), async (_, { storage }) => {
        let alarms = 0
        const watched = new Proxy(storage, {
          get: (target, name) => {
            if (name === "setAlarm") alarms++
            const member: unknown = Reflect.get(target, name, target)
            return typeof member === "function" ? member.bind(target) : member
          }
        })
        let counter = RateLimitCounter.make(watched)
        for (let count = 0; count < 20; count++) {
          if (count % 4 === 0) counter = RateLimitCounter.make(watched)
          await counter.fixedWindow({ tokens: 1, refillMillis: 1, limit: 100 })
          if (count % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
        }
        return alarms
      })
      assert.strictEqual(alarms, 1)
    }))

  it.effect("sees to an alarm also for what was stored without one", () =>
    Effect.promise(async () => {
      const object = env.RATE_LIMITS.getByName("older")
      await runInDurableObject(object, async (_, { storage }) => {
        storage.kv.put("window", { count: 1, expiresAt: Date.now() - 1 })
        await RateLimitCounter.make(storage).fixedWindow({ tokens: 1, refillMillis: 1, limit: 5 })
      })
      const { alarm, keys } = await stored(object)
      assert.deepStrictEqual(keys, ["window"])
      assert.isNotNull(alarm)
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
