import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { StorageError } from "../../src/domain/Errors.ts"
import { workflow } from "./fixtures.ts"
import { jsonOf, operatorKey, problemOf, serve } from "./harness.ts"

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

describe("request id", () => {
  for (const given of ["a", "x".repeat(128), "!~", "request-1"]) {
    it(`keeps the caller's of ${given.length} characters`, async () => {
      const { fetch, logs } = serve()
      const response = await fetch("/nothing", { headers: { "x-request-id": given } })
      assert.strictEqual(response.headers.get("x-request-id"), given)
      assert.strictEqual((await problemOf(response)).requestId, given)
      assert.deepStrictEqual(logs.map(({ annotations }) => Object(annotations).requestId), [given])
    })
  }

  for (const given of ["", "x".repeat(129), "a b", "\u00e9", "a\tb"]) {
    it(`gives a new one instead of ${JSON.stringify(given.slice(0, 10))}`, async () => {
      const { fetch } = serve()
      const response = await fetch("/health", { headers: { "x-request-id": given } })
      assert.match(response.headers.get("x-request-id") ?? "", uuid)
    })
  }

  it("is another one for each request", async () => {
    const { fetch } = serve()
    const [first, second] = await Promise.all([fetch("/health"), fetch("/health")])
    assert.notStrictEqual(first.headers.get("x-request-id"), second.headers.get("x-request-id"))
  })
})

describe("every answer", () => {
  for (const path of ["/health", "/openapi.json", "/docs", "/errors", "/nothing", "/api/workflows"]) {
    it(`${path} is neither cached nor sniffed`, async () => {
      const response = await serve().fetch(path)
      assert.strictEqual(response.headers.get("x-content-type-options"), "nosniff")
      assert.strictEqual(response.headers.get("cache-control"), "no-store")
    })
  }

  it("is one line in the log, without query, key or body", async () => {
    const { logs, send, time } = serve({
      workflows: {
        create: () =>
          Effect.sync(() => {
            time.now += 12
            return workflow
          })
      }
    })
    await send("POST", "/api/workflows?secret=1", { tenantId: "secret" })
    assert.lengthOf(logs, 1)
    const { level, annotations } = logs[0] ?? {}
    assert.strictEqual(level, "INFO")
    const { requestId, ...facts } = Object(annotations)
    assert.match(requestId, uuid)
    assert.deepStrictEqual(facts, {
      method: "POST",
      path: "/api/workflows",
      status: 400,
      durationMs: 0,
      keyId: "operator1"
    })
    assert.notInclude(JSON.stringify(logs), "secret")
  })

  it("says in the log how long it took", async () => {
    const { fetch, logs, time } = serve({
      workflows: {
        get: () =>
          Effect.sync(() => {
            time.now += 12
            return workflow
          })
      }
    })
    await fetch("/api/workflows/1")
    assert.strictEqual(Object(logs[0]?.["annotations"]).durationMs, 12)
  })
})

describe("unknown path", () => {
  for (
    const path of [
      "/",
      "/nothing",
      "/api",
      "/api/workflows/1/2",
      "/api/workflows/1/versions/1/2",
      "/api/executions/1/nothing",
      "/api/workflows/%zz",
      "/%",
      `/api/workflows/${"x".repeat(101)}`
    ]
  ) {
    it(`404 for ${path.slice(0, 30)}`, async () => {
      const { fetch } = serve()
      for (const key of [null, operatorKey, "unknown-key"]) {
        const response = await fetch(path, { key })
        assert.strictEqual(response.status, 404)
        assert.strictEqual(response.headers.get("content-type"), "application/problem+json")
        assert.deepStrictEqual(await jsonOf(response), {
          type: "/errors#REQUEST-001",
          title: "Bad request",
          status: 404,
          detail: "There is nothing at this path",
          code: "REQUEST-001",
          requestId: response.headers.get("x-request-id")
        })
        assert.strictEqual(response.headers.has("ratelimit-limit"), key === operatorKey)
      }
    })
  }

  it("takes an id of 100 characters to the service", async () => {
    const { fetch } = serve({ workflows: { get: (_, id) => Effect.succeed({ ...workflow, id }) } })
    const id = "\u00fc".repeat(100)
    const response = await fetch(`/api/workflows/${encodeURIComponent(id)}`)
    assert.strictEqual((await jsonOf(response))["id"], id)
  })
})

describe("wrong method", () => {
  const cases = [
    ["PATCH", "/api/workflows", "POST, GET, HEAD"],
    ["DELETE", "/api/workflows?limit=1", "POST, GET, HEAD"],
    ["POST", "/api/workflows/1", "GET, PUT, DELETE, HEAD"],
    ["PUT", "/api/executions", "POST, GET, HEAD"],
    ["DELETE", "/api/executions/1", "GET, HEAD"],
    ["GET", "/api/executions/1/cancel", "POST"],
    ["HEAD", "/api/executions/1/cancel", "POST"],
    ["OPTIONS", "/api/executions/1/logs", "GET, HEAD"],
    ["PROPFIND", "/health", "GET, HEAD"],
    ["POST", "/openapi.json", "GET, HEAD"],
    ["POST", "/docs", "GET, HEAD"],
    ["PUT", "/errors", "GET, HEAD"]
  ] as const
  for (const [method, path, allow] of cases) {
    it(`405 for ${method} ${path}`, async () => {
      const response = await serve().fetch(path, { method, key: null })
      assert.strictEqual(response.status, 405)
      assert.strictEqual(response.headers.get("allow"), allow)
      if (method !== "HEAD") assert.strictEqual((await problemOf(response)).code, "REQUEST-001")
    })
  }

  it("HEAD is GET without the body", async () => {
    const { fetch } = serve({ workflows: { get: () => Effect.succeed(workflow) } })
    const response = await fetch("/api/workflows/1", { method: "HEAD" })
    assert.strictEqual(response.status, 200)
    assert.strictEqual(response.headers.get("etag"), "\"3\"")
    assert.strictEqual(await response.text(), "")
  })
})

describe("what was not foreseen", () => {
  const failures = {
    "a store that fails": Effect.fail(new StorageError({ operation: "find", cause: new Error("SELECT secret") })),
    "a defect": Effect.die(new Error("secret"))
  }
  for (const [name, failure] of Object.entries(failures)) {
    it(`${name} is 500, its cause only in the log`, async () => {
      const { fetch, logs } = serve({ workflows: { get: () => failure } })
      const response = await fetch("/api/workflows/1", { headers: { "x-request-id": "request-7" } })
      assert.strictEqual(response.status, 500)
      assert.strictEqual(response.headers.get("ratelimit-remaining"), "999")
      const text = await response.text()
      assert.notInclude(text, "secret")
      assert.strictEqual(JSON.parse(text).code, "INTERNAL-001")
      assert.strictEqual(JSON.parse(text).requestId, "request-7")
      const line = logs.find(({ level }) => level === "ERROR")
      assert.include(String(line?.["cause"]), "secret")
      assert.strictEqual(Object(line?.["annotations"]).requestId, "request-7")
    })
  }

  for (const path of ["/nothing", "/health", "/api/workflows"]) {
    it(`an authenticator that dies at ${path} is 500`, async () => {
      const { fetch } = serve({ authenticate: () => Effect.die(new Error("secret")) })
      const response = await fetch(path)
      assert.strictEqual(response.status, 500)
      assert.strictEqual((await problemOf(response)).code, "INTERNAL-001")
    })
  }

  it("an answer that does not fit its schema is 500", async () => {
    const { fetch } = serve({ workflows: { get: () => Effect.succeed({ ...workflow, version: 1.5 }) } })
    const response = await fetch("/api/workflows/1")
    assert.strictEqual(response.status, 500)
    assert.strictEqual((await problemOf(response)).code, "INTERNAL-001")
  })

  it("a caller who leaves interrupts the work and is 499 in the log", async () => {
    const begun = Deferred.makeUnsafe<void>()
    const ended = Deferred.makeUnsafe<void>()
    const { fetch, logs } = serve({
      workflows: {
        get: () =>
          Deferred.succeed(begun, undefined).pipe(
            Effect.andThen(Effect.never),
            Effect.onInterrupt(() => Deferred.succeed(ended, undefined))
          )
      }
    })
    const controller = new AbortController()
    const response = fetch("/api/workflows/1", { signal: controller.signal })
    await Effect.runPromise(Deferred.await(begun))
    controller.abort()
    await Effect.runPromise(Deferred.await(ended))
    assert.strictEqual((await response).status, 499)
    assert.deepStrictEqual(logs.map(({ annotations, level }) => [level, Object(annotations).status]), [["INFO", 499]])
  })
})
