import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { Limits } from "../../src/domain/Limits.ts"
import { workflow } from "./fixtures.ts"
import { operatorKey, problemOf, type Script, serve } from "./harness.ts"

const address = "203.0.113.7"

const start = (script: Script = {}) => {
  const service = serve({ workflows: { get: () => Effect.succeed(workflow) }, ...script })
  const ask = (key: string | null, from: string | null = address, path = "/api/workflows/1") =>
    service.fetch(path, { key, headers: from === null ? {} : { "cf-connecting-ip": from } })
  const fail = async (times: number, from: string | null = address, path?: string) => {
    for (let time = 0; time < times; time++) assert.notStrictEqual((await ask("wrong", from, path)).status, 429)
  }
  return { ...service, ask, fail }
}

describe("keys that are not valid", () => {
  it("are refused with 429 when there were too many from one address", async () => {
    const { ask, fail } = start()
    await fail(Limits.failedAuthentications)
    const refused = await ask("wrong")
    assert.strictEqual(refused.status, 429)
    assert.strictEqual(refused.headers.get("retry-after"), String(Limits.failedAuthenticationSeconds))
    assert.isNull(refused.headers.get("www-authenticate"))
    assert.isNull(refused.headers.get("ratelimit-limit"))
    const { code, detail } = await problemOf(refused)
    assert.strictEqual(code, "RATE-001")
    assert.strictEqual(detail, "Too many keys from this address were not valid, and neither is this one")
  })

  it("leave a valid key from the same address alone, and a request without one", async () => {
    const { ask, fail } = start()
    await fail(Limits.failedAuthentications)
    assert.strictEqual((await ask("wrong")).status, 429)
    assert.strictEqual((await ask(operatorKey)).status, 200)
    assert.strictEqual((await ask(null)).status, 401)
  })

  it("count for their own address alone: for all addresses of one IPv6 network", async () => {
    const { ask, fail } = start()
    await fail(Limits.failedAuthentications - 1, "2001:db8:1:2::1")
    await fail(1, "2001:db8:1:2:ffff::9")
    assert.strictEqual((await ask("wrong", "2001:db8:1:2::5")).status, 429)
    assert.strictEqual((await ask("wrong", "2001:db8:1:3::5")).status, 401)
    assert.strictEqual((await ask("wrong", "203.0.113.8")).status, 401)
  })

  it("count no more after the window", async () => {
    const { ask, fail, time } = start()
    await fail(Limits.failedAuthentications)
    time.now += Limits.failedAuthenticationSeconds * 1_000 - 1
    const refused = await ask("wrong")
    assert.strictEqual(refused.status, 429)
    assert.strictEqual(refused.headers.get("retry-after"), "1")
    time.now += 1
    assert.strictEqual((await ask("wrong")).status, 401)
  })

  for (const from of [null, "127.0.0.1", "::1", "unknown"]) {
    it(`do not count from ${from ?? "an address that the platform does not tell"}`, async () => {
      const { ask, fail } = start()
      await fail(2 * Limits.failedAuthentications, from)
      assert.strictEqual((await ask("wrong", from)).status, 401)
    })
  }

  for (const [path, status] of [["/health", 200], ["/nothing", 404]] as const) {
    it(`count at ${path}, too, which answers them ${status} all the same`, async () => {
      const { ask, fail } = start()
      await fail(Limits.failedAuthentications, address, path)
      const answer = await ask("wrong", address, path)
      assert.strictEqual(answer.status, status)
      assert.isNull(answer.headers.get("retry-after"))
      assert.strictEqual((await ask("wrong")).status, 429)
    })
  }

  it("are all that the limiter is asked about, besides the quota of valid keys", async () => {
    const asked: Array<unknown> = []
    const { ask } = start({
      limiter: ({ window, ...options }) => {
        asked.push({ ...options, seconds: Duration.toSeconds(window) })
        return Effect.die("counted no further")
      }
    })
    await ask(operatorKey)
    assert.lengthOf(asked, 1)
    await ask(null)
    assert.lengthOf(asked, 1)
    await ask("wrong")
    assert.deepStrictEqual(asked.slice(1), [{
      algorithm: "fixed-window",
      onExceeded: "fail",
      limit: Limits.failedAuthentications,
      key: `failed:${address}`,
      seconds: Limits.failedAuthenticationSeconds
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
    it(`are 401 when the limiter's store ${how}`, async () => {
      const { ask, logs } = start({ impatient: how === "hangs", limiter: () => limiter })
      const response = await ask("wrong")
      assert.strictEqual(response.status, 401)
      assert.strictEqual((await problemOf(response)).code, "AUTH-002")
      assert.deepStrictEqual(logs.map(({ level }) => level), ["WARN", "INFO"])
    })
  }
})
