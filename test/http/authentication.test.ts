import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { StorageError } from "../../src/domain/Errors.ts"
import type { Principal } from "../../src/domain/Principal.ts"
import { workflow } from "./fixtures.ts"
import { operatorKey, problemOf, serve, tenantKey } from "./harness.ts"

const endpoints = [
  ["POST", "/api/workflows"],
  ["GET", "/api/workflows"],
  ["GET", "/api/workflows/1"],
  ["PUT", "/api/workflows/1"],
  ["DELETE", "/api/workflows/1"],
  ["POST", "/api/executions"],
  ["GET", "/api/executions"],
  ["GET", "/api/executions/1"],
  ["POST", "/api/executions/1/cancel"],
  ["GET", "/api/executions/1/logs"]
] as const

describe("without a valid key", () => {
  for (const [method, path] of endpoints) {
    it(`${method} ${path} is 401`, async () => {
      const { fetch, logs } = serve()
      for (const [key, code] of [[null, "AUTH-001"], ["unknown-key", "AUTH-002"]] as const) {
        const response = await fetch(path, { method, key })
        assert.strictEqual(response.status, 401)
        assert.strictEqual(response.headers.get("www-authenticate"), "Bearer")
        assert.strictEqual(response.headers.get("ratelimit-limit"), null)
        assert.strictEqual((await problemOf(response)).code, code)
      }
      assert.notInclude(JSON.stringify(logs), "unknown-key")
    })
  }
})

describe("the key", () => {
  const cases: ReadonlyArray<readonly [string, Record<string, string>, string]> = [
    ["as X-API-Key", { "x-api-key": operatorKey }, "operator1"],
    ["as a bearer token", { authorization: `Bearer ${tenantKey}` }, "tenant01"],
    ["after a scheme in any case and more spaces", { authorization: `bEARER   ${tenantKey}` }, "tenant01"],
    ["of X-API-Key before the token", { "x-api-key": operatorKey, authorization: `Bearer ${tenantKey}` }, "operator1"],
    ["as a token beside an empty X-API-Key", { "x-api-key": " ", authorization: `Bearer ${tenantKey}` }, "tenant01"],
    ["missing: no token after the scheme", { authorization: "Bearer " }, "AUTH-001"],
    ["missing: another scheme", { authorization: `Basic ${operatorKey}` }, "AUTH-001"],
    ["bad although the token is good", { "x-api-key": "no", authorization: `Bearer ${tenantKey}` }, "AUTH-002"],
    ["bad as a token", { authorization: "Bearer no" }, "AUTH-002"]
  ]
  for (const [name, headers, expected] of cases) {
    it(`${name}: ${expected}`, async () => {
      const seen: Array<Principal> = []
      const { fetch } = serve({
        workflows: {
          get: (principal) => {
            seen.push(principal)
            return Effect.succeed(workflow)
          }
        }
      })
      const response = await fetch("/api/workflows/1", { key: null, headers })
      assert.strictEqual(seen[0]?.keyId ?? (await problemOf(response)).code, expected)
    })
  }

  it("that is bad is looked up once", async () => {
    const { authentications, fetch } = serve()
    await fetch("/api/workflows", { key: "unknown-key" })
    assert.strictEqual(authentications(), 1)
  })

  it("of a tenant is told in the log by its id", async () => {
    const { fetch, logs } = serve({
      workflows: { get: () => Effect.as(Effect.logInfo("inside"), workflow) }
    })
    await fetch("/api/workflows/1", { key: tenantKey })
    assert.deepStrictEqual(
      logs.map(({ annotations, message }) => [message, Object(annotations).keyId, Object(annotations).tenantId]),
      [["inside", "tenant01", "tenant-a"], ["request", "tenant01", "tenant-a"]]
    )
    assert.notInclude(JSON.stringify(logs), tenantKey)
  })

  it("that can't be looked up is 500 where a key is needed, and as good as none elsewhere", async () => {
    const cause = new Error("D1_ERROR: SELECT digest FROM api_keys")
    const { fetch, logs } = serve({
      authenticate: () => Effect.fail(new StorageError({ operation: "keys.findByDigest", cause }))
    })
    const refused = await fetch("/api/workflows")
    assert.strictEqual(refused.status, 500)
    assert.notInclude(JSON.stringify(await problemOf(refused)), "digest")
    const health = await fetch("/health")
    assert.strictEqual(health.status, 200)
    assert.notProperty(await health.json(), "checks")
    assert.strictEqual((await fetch("/nothing")).status, 404)
    assert.deepStrictEqual(
      logs.map(({ level }) => level),
      ["ERROR", "INFO", "WARN", "INFO", "WARN", "INFO"]
    )
  })

  for (const path of ["/openapi.json", "/docs", "/errors", "/health"]) {
    it(`is not needed for ${path}`, async () => {
      assert.strictEqual((await serve().fetch(path, { key: null })).status, 200)
    })
  }
})
