import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import manifest from "../../package.json" with { type: "json" }
import { version } from "../../src/domain/Version.ts"
import { problems } from "../../src/http/api/Errors.ts"
import { jsonOf, operatorKey, serve } from "./harness.ts"

const ok = { status: "ok" as const, latencyMs: 1 }
const punctual = { ...ok, behind: 0, since: null }
const failed = { status: "failed" as const, latencyMs: 9 }

describe("health", () => {
  for (const key of [null, "unknown-key"]) {
    it(`tells only the overall status ${key === null ? "without a key" : "to an unknown key"}`, async () => {
      const response = await serve().fetch("/health", { key })
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(await response.json(), { status: "ok", version })
      assert.isFalse(response.headers.has("ratelimit-limit"))
    })
  }

  it("tells each dependency to a valid key, which it counts", async () => {
    const { fetch } = serve({ maxRequests: 1 })
    const response = await fetch("/health", { key: null, headers: { authorization: `Bearer ${operatorKey}` } })
    assert.deepStrictEqual((await jsonOf(response))["checks"], {
      database: { status: "ok", latencyMs: 1 },
      kv: { status: "ok", latencyMs: 2 },
      engine: { status: "ok", latencyMs: 3 },
      schedules: { status: "ok", latencyMs: 4, behind: 0, since: null }
    })
    assert.strictEqual(response.headers.get("ratelimit-remaining"), "0")
    assert.strictEqual((await fetch("/health")).status, 429)
    assert.strictEqual((await fetch("/health", { key: null })).status, 200)
  })

  it("is 503 when a dependency fails", async () => {
    const { fetch } = serve({
      health: Effect.succeed({
        status: "degraded",
        checks: { database: failed, kv: ok, engine: ok, schedules: punctual }
      })
    })
    const bare = await fetch("/health", { key: null })
    assert.strictEqual(bare.status, 503)
    assert.deepStrictEqual(await bare.json(), { status: "degraded", version })
    const full = await fetch("/health")
    assert.strictEqual(full.status, 503)
    assert.deepStrictEqual((await jsonOf(full))["checks"], {
      database: failed,
      kv: ok,
      engine: ok,
      schedules: punctual
    })
  })

  it("asks the dependencies once in 5 seconds", async () => {
    let asked = 0
    const { fetch, time } = serve({
      health: Effect.sync(() => {
        asked++
        return {
          status: asked === 1 ? "ok" as const : "degraded" as const,
          checks: { database: ok, kv: ok, engine: ok, schedules: punctual }
        }
      })
    })
    const status = async () => (await jsonOf(await fetch("/health", { key: null })))["status"]
    assert.strictEqual(await status(), "ok")
    time.now += 4_999
    assert.strictEqual(await status(), "ok")
    assert.strictEqual(asked, 1)
    time.now += 1
    assert.strictEqual(await status(), "degraded")
    assert.strictEqual(asked, 2)
  })

  it("answers with the report before while the next one is under way", async () => {
    let asked = 0
    const { fetch, time } = serve({
      health: Effect.suspend(() =>
        asked++ === 0
          ? Effect.succeed({ status: "ok" as const, checks: { database: ok, kv: ok, engine: ok, schedules: punctual } })
          : Effect.never
      )
    })
    await fetch("/health")
    time.now += 5_000
    const controller = new AbortController()
    const pending = fetch("/health", { signal: controller.signal })
    const others = await Promise.all(Array.from({ length: 20 }, () => fetch("/health", { key: null })))
    assert.deepStrictEqual([...new Set(others.map(({ status }) => status))], [200])
    assert.strictEqual(asked, 2)
    controller.abort()
    assert.strictEqual((await pending).status, 499)
  })
})

describe("OpenAPI document", () => {
  const document = async () => Object(await jsonOf(await serve().fetch("/openapi.json", { key: null })))

  it("is of the package's version, and the same each time", async () => {
    const { fetch } = serve()
    const [first, second] = await Promise.all([fetch("/openapi.json"), fetch("/openapi.json")])
    assert.strictEqual(first.headers.get("content-type"), "application/json")
    const text = await first.text()
    assert.strictEqual(await second.text(), text)
    assert.strictEqual(JSON.parse(text).info.version, manifest.version)
    assert.strictEqual(version, manifest.version)
  })

  it("describes every operation, parameter and answer", async () => {
    const { components, paths } = await document()
    const operations = Object.entries<Record<string, Record<string, unknown>>>(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ ...operation, id: `${method} ${path}` }))
    )
    assert.sameMembers(operations.map(({ id }) => id), [
      "post /api/workflows",
      "get /api/workflows",
      "get /api/workflows/{id}",
      "put /api/workflows/{id}",
      "delete /api/workflows/{id}",
      "post /api/workflows/validate",
      "get /api/workflows/{id}/versions",
      "get /api/workflows/{id}/versions/{version}",
      "post /api/workflows/{id}/versions/{version}/restore",
      "get /api/proposals",
      "get /api/proposals/{id}",
      "post /api/proposals/{id}/approve",
      "post /api/proposals/{id}/refuse",
      "get /api/workflows/{id}/schedules",
      "post /api/workflows/{id}/schedules/{number}/pause",
      "post /api/workflows/{id}/schedules/{number}/resume",
      "get /api/workflows/{id}/fires",
      "post /api/executions",
      "get /api/executions",
      "get /api/executions/{id}",
      "post /api/executions/{id}/cancel",
      "post /api/executions/{id}/retry",
      "post /api/executions/{id}/signals/{name}",
      "get /api/executions/{id}/logs",
      "put /api/secrets/{name}",
      "get /api/secrets",
      "get /api/secrets/{name}",
      "delete /api/secrets/{name}",
      "get /api/workflows/{id}/webhook",
      "post /api/workflows/{id}/webhook/rotate",
      "get /api/workflows/{id}/deliveries",
      "get /api/workflows/{id}/deliveries/{deliveryId}",
      "post /api/workflows/{id}/deliveries/{deliveryId}/redeliver",
      "post /hooks/{workflowId}",
      "post /hooks/{workflowId}/{token}",
      "post /api/keys",
      "get /api/keys",
      "get /api/keys/{id}",
      "delete /api/keys/{id}",
      "get /health"
    ])
    for (const operation of operations) {
      const { description, id, parameters, responses, security, summary } = Object(operation)
      assert.isString(summary, id)
      assert.isString(description, id)
      for (const parameter of parameters) assert.isString(parameter.schema.description, `${id} ${parameter.name}`)
      for (const [status, response] of Object.entries(responses)) {
        assert.isString(Object(response).description, `${id} ${status}`)
        assert.property(Object(response).headers, "X-Request-Id")
      }
      if (id.includes("/hooks/")) {
        assert.deepStrictEqual(security, [], id)
        assert.includeMembers(Object.keys(Object(operation).requestBody.content), ["application/json", "text/plain"])
        assert.includeMembers(Object.keys(responses), ["200", "202", "400", "404", "413", "415", "502", "503"])
        assert.notProperty(responses[202].headers, "RateLimit-Limit")
      } else if (id !== "get /health") {
        assert.deepStrictEqual(security, [{ apiKey: [] }, { bearer: [] }])
        assert.includeMembers(Object.keys(responses), ["400", "401", "429", "500"])
      }
    }
    assert.property(components.schemas, "Problem")
    assert.strictEqual(components.securitySchemes.apiKey.name, "X-API-Key")
  })

  it("names the answers of a change", async () => {
    const { responses } = (await document()).paths["/api/workflows/{id}"].put
    assert.deepStrictEqual(Object.keys(responses), [
      "200",
      "400",
      "401",
      "403",
      "404",
      "412",
      "413",
      "415",
      "429",
      "500"
    ])
    assert.property(responses[200].headers, "ETag")
    assert.deepStrictEqual(Object.keys(responses[412].content), ["application/problem+json"])
  })

  it("shows the plan that a valid definition is answered with", async () => {
    const { components, paths } = await document()
    const { requestBody, responses } = paths["/api/workflows/validate"].post
    assert.deepStrictEqual(Object.keys(responses), ["200", "400", "401", "403", "413", "415", "429", "500"])
    assert.isString(requestBody.content["application/json"].schema.description)
    assert.deepStrictEqual(components.schemas.ValidDefinition.properties.plan, {
      $ref: "#/components/schemas/ExecutionPlan"
    })
    const { properties } = components.schemas.PlanEntry
    for (const member of ["path", "waitsFor", "when", "children"]) assert.isString(properties[member].description)
  })

  it("says of each member what it means", async () => {
    const { components } = await document()
    const { onError, retry } = components.schemas.Step.anyOf[0].properties
    assert.strictEqual(onError.default, "fail")
    assert.strictEqual(retry.$ref, "#/components/schemas/Retry")
    assert.isString(retry.description)
  })
})

describe("pages", () => {
  it("/docs loads the script of the service, and nothing from elsewhere", async () => {
    const response = await serve().fetch("/docs", { key: null })
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/)
    assert.include(response.headers.get("content-security-policy") ?? "", "default-src 'self'")
    const html = await response.text()
    assert.include(html, "<script src=\"/docs/scalar.js\">")
    assert.include(html, "\"/openapi.json\"")
    assert.include(html, "withDefaultFonts: false")
    assert.notMatch(html, /https?:\/\//)
  })

  it("/errors explains each code at its anchor", async () => {
    const html = await (await serve().fetch("/errors", { key: null })).text()
    for (const [code, { title }] of Object.entries(problems)) {
      assert.include(html, `<section id="${code}">`)
      assert.include(html, title)
    }
  })
})
