import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Limits } from "../../src/domain/Limits.ts"
import {
  executionOf,
  executionsOf,
  keyOf,
  keysOf,
  newKeyOf,
  problemOf,
  workflowOf,
  workflowsOf
} from "./harness/Answers.ts"
import type { Client } from "./harness/Client.ts"
import { clientOf } from "./harness/Client.ts"
import { definition } from "./harness/Definitions.ts"
import { operatorKey, Service } from "./harness/Service.ts"
import { until } from "./harness/Until.ts"

const allScopes = ["read", "run", "write", "admin"]
const unknown = "00000000-0000-7000-8000-000000000000"
const steps = [{ id: "only", type: "transform", order: 1, config: { operation: "set", values: { a: 1 } } }]

let service: Service
/** Two workflows of the tenant. */
let first: string
let second: string
const operator: Client = (method, path, content) => clientOf(service, operatorKey)(method, path, content)

const make = async (members: Record<string, unknown> = {}) => {
  const body = { name: "Key", tenantId: "tenant-a", scopes: ["read"], ...members }
  const made = newKeyOf(await operator("POST", "/api/keys", { body }), 201)
  return { ...made, api: clientOf(service, made.key) }
}

const create = async (name: string) =>
  workflowOf(await operator("POST", "/api/workflows", { body: definition("tenant-a", name, steps) }), 201).id

const start = (api: Client, workflowId: string) =>
  api("POST", "/api/executions", { body: { workflowId }, headers: { prefer: "wait=25" } })

describe("a stored key", () => {
  beforeAll(async () => {
    service = await Service.start({ SECRETS_KEY: Buffer.alloc(32, 7).toString("base64") })
    first = await create("First")
    second = await create("Second")
  })
  afterAll(() => service?.dispose())

  test("is told once, and works at once, also as a bearer token", async () => {
    const { api, id, key, prefix } = await make()
    expect(key.startsWith(prefix)).toBe(true)
    const { items } = workflowsOf(await api("GET", "/api/workflows"))
    expect(items.map((workflow) => workflow.id)).toEqual([second, first])
    const bearer = { headers: { "x-api-key": "", authorization: `Bearer ${key}` } }
    expect((await operator("GET", "/api/workflows", bearer)).status).toBe(200)
    for (const path of ["/api/keys", `/api/keys/${id}`]) {
      expect((await operator("GET", path)).text).not.toContain(key)
    }
    expect(service.output).not.toContain(key)
  })

  test("of an operator sees every tenant, and with the scope admin its fellows", async () => {
    const { api } = await make({ tenantId: null, scopes: ["read", "admin"] })
    expect(workflowsOf(await api("GET", "/api/workflows?tenantId=tenant-a")).items.length).toBe(2)
    expect(keysOf(await api("GET", "/api/keys")).items.length).toBeGreaterThan(0)
    const body = { name: "Made by a stored key", scopes: ["run"] }
    const made = newKeyOf(await api("POST", "/api/keys", { body }), 201)
    expect(made.createdBy).toMatch(/^[0-9a-f]{12}$/)
  })

  test("may do what its scopes say, and nothing else", async () => {
    const reader = await make({ scopes: ["read"] })
    const runner = await make({ scopes: ["run"] })
    const refused = problemOf(await start(reader.api, first))
    expect(refused).toMatchObject({ code: "AUTH-003", status: 403, detail: "The key has no scope run" })
    const execution = executionOf(await start(runner.api, first), 201)
    expect(execution.status).toBe("completed")
    expect(problemOf(await runner.api("GET", `/api/executions/${execution.id}`)).code).toBe("AUTH-003")
    expect(executionOf(await reader.api("GET", `/api/executions/${execution.id}`)).id).toBe(execution.id)
    const writing = await reader.api("PUT", `/api/workflows/${first}`, { body: { name: "Changed" } })
    expect(problemOf(writing).detail).toBe("The key has no scope write")
    expect(problemOf(await reader.api("GET", "/api/keys")).detail).toBe("The key has no scope admin")
  })

  test("that is held to a workflow knows no other", async () => {
    const { api } = await make({ scopes: allScopes, workflows: [first] })
    const others = executionOf(await start(operator, second), 201)
    const own = executionOf(await start(api, first), 201)
    expect(workflowsOf(await api("GET", "/api/workflows")).items.map(({ id }) => id)).toEqual([first])
    const { items } = executionsOf(await api("GET", "/api/executions?limit=100"))
    expect(new Set(items.map(({ workflowId }) => String(workflowId)))).toEqual(new Set([first]))
    expect(items.map(({ id }) => id)).toContain(own.id)

    const calls: ReadonlyArray<readonly [method: string, path: (id: string) => string, id: string]> = [
      ["GET", (id) => `/api/workflows/${id}`, second],
      ["DELETE", (id) => `/api/workflows/${id}`, second],
      ["GET", (id) => `/api/workflows/${id}/versions/1`, second],
      ["GET", (id) => `/api/workflows/${id}/schedules`, second],
      ["GET", (id) => `/api/workflows/${id}/deliveries`, second],
      ["GET", (id) => `/api/executions/${id}`, others.id],
      ["GET", (id) => `/api/executions/${id}/logs`, others.id],
      ["POST", (id) => `/api/executions/${id}/cancel`, others.id],
      ["POST", (id) => `/api/executions/${id}/retry`, others.id]
    ]
    for (const [method, path, id] of calls) {
      const { requestId: _, ...hidden } = problemOf(await api(method, path(id)))
      const { requestId: __, ...ofNobody } = problemOf(await api(method, path(unknown)))
      expect(hidden).toEqual(ofNobody)
      expect(hidden.status).toBe(404)
    }
    const { requestId: _, ...hidden } = problemOf(await start(api, second))
    const { requestId: __, ...ofNobody } = problemOf(await start(api, unknown))
    expect(hidden).toEqual(ofNobody)
    expect(workflowOf(await operator("GET", `/api/workflows/${second}`)).name).toBe("Second")
  })

  test("that is held to a workflow makes no other, and touches no secret", async () => {
    const { api } = await make({ scopes: allScopes, workflows: [first] })
    const creating = problemOf(await api("POST", "/api/workflows", { body: definition("tenant-a", "Third", steps) }))
    expect(creating).toMatchObject({ code: "AUTH-003", status: 403 })
    expect(creating.detail).toContain("held to some workflows")
    for (
      const [method, path, body] of [["PUT", "/A", { value: "a value" }], ["GET", ""], ["GET", "/A"], [
        "DELETE",
        "/A"
      ]] as const
    ) {
      const answer = await api(method, `/api/secrets${path}`, body === undefined ? {} : { body })
      expect(problemOf(answer)).toMatchObject({ code: "AUTH-003", status: 403 })
    }
    const body = definition("tenant-a", "Third", steps)
    expect((await api("POST", "/api/workflows/validate", { body })).json).toMatchObject({ valid: true })
  })

  test("that has expired is refused from then on", async () => {
    const { api } = await make({ expiresAt: new Date(Date.now() + 3_000).toISOString() })
    await until("it has expired", 30, async () => (await api("GET", "/api/workflows")).status === 401)
    expect(problemOf(await api("GET", "/api/workflows"))).toMatchObject({ code: "AUTH-002", status: 401 })
  })

  test("that is revoked is refused at the next call", async () => {
    const { api, id } = await make()
    expect((await api("GET", "/api/workflows")).status).toBe(200)
    expect((await operator("DELETE", `/api/keys/${id}`)).status).toBe(204)
    expect(problemOf(await api("GET", "/api/workflows"))).toMatchObject({ code: "AUTH-002", status: 401 })
    for (const method of ["DELETE", "GET"]) {
      expect(problemOf(await operator(method, `/api/keys/${id}`))).toMatchObject({ code: "KEY-001", status: 404 })
    }
  })

  test("shows when it was used last", async () => {
    const { api, id } = await make()
    const lastUse = async () => keyOf(await operator("GET", `/api/keys/${id}`)).lastUsedAt
    expect(await lastUse()).toBeNull()
    await api("GET", "/api/workflows")
    await until("its use is noted", 30, async () => (await lastUse()) !== null)
    const noted = await lastUse()
    await api("GET", "/api/workflows")
    expect(await lastUse()).toBe(noted)
  })

  test("stays after a crash", async () => {
    const { key } = await make()
    await service.kill()
    await service.start()
    expect((await clientOf(service, key)("GET", "/api/workflows")).status).toBe(200)
  })
})

describe("keys that are not valid", () => {
  beforeAll(async () => {
    service = await Service.start()
  })
  afterAll(() => service?.dispose())

  test("are limited by the address that the platform tells, and keep no valid key out", async () => {
    const wrong = clientOf(service, "wrong")
    const from = (address: string) => ({ headers: { "cf-connecting-ip": address } })
    for (let time = 0; time < Limits.failedAuthentications; time++) {
      expect(problemOf(await wrong("GET", "/api/workflows", from("203.0.113.7"))).code).toBe("AUTH-002")
    }
    const refused = await wrong("GET", "/api/workflows", from("203.0.113.7"))
    expect(problemOf(refused)).toMatchObject({ code: "RATE-001", status: 429 })
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0)
    expect((await operator("GET", "/api/workflows", from("203.0.113.7"))).status).toBe(200)
    expect((await wrong("GET", "/api/workflows", from("203.0.113.8"))).status).toBe(401)
  })

  test("are not limited on the machine's own address, which all share", async () => {
    const wrong = clientOf(service, "wrong")
    for (let time = 0; time <= Limits.failedAuthentications; time++) {
      expect((await wrong("GET", "/api/workflows")).status).toBe(401)
    }
  })
})
