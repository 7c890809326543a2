import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { TenantId } from "../../src/domain/Ids.ts"
import { Limits } from "../../src/domain/Limits.ts"
import * as Client from "../../src/http/Client.ts"
import { issuePathsOf, jsonOf, operatorKey, problemOf } from "./harness.ts"
import { start, value } from "./secretsService.ts"

const codeOf = async (response: Response) => {
  const { code, status } = await problemOf(response)
  assert.strictEqual(response.status, status)
  return code
}

describe("PUT /api/secrets/:name", () => {
  it("creates with 201 and changes with 200, and tells all but the value", async () => {
    const { call, time } = await start()
    const created = await call("PUT", "/TOKEN", { value })
    const createdAt = new Date(time.now).toISOString()
    const secret = { name: "TOKEN", tenantId: "tenant-a", version: 1, createdAt, updatedAt: createdAt }
    assert.strictEqual(created.status, 201)
    assert.strictEqual(created.headers.get("location"), "/api/secrets/TOKEN?tenantId=tenant-a")
    assert.deepStrictEqual(await jsonOf(created), secret)

    time.now += 1_000
    const changed = await call("PUT", "/TOKEN", { value: "another one" })
    const second = { ...secret, version: 2, updatedAt: new Date(time.now).toISOString() }
    assert.strictEqual(changed.status, 200)
    assert.strictEqual(changed.headers.get("location"), null)
    assert.deepStrictEqual(await jsonOf(changed), second)
    assert.deepStrictEqual(await jsonOf(await call("GET", "/TOKEN")), second)
  })

  const values: ReadonlyArray<readonly [name: string, value: unknown]> = [
    ["no text", 1234],
    ["null", null],
    ["an empty text", ""],
    ["three characters", "abc"],
    ["three characters between spaces", "  abc\n"],
    ["too many bytes", "x".repeat(Limits.secretBytes + 1)],
    ["too many bytes in two for each character", "\u00e9".repeat(Limits.secretBytes / 2) + "x"],
    ["half a character", "abcd\ud800"]
  ]
  for (const [name, invalid] of values) {
    it(`refuses ${name}`, async () => {
      const { call } = await start()
      assert.deepStrictEqual(await issuePathsOf(await call("PUT", "/TOKEN", { value: invalid }), "SECRET-002"), [
        "value"
      ])
    })
  }
  for (
    const valid of [
      "abcd",
      "\ud83d\ude00\ud83d\ude00",
      "x".repeat(Limits.secretBytes),
      "\u00e9".repeat(Limits.secretBytes / 2)
    ]
  ) {
    it(`takes ${valid.length} characters`, async () => {
      const { call } = await start()
      assert.strictEqual((await call("PUT", "/TOKEN", { value: valid })).status, 201)
    })
  }

  it("refuses a body that is no secret", async () => {
    const { call } = await start()
    assert.deepStrictEqual(await issuePathsOf(await call("PUT", "/TOKEN", {}), "SECRET-002"), ["value"])
    assert.deepStrictEqual(await issuePathsOf(await call("PUT", "/TOKEN", { value, more: 1 }), "SECRET-002"), ["more"])
    assert.deepStrictEqual(await issuePathsOf(await call("PUT", "/TOKEN", { value, tenantId: "a b" }), "SECRET-002"), [
      "tenantId"
    ])
    assert.strictEqual(await codeOf(await call("PUT", "/TOKEN", `{"value":"${value}`)), "REQUEST-001")
    assert.deepStrictEqual(await issuePathsOf(await call("PUT", "/TOKEN?x=1", { value }), "REQUEST-001"), ["x"])
  })

  for (const name of ["1A", "a-b", "%20", "a%2Fb", "A".repeat(65)]) {
    it(`refuses the name ${name}`, async () => {
      const { call } = await start()
      assert.deepStrictEqual(await issuePathsOf(await call("PUT", `/${name}`, { value }), "SECRET-002"), ["name"])
    })
  }

  it("takes the tenant of an operator's key from the body or the query", async () => {
    const { call } = await start()
    const tenantId = "tenant-b"
    assert.strictEqual((await call("PUT", "/A", { value, tenantId }, operatorKey)).status, 201)
    assert.strictEqual((await call("PUT", `/A?tenantId=${tenantId}`, { value }, operatorKey)).status, 200)
    assert.strictEqual((await call("PUT", `/A?tenantId=${tenantId}`, { value, tenantId }, operatorKey)).status, 200)
    const differing = await call("PUT", "/A?tenantId=tenant-a", { value, tenantId }, operatorKey)
    assert.deepStrictEqual(await issuePathsOf(differing, "SECRET-002"), ["tenantId"])
    const none = await call("PUT", "/A", { value }, operatorKey)
    assert.deepStrictEqual(await issuePathsOf(none, "SECRET-002"), ["tenantId"])
  })

  it("is 409 SECRET-002 over the number of secrets of a tenant", async () => {
    const { call } = await start()
    for (let index = 0; index < Limits.secretsPerTenant; index++) {
      assert.strictEqual((await call("PUT", `/S${index}`, { value })).status, 201)
    }
    const refused = await call("PUT", "/MORE", { value })
    assert.strictEqual(refused.status, 409)
    assert.strictEqual(await codeOf(refused), "SECRET-002")
    assert.strictEqual((await call("PUT", "/S0", { value })).status, 200)
    assert.strictEqual((await call("DELETE", "/S1")).status, 204)
    assert.strictEqual((await call("PUT", "/MORE", { value })).status, 201)
  })

  it("is 503 SECRET-003 without a key, and names the variable", async () => {
    const { call } = await start({})
    const refused = await call("PUT", "/TOKEN", { value })
    assert.strictEqual(refused.status, 503)
    const { code, detail } = await problemOf(refused)
    assert.strictEqual(code, "SECRET-003")
    assert.include(detail, "SECRETS_KEY")
    assert.strictEqual((await call("GET", "/TOKEN")).status, 404)
    assert.strictEqual((await call("GET", "")).status, 200)
  })
})

describe("Secrets of a tenant", () => {
  it("are not another's: a name that only another has is 404, another's tenant 403", async () => {
    const { call } = await start()
    const tenantId = "tenant-b"
    await call("PUT", "/TOKEN", { value, tenantId }, operatorKey)
    for (const method of ["GET", "DELETE"]) {
      assert.strictEqual(await codeOf(await call(method, "/TOKEN")), "SECRET-001")
      assert.strictEqual(await codeOf(await call(method, `/TOKEN?tenantId=${tenantId}`)), "AUTH-003")
    }
    assert.strictEqual(await codeOf(await call("PUT", "/TOKEN", { value, tenantId })), "AUTH-003")
    assert.strictEqual(await codeOf(await call("PUT", `/TOKEN?tenantId=${tenantId}`, { value })), "AUTH-003")
    assert.strictEqual(await codeOf(await call("GET", `?tenantId=${tenantId}`)), "AUTH-003")
    assert.deepStrictEqual(await jsonOf(await call("GET", "")), { items: [], nextCursor: null })
    assert.strictEqual((await call("GET", `/TOKEN?tenantId=${tenantId}`, undefined, operatorKey)).status, 200)
    assert.strictEqual((await call("GET", "/TOKEN?tenantId=tenant-a", undefined, operatorKey)).status, 404)
    for (const path of ["", "/TOKEN"]) {
      const unnamed = await call("GET", path, undefined, operatorKey)
      assert.deepStrictEqual(await issuePathsOf(unnamed, "SECRET-002"), ["tenantId"])
    }
  })

  it("are listed by name and dates, newest first", async () => {
    const { call, time } = await start()
    for (const name of ["A", "B", "C"]) {
      await call("PUT", `/${name}`, { value })
      time.now += 1_000
    }
    const first = await jsonOf(await call("GET", "?limit=2"))
    const at = (seconds: number) => new Date(time.now - seconds * 1_000).toISOString()
    assert.deepStrictEqual(first["items"], [
      { name: "C", createdAt: at(1), updatedAt: at(1) },
      { name: "B", createdAt: at(2), updatedAt: at(2) }
    ])
    const second = await jsonOf(await call("GET", `?limit=2&cursor=${String(first["nextCursor"])}`))
    assert.deepStrictEqual(second, { items: [{ name: "A", createdAt: at(3), updatedAt: at(3) }], nextCursor: null })
    for (
      const [query, path] of [["limit=0", "limit"], ["limit=101", "limit"], ["cursor=x", "cursor"], [
        "tenantId=a%20b",
        "tenantId"
      ]]
    ) {
      assert.deepStrictEqual(await issuePathsOf(await call("GET", `?${query}`), "REQUEST-001"), [path])
    }
  })

  it("are gone once they are removed", async () => {
    const { call } = await start()
    await call("PUT", "/TOKEN", { value })
    const removed = await call("DELETE", "/TOKEN")
    assert.deepStrictEqual([removed.status, await removed.text()], [204, ""])
    assert.strictEqual(await codeOf(await call("DELETE", "/TOKEN")), "SECRET-001")
    assert.strictEqual(await codeOf(await call("GET", "/TOKEN")), "SECRET-001")
    assert.strictEqual(await codeOf(await call("GET", "/a-b")), "SECRET-001")
  })

  it("need a key", async () => {
    const { fetch } = await start()
    for (const [method, path] of [["PUT", "/A"], ["GET", "/A"], ["GET", ""], ["DELETE", "/A"]] as const) {
      assert.strictEqual(await codeOf(await fetch(`/api/secrets${path}`, { method, key: null })), "AUTH-001")
    }
  })

  it.effect("are stored by the client", () =>
    Effect.gen(function*() {
      const { handler } = yield* Effect.promise(() => start())
      const send: typeof globalThis.fetch = (input, init) => handler(new Request(input, init))
      const client = yield* Client.make({ baseUrl: "http://service.test", apiKey: Redacted.make(operatorKey) }).pipe(
        Effect.provide(FetchHttpClient.layer),
        Effect.provideService(FetchHttpClient.Fetch, send)
      )
      const payload = { tenantId: TenantId.make("tenant-a"), value: Redacted.make(value) }
      const call = () => client.secrets.put({ params: { name: "TOKEN" }, query: {}, payload })
      assert.deepStrictEqual([(yield* call()).version, (yield* call()).version], [1, 2])
      const query = { tenantId: payload.tenantId }
      yield* client.secrets.remove({ params: { name: "TOKEN" }, query })
      const error = yield* Effect.flip(client.secrets.get({ params: { name: "TOKEN" }, query }))
      assert.strictEqual(error._tag === "Problem" ? error.code : error._tag, "SECRET-001")
    }))
})
