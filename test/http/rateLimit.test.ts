import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { workflow } from "./fixtures.ts"
import { problemOf, serve, tenantKey } from "./harness.ts"

const limits = (response: Response) =>
  ["limit", "remaining", "reset"].map((name) => response.headers.get(`ratelimit-${name}`))

describe("rate limit", () => {
  it("lets through as many as it says, then refuses", async () => {
    const { fetch } = serve({ maxRequests: 5, workflows: { get: () => Effect.succeed(workflow) } })
    for (const remaining of [4, 3, 2, 1, 0]) {
      const response = await fetch("/api/workflows/1")
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(limits(response).slice(0, 2), ["5", String(remaining)])
    }
    const refused = await fetch("/api/workflows/1")
    assert.strictEqual(refused.status, 429)
    assert.deepStrictEqual(limits(refused), ["5", "0", "60"])
    assert.strictEqual(refused.headers.get("retry-after"), "60")
    assert.strictEqual((await problemOf(refused)).code, "RATE-001")
  })

  it("counts each key by itself, and again after the window", async () => {
    const { fetch, time } = serve({ maxRequests: 1, workflows: { get: () => Effect.succeed(workflow) } })
    assert.strictEqual((await fetch("/api/workflows/1")).status, 200)
    assert.strictEqual((await fetch("/api/workflows/1")).status, 429)
    assert.strictEqual((await fetch("/api/workflows/1", { key: tenantKey })).status, 200)
    time.now += 59_999
    assert.strictEqual((await fetch("/api/workflows/1")).status, 429)
    time.now += 1
    assert.strictEqual((await fetch("/api/workflows/1")).status, 200)
  })

  it("rounds the seconds up", async () => {
    const { fetch, time } = serve({ maxRequests: 1, workflows: { get: () => Effect.succeed(workflow) } })
    await fetch("/api/workflows/1")
    time.now += 58_001
    const response = await fetch("/api/workflows/1")
    assert.strictEqual(response.headers.get("retry-after"), "2")
    assert.strictEqual(response.headers.get("ratelimit-reset"), "2")
  })

  const errors = [
    ["/nothing", {}, 404],
    ["/health", { method: "POST" }, 405],
    ["/api/workflows?limit=0", {}, 400],
    ["/api/workflows", { method: "POST" }, 400],
    ["/api/workflows", { method: "POST", body: "{}", headers: { "content-type": "text/plain" } }, 415],
    ["/api/workflows", {}, 500]
  ] as const
  for (const [path, init, status] of errors) {
    it(`is told on an answer with ${status} too`, async () => {
      const response = await serve({ maxRequests: 9 }).fetch(path, init)
      assert.strictEqual(response.status, status)
      assert.deepStrictEqual(limits(response), ["9", "8", "7"])
    })
  }

  it("is not asked for a caller without a valid key", async () => {
    let asked = 0
    const { fetch } = serve({
      limiter: () => {
        asked++
        return Effect.never
      }
    })
    for (const path of ["/health", "/api/workflows", "/nothing", "/docs"]) {
      for (const key of [null, "unknown-key"]) await fetch(path, { key })
    }
    assert.strictEqual(asked, 0)
  })

  it("is asked by the key's id for a fixed window", async () => {
    const asked: Array<unknown> = []
    const { fetch } = serve({
      maxRequests: 7,
      limiter: ({ window, ...options }) => {
        asked.push({ ...options, seconds: Duration.toSeconds(window) })
        return Effect.die("counted no further")
      }
    })
    await fetch("/api/workflows")
    assert.deepStrictEqual(asked, [{
      algorithm: "fixed-window",
      onExceeded: "fail",
      limit: 7,
      key: "operator1",
      seconds: 60
    }])
  })

  const failures = {
    fails: Effect.fail(
      new RateLimiter.RateLimiterError({ reason: new RateLimiter.RateLimitStoreError({ message: "down" }) })
    ),
    dies: Effect.die(new Error("down")),
    hangs: Effect.never
  }
  for (const [how, limiter] of Object.entries(failures)) {
    it(`lets the request pass when its store ${how}`, async () => {
      const { fetch, logs } = serve({
        maxRequests: 5,
        impatient: how === "hangs",
        limiter: () => limiter,
        workflows: { get: () => Effect.succeed(workflow) }
      })
      const response = await fetch("/api/workflows/1")
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(limits(response), ["5", "5", "60"])
      assert.deepStrictEqual(logs.map(({ level }) => level), ["WARN", "INFO"])
    })
  }
})
