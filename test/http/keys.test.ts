import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Hex from "effect/encoding/Hex"
import { ApiKeyId } from "../../src/domain/Ids.ts"
import { Limits } from "../../src/domain/Limits.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import * as Memory from "../../src/layers/Memory.ts"
import { KeyUnknown } from "../../src/services/Authenticator.ts"
import { KeyRepository } from "../../src/services/KeyRepository.ts"
import { Keys } from "../../src/services/Keys.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { configOf } from "../contract/Config.ts"
import { at, makeWorkflow, tenantA, tenantB } from "../contract/Data.ts"
import { issuePathsOf, jsonOf, operatorKey, problemOf, serve, tenantKey } from "./harness.ts"

const layer = Layer.mergeAll(Keys.layer).pipe(
  Layer.provideMerge(Memory.layer),
  Layer.provide([configOf(), SecureRandom.layerWebCrypto])
)

/** A running service that keeps keys in memory; tenant A has the workflows w0, w1, …, and tenant B has `other`. */
const start = async () => {
  const { keys, repository } = await Effect.runPromise(
    Effect.gen(function*() {
      const workflows = yield* WorkflowRepository
      for (let index = 0; index <= Limits.apiKeyWorkflows; index++) yield* workflows.insert(makeWorkflow(`w${index}`))
      yield* workflows.insert(makeWorkflow("other", { tenantId: tenantB }))
      return { keys: yield* Keys, repository: yield* KeyRepository }
    }).pipe(Effect.provide(layer))
  )
  const principals = new Map([
    [operatorKey, unrestricted("operator1", null)],
    [tenantKey, unrestricted("tenant01", tenantA)],
    ["operator without admin", { ...unrestricted("operator2", null), scopes: ["read", "run", "write"] as const }]
  ])
  const service = serve({
    keys,
    authenticate: (key) => {
      const principal = principals.get(Redacted.value(key))
      return principal === undefined ? Effect.fail(new KeyUnknown()) : Effect.succeed(principal)
    }
  })
  const call = (method: string, path = "", body?: unknown, key = operatorKey) =>
    service.fetch(`/api/keys${path}`, {
      method,
      key,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
    })
  return { ...service, call, repository }
}

const full = {
  name: "Deploy",
  tenantId: "tenant-a",
  scopes: ["run", "read"],
  workflows: ["w1", "w2"],
  expiresAt: "2026-11-22T13:00:00+01:00"
}

describe("POST /api/keys", () => {
  it("makes a key, and shows it this once", async () => {
    const { call, logs } = await start()
    const response = await call("POST", "", full)
    assert.strictEqual(response.status, 201)
    assert.strictEqual(response.headers.get("cache-control"), "no-store")
    const { id, key, prefix, ...made } = await jsonOf(response)
    assert.strictEqual(response.headers.get("location"), `/api/keys/${String(id)}`)
    assert.match(String(key), /^atlas_[A-Za-z0-9_-]{43}$/)
    assert.strictEqual(prefix, String(key).slice(0, 14))
    assert.deepStrictEqual(made, {
      ...full,
      expiresAt: "2026-11-22T12:00:00.000Z",
      createdAt: "2026-11-22T10:00:00.000Z",
      createdBy: "operator1",
      lastUsedAt: null
    })
    const stored = await call("GET", `/${String(id)}`)
    assert.deepStrictEqual(await jsonOf(stored), { id, prefix, ...made })
    for (const path of [`/${String(id)}`, ""]) assert.notInclude(await (await call("GET", path)).text(), String(key))
    assert.notInclude(JSON.stringify(logs), String(key))
  })

  it("keeps the SHA-256 of it, and not the key", async () => {
    const { call, repository } = await start()
    const { id, key } = await jsonOf(await call("POST", "", { name: "K", scopes: ["read"] }))
    const found = await Effect.runPromise(
      Effect.gen(function*() {
        const { digest } = yield* Digest.Digest
        const hex = Hex.encode(yield* digest(Digest.sha256, new TextEncoder().encode(String(key))))
        return yield* repository.findByDigest(hex)
      }).pipe(Effect.provide(Digest.layerWebCrypto))
    )
    assert.strictEqual(Option.getOrThrow(found).id, id)
    assert.notInclude(JSON.stringify(found), String(key))
  })

  it("makes an operator's key for ever, unless told otherwise, and no key twice", async () => {
    const { call } = await start()
    const bodies = [{ name: "K", scopes: ["admin"] }, {
      name: "K",
      scopes: ["admin"],
      tenantId: null,
      workflows: null,
      expiresAt: null
    }]
    const made = await Promise.all(bodies.map(async (body) => jsonOf(await call("POST", "", body))))
    for (const key of made) assert.include(key, { tenantId: null, workflows: null, expiresAt: null })
    assert.strictEqual(new Set(made.map(({ key }) => key)).size, 2)
  })

  const ids = (count: number) => Array.from({ length: count }, (_, index) => `w${index}`)
  const good = { name: "K", scopes: ["read"] }
  const bad: ReadonlyArray<readonly [what: string, body: unknown, paths: ReadonlyArray<string>]> = [
    ["nothing", {}, ["name", "scopes"]],
    ["no object", [], [""]],
    ["an empty name", { ...good, name: "" }, ["name"]],
    ["a blank name", { ...good, name: " " }, ["name"]],
    ["half a character in the name", { ...good, name: "\ud800" }, ["name"]],
    ["a long name", { ...good, name: "x".repeat(Limits.nameCharacters + 1) }, ["name"]],
    ["no scope", { ...good, scopes: [] }, ["scopes"]],
    ["a scope twice", { ...good, scopes: ["read", "run", "read"] }, ["scopes"]],
    ["an unknown scope", { ...good, scopes: ["read", "delete"] }, ["scopes.1"]],
    ["a bad tenant", { ...good, tenantId: "a b" }, ["tenantId"]],
    ["an unknown member", { ...good, digest: "x" }, ["digest"]],
    ["a time that is none", { ...good, expiresAt: "tomorrow" }, ["expiresAt"]],
    ["the present", { ...good, expiresAt: "2026-11-22T10:00:00Z" }, ["expiresAt"]],
    ["the past", { ...good, expiresAt: "2025-11-22T10:00:00Z" }, ["expiresAt"]],
    ["workflows without a tenant", { ...good, workflows: ["w1"] }, ["workflows"]],
    ["no workflow", { ...good, tenantId: "tenant-a", workflows: [] }, ["workflows"]],
    ["a workflow twice", { ...good, tenantId: "tenant-a", workflows: ["w1", "w1"] }, ["workflows"]],
    ["too many workflows", { ...good, tenantId: "tenant-a", workflows: ids(Limits.apiKeyWorkflows + 1) }, [
      "workflows"
    ]],
    [
      "workflows that the tenant has not, and the past",
      { ...good, tenantId: "tenant-a", workflows: ["w1", "other", "w2", "w9999"], expiresAt: "2025-11-22T10:00:00Z" },
      ["workflows.1", "workflows.3", "expiresAt"]
    ]
  ]
  for (const [what, body, paths] of bad) {
    it(`refuses ${what}`, async () => {
      const { call } = await start()
      assert.sameMembers(await issuePathsOf(await call("POST", "", body), "KEY-002"), [...paths])
      assert.deepStrictEqual((await jsonOf(await call("GET")))["items"], [])
    })
  }

  it("takes as much as is allowed", async () => {
    const { call } = await start()
    const body = {
      name: "x".repeat(Limits.nameCharacters),
      scopes: ["read", "run", "write", "admin"],
      tenantId: "tenant-a",
      workflows: ids(Limits.apiKeyWorkflows),
      expiresAt: "2026-11-22T10:00:00.001Z"
    }
    assert.strictEqual((await call("POST", "", body)).status, 201)
  })

  for (const tenantId of [null, "tenant-a"]) {
    it(`refuses one key too many of ${tenantId ?? "the operators"}`, async () => {
      const { call, repository } = await start()
      await Effect.runPromise(Effect.forEach(
        Array.from({ length: Limits.apiKeysPerTenant - 1 }, (_, index) => `k${index}`),
        (id) =>
          repository.insert({
            id: ApiKeyId.make(id),
            name: id,
            tenantId: tenantId === null ? null : tenantA,
            scopes: ["read"],
            workflows: null,
            expiresAt: null,
            createdAt: at(0),
            createdBy: "c",
            lastUsedAt: null,
            prefix: "p",
            digest: id
          }, Limits.apiKeysPerTenant)
      ))
      assert.strictEqual((await call("POST", "", { ...good, tenantId })).status, 201)
      const refused = await call("POST", "", { ...good, tenantId })
      assert.strictEqual(refused.status, 409)
      assert.strictEqual((await problemOf(refused)).code, "KEY-002")
      assert.strictEqual((await call("POST", "", { ...good, tenantId: "tenant-b" })).status, 201)
    })
  }
})

describe("stored keys", () => {
  it("are listed newest first, of all or of one tenant, page by page", async () => {
    const { call, time } = await start()
    for (const [name, tenantId] of [["1", null], ["2", "tenant-a"], ["3", "tenant-b"], ["4", "tenant-a"]]) {
      await call("POST", "", { name, tenantId, scopes: ["read"] })
      time.now += 1
    }
    const namesOf = async (query: string) => {
      const names: Array<unknown> = []
      let cursor = ""
      do {
        const { items, nextCursor } = await jsonOf(await call("GET", `?limit=1${query}${cursor}`))
        names.push(...Array.from(Object(items)).map((item) => Object(item).name))
        cursor = nextCursor === null ? "" : `&cursor=${String(nextCursor)}`
      } while (cursor !== "")
      return names
    }
    assert.deepStrictEqual(await namesOf(""), ["4", "3", "2", "1"])
    assert.deepStrictEqual(await namesOf("&tenantId=tenant-a"), ["4", "2"])
    assert.deepStrictEqual(await namesOf("&tenantId=tenant-c"), [])
    for (const query of ["?limit=0", "?limit=101", "?cursor=x", "?tenantId=a+b", "?name=x"]) {
      assert.strictEqual((await problemOf(await call("GET", query))).code, "REQUEST-001")
    }
  })

  it("are revoked once: then there is no such key", async () => {
    const { call } = await start()
    const { id } = await jsonOf(await call("POST", "", { name: "K", scopes: ["read"] }))
    const path = `/${String(id)}`
    const removed = await call("DELETE", path)
    assert.strictEqual(removed.status, 204)
    assert.strictEqual(await removed.text(), "")
    for (const method of ["DELETE", "GET"]) {
      const problem = await problemOf(await call(method, path))
      assert.include(problem, { code: "KEY-001", status: 404, detail: "There is no such API key" })
    }
  })

  for (const key of [tenantKey, "operator without admin"]) {
    it(`are no business of ${key}`, async () => {
      const { call } = await start()
      const { id } = await jsonOf(await call("POST", "", { name: "K", tenantId: "tenant-a", scopes: ["read"] }))
      const calls: ReadonlyArray<readonly [string, string, unknown?]> = [
        ["POST", "", { name: "K", tenantId: "tenant-a", scopes: ["read"] }],
        ["GET", ""],
        ["GET", "?tenantId=tenant-a"],
        ["GET", `/${String(id)}`],
        ["GET", "/unknown"],
        ["DELETE", `/${String(id)}`],
        ["DELETE", "/unknown"]
      ]
      const details = new Set<string>()
      for (const [method, path, body] of calls) {
        const { code, detail } = await problemOf(await call(method, path, body, key))
        assert.strictEqual(code, "AUTH-003")
        details.add(detail)
      }
      assert.deepStrictEqual([...details], [
        key === tenantKey
          ? "Only an operator's key may do this: one with the scope admin, and of no tenant"
          : "The key has no scope admin"
      ])
      assert.lengthOf(Array.from(Object((await jsonOf(await call("GET")))["items"])), 1)
    })
  }
})
