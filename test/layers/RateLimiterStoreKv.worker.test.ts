import { assert, describe, it } from "@effect/vitest"
import { env } from "cloudflare:workers"
import { Duration, Effect, Layer } from "effect"
import { RateLimiter } from "effect/persistence"
import { TestClock } from "effect/testing"
import { Background, fromContext } from "../../src/layers/cloudflare/Background.ts"
import { KeyValues } from "../../src/layers/cloudflare/Bindings.ts"
import * as RateLimiterStoreKv from "../../src/layers/cloudflare/RateLimiterStoreKv.ts"

interface Calls {
  readonly gets: Array<string>
  readonly puts: Array<{ readonly key: string; readonly at: number; readonly json: string; readonly ttl: number }>
}

/** The real namespace, with its calls written down. */
const watch = (calls: Calls, at: () => number): KVNamespace =>
  new Proxy(env.KV, {
    get: (kv, method) => {
      if (method === "get") return (key: string) => (calls.gets.push(key), kv.get(key))
      if (method === "put") {
        return (key: string, json: string, options: { readonly expirationTtl: number }) => {
          calls.puts.push({ key, at: at(), json, ttl: options.expirationTtl })
          return kv.put(key, json, options)
        }
      }
      return Reflect.get(kv, method)
    }
  })

const settled = Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))

const request = (key: string) =>
  RateLimiter.RateLimiter.use((limiter) => limiter.consume({ window: "1 minute", limit: 100, key })).pipe(
    Effect.map(({ remaining }) => remaining)
  )

/** Runs as an isolate of its own would: with nothing in memory, over the same namespace. */
const isolate = (kv: KVNamespace) =>
  Effect.provide(
    RateLimiter.layer.pipe(
      Layer.provide(RateLimiterStoreKv.layer),
      Layer.provide(Layer.succeed(KeyValues, kv)),
      Layer.fresh
    )
  )

const scenario = (title: string, test: (kv: KVNamespace, calls: Calls) => Effect.Effect<void, unknown>) =>
  it.effect(title, () =>
    Effect.gen(function*() {
      const calls: Calls = { gets: [], puts: [] }
      const clock = yield* Effect.clockWith((clock) => Effect.succeed(clock))
      yield* test(watch(calls, () => clock.currentTimeMillisUnsafe()), calls)
    }))

describe("RateLimiterStore on KV", () => {
  scenario(
    "writes once for many requests, after a second, what was counted by then",
    (kv, calls) =>
      Effect.gen(function*() {
        yield* Effect.forEach(Array.from({ length: 30 }), () => request("burst"))
        yield* settled
        assert.deepStrictEqual(calls, { gets: ["rate-limit:burst"], puts: [] })
        yield* TestClock.adjust("1 second")
        yield* settled
        const [put] = calls.puts
        assert.deepStrictEqual(calls.puts.length, 1)
        assert.deepStrictEqual(JSON.parse(put?.json ?? ""), { count: 30, expiresAt: 18_000 })
        assert.strictEqual(put?.ttl, 60)
      }).pipe(isolate(kv))
  )

  scenario("writes a key at most once a second, and each key by itself", (kv, calls) =>
    Effect.gen(function*() {
      for (let round = 0; round < 50; round++) {
        yield* request("steady")
        yield* request("other")
        yield* TestClock.adjust("100 millis")
        yield* settled
      }
      for (const key of ["rate-limit:steady", "rate-limit:other"]) {
        const times = calls.puts.filter((put) => put.key === key).map((put) => put.at)
        const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
        assert.isAtLeast(times.length, 4)
        assert.isTrue(gaps.every((gap) => gap >= 1_000), `written at ${times.join(", ")}`)
      }
    }).pipe(isolate(kv)))

  scenario("reads a key once a window", (kv, calls) =>
    Effect.gen(function*() {
      for (let second = 0; second < 59; second++) {
        yield* request("sparse")
        yield* TestClock.adjust("1 second")
        yield* settled
      }
      assert.deepStrictEqual(calls.gets, ["rate-limit:sparse"])
      yield* TestClock.adjust("1 second")
      yield* request("sparse")
      assert.deepStrictEqual(calls.gets, ["rate-limit:sparse", "rate-limit:sparse"])
    }).pipe(isolate(kv)))

  scenario("goes on in another isolate from what was written", (kv) =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        yield* Effect.forEach(Array.from({ length: 40 }), () => request("shared"))
        yield* TestClock.adjust("1 second")
        yield* settled
      }).pipe(isolate(kv))
      assert.strictEqual(yield* request("shared").pipe(isolate(kv)), 59)
    }))

  scenario("counts alone when KV fails", (kv) =>
    Effect.gen(function*() {
      const broken = new Proxy(kv, { get: () => () => Promise.reject(new Error("KV is away")) })
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* request("alone"), 99)
        yield* TestClock.adjust("2 seconds")
        yield* settled
        assert.strictEqual(yield* request("alone"), 99)
        assert.strictEqual(yield* request("alone"), 98)
      }).pipe(isolate(broken))
    }))

  scenario("writes nothing of a window that has closed by then", (kv, calls) =>
    Effect.gen(function*() {
      yield* request("rare")
      yield* TestClock.adjust("1 second")
      yield* settled
      assert.deepStrictEqual(calls, { gets: ["rate-limit:rare"], puts: [] })
    }).pipe(isolate(kv)))

  scenario("leaves its writes to the request", (kv, calls) =>
    Effect.gen(function*() {
      const waits: Array<Promise<unknown>> = []
      const background = fromContext({ waitUntil: (promise) => waits.push(promise) })
      for (let count = 0; count < 3; count++) {
        yield* request("kept").pipe(Effect.provideService(Background, background))
      }
      assert.strictEqual(waits.length, 1)
      yield* settled
      yield* TestClock.adjust("1 second")
      yield* Effect.promise(() => Promise.all(waits))
      assert.strictEqual(calls.puts.length, 1)
    }).pipe(isolate(kv)))

  scenario("dies of an algorithm that it doesn't have", (kv) =>
    Effect.gen(function*() {
      const store = yield* RateLimiter.RateLimiterStore
      const options = { key: "key", tokens: 1, limit: 1, refillRate: Duration.seconds(1), allowOverflow: false }
      const exit = yield* Effect.exit(store.tokenBucket(options))
      assert.isTrue(exit._tag === "Failure" && exit.cause.reasons.every((reason) => reason._tag === "Die"))
    }).pipe(Effect.provide(Layer.provide(RateLimiterStoreKv.layer, Layer.succeed(KeyValues, kv)))))
})
