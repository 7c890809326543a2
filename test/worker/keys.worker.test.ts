import { Schema } from "effect"
import { beforeEach, expect, it, vi } from "vitest"
import { ApiKey } from "../../src/domain/ApiKey.ts"
import { call, keys, read, serve } from "./Service.ts"
import { callsOf, failWhere, forgetCalls } from "./Watch.ts"

const service = serve()

const NewKey = Schema.Struct({ ...ApiKey.fields, key: Schema.String })

const make = (members: Record<string, unknown> = {}) => {
  const body = { name: "K", tenantId: "tenant-a", scopes: ["read"], ...members }
  return read(NewKey, 201, call(service, "POST", "/api/keys", { key: keys.operator, body }))
}

const lastUse = async (id: string) =>
  (await read(ApiKey, 200, call(service, "GET", `/api/keys/${id}`, { key: keys.operator }))).lastUsedAt

/** Calls with this key what costs nothing but the look at the key: whether it is known, and what was asked of D1. */
const authenticate = async (key: string) => {
  forgetCalls()
  const response = await call(service, "GET", "/nothing", { key })
  expect(response.status).toBe(404)
  return { isKnown: response.headers.has("ratelimit-limit"), asked: callsOf("d1") }
}

beforeEach(() => failWhere())

it("a configured key costs no query, and what is no key at all costs none either", async () => {
  for (
    const key of [keys.operator, keys.a, "garbage", "atlas_", `atlas_${"x".repeat(42)}`, `atlas_${"x".repeat(44)}`]
  ) {
    const isKnown = key === keys.operator || key === keys.a
    expect(await authenticate(key)).toEqual({ isKnown, asked: [] })
  }
})

it("a stored key costs one query, and so does what looks like one", async () => {
  const { id, key } = await make()
  await authenticate(key)
  await vi.waitUntil(async () => (await lastUse(id)) !== null)
  expect(await authenticate(key)).toEqual({ isKnown: true, asked: ["worker d1.all"] })
  expect(await authenticate(`atlas_${"x".repeat(43)}`)).toEqual({ isKnown: false, asked: ["worker d1.all"] })
})

it("its use is noted at the first call, and at none soon after", async () => {
  const { id, key } = await make()
  expect(await lastUse(id)).toBeNull()
  await authenticate(key)
  await vi.waitUntil(async () => (await lastUse(id)) !== null)
  const noted = await lastUse(id)
  for (let time = 0; time < 3; time++) expect((await authenticate(key)).asked).toHaveLength(1)
  expect(await lastUse(id)).toBe(noted)
})

it("a use that can't be noted fails no call, and is noted at the next", async () => {
  const { id, key } = await make()
  let asked = 0
  failWhere(({ of }) => of === "d1" && ++asked === 2 ? "before" : undefined)
  expect((await authenticate(key)).isKnown).toBe(true)
  await vi.waitUntil(() => asked === 2)
  failWhere()
  expect(await lastUse(id)).toBeNull()
  expect((await authenticate(key)).isKnown).toBe(true)
  await vi.waitUntil(async () => (await lastUse(id)) !== null)
})

it("a key that is revoked is refused at the next call", async () => {
  const { id, key } = await make()
  expect((await call(service, "GET", "/api/workflows", { key })).status).toBe(200)
  expect((await call(service, "DELETE", `/api/keys/${id}`, { key: keys.operator })).status).toBe(204)
  const refused = await call(service, "GET", "/api/workflows", { key })
  expect([refused.status, await refused.json()]).toMatchObject([401, { code: "AUTH-002" }])
  expect((await call(service, "GET", "/api/workflows", { key: keys.a })).status).toBe(200)
})

it("a key that can't be looked up is no answer to a client", async () => {
  const { key } = await make()
  failWhere(({ of }) => of === "d1" ? "before" : undefined)
  const failed = await call(service, "GET", "/api/workflows", { key })
  const text = await failed.text()
  expect([failed.status, JSON.parse(text)]).toMatchObject([500, { code: "INTERNAL-001" }])
  expect(text).not.toContain("SELECT")
})

it("valid keys cost no look at failed ones, whatever their address", async () => {
  const headers = { "cf-connecting-ip": "203.0.113.99" }
  const ask = (key: string) => call(service, "GET", "/api/workflows?limit=1", { key, headers })
  await ask(keys.a)
  forgetCalls()
  expect((await ask(keys.a)).status).toBe(200)
  expect(callsOf("kv").filter((call) => call.includes(".get"))).toEqual([])
  forgetCalls()
  expect((await ask("wrong")).status).toBe(401)
  expect(callsOf("kv").filter((call) => call.includes(".get"))).toEqual(["worker kv.get rate-limit"])
})
