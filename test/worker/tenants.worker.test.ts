import { Schema } from "effect"
import * as HttpApi from "effect/http-api/HttpApi"
import { beforeAll, describe, expect, it } from "vitest"
import { ApiKey } from "../../src/domain/ApiKey.ts"
import { Webhook } from "../../src/domain/Delivery.ts"
import { TenantId } from "../../src/domain/Ids.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import { Workflow, WorkflowCreate } from "../../src/domain/Workflow.ts"
import { Api } from "../../src/http/api/Api.ts"
import { HookAccepted } from "../../src/http/api/Hooks.ts"
import { call, keys, read, serve, worker } from "./Service.ts"
import { never, upstreamAnswers } from "./Upstream.ts"
import { createWorkflow, execute, getExecution, threeSteps } from "./Workflows.ts"

/** A call on what belongs to tenant A, and what becomes of it: an answer, or the code of the problem. */
interface Row {
  readonly path: string
  readonly body?: unknown
  /** For keys that may see tenant A. */
  readonly own: number
  /** For an operator's key, if that gets another answer than the tenant's. */
  readonly operator?: number
  /** For a key of another tenant. */
  readonly other: number | "empty" | "the same"
  readonly code?: string
}

const own = {
  workflow: "",
  removable: "",
  execution: "",
  hooked: "",
  rotated: "",
  hookPath: "",
  delivery: "",
  proposal: "",
  key: ""
}

const service = serve()

const definition = { tenantId: "tenant-a", name: "W", steps: threeSteps }

/** A row for every endpoint, by group and name. */
const rows: Readonly<Record<string, () => Row>> = {
  "workflows.create": () => ({ path: "/api/workflows", body: definition, own: 201, other: 403, code: "AUTH-003" }),
  "workflows.list": () => ({ path: "/api/workflows", own: 200, other: "empty" }),
  "workflows.get": () => ({ path: `/api/workflows/${own.workflow}`, own: 200, other: 404, code: "WORKFLOW-002" }),
  "workflows.update": () => ({
    path: `/api/workflows/${own.workflow}`,
    body: { name: "Changed" },
    own: 200,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "workflows.remove": () => ({ path: `/api/workflows/${own.removable}`, own: 204, other: 404, code: "WORKFLOW-002" }),
  "workflows.validate": () => ({
    path: "/api/workflows/validate",
    body: definition,
    own: 200,
    other: 403,
    code: "AUTH-003"
  }),
  "workflowVersions.list": () => ({
    path: `/api/workflows/${own.workflow}/versions`,
    own: 200,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "workflowVersions.get": () => ({
    path: `/api/workflows/${own.workflow}/versions/1`,
    own: 200,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "workflowVersions.restore": () => ({
    path: `/api/workflows/${own.workflow}/versions/1/restore`,
    own: 200,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "proposals.list": () => ({ path: "/api/proposals", own: 200, other: "empty" }),
  "proposals.get": () => ({ path: `/api/proposals/${own.proposal}`, own: 200, other: 404, code: "PROPOSAL-001" }),
  "proposals.approve": () => ({
    path: `/api/proposals/${own.proposal}/approve`,
    own: 200,
    other: 404,
    code: "PROPOSAL-001"
  }),
  "proposals.refuse": () => ({
    path: `/api/proposals/${own.proposal}/refuse`,
    own: 200,
    other: 404,
    code: "PROPOSAL-001"
  }),
  "schedules.list": () => ({
    path: `/api/workflows/${own.workflow}/schedules`,
    own: 200,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "schedules.pause": () => ({
    path: `/api/workflows/${own.workflow}/schedules/0/pause`,
    own: 200,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "schedules.resume": () => ({
    path: `/api/workflows/${own.workflow}/schedules/0/resume`,
    own: 200,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "schedules.fires": () => ({
    path: `/api/workflows/${own.workflow}/fires`,
    own: 200,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "secrets.put": () => ({
    path: "/api/secrets/TOKEN?tenantId=tenant-a",
    body: { value: "a value" },
    own: 200,
    other: 403,
    code: "AUTH-003"
  }),
  "secrets.list": () => ({ path: "/api/secrets?tenantId=tenant-a", own: 200, other: 403, code: "AUTH-003" }),
  "secrets.get": () => ({ path: "/api/secrets/TOKEN?tenantId=tenant-a", own: 200, other: 403, code: "AUTH-003" }),
  "secrets.remove": () => ({ path: "/api/secrets/TOKEN?tenantId=tenant-a", own: 204, other: 403, code: "AUTH-003" }),
  // Which keys there are is the operators' business, also of a tenant's own.
  "keys.create": () => ({
    path: "/api/keys",
    body: { name: "K", tenantId: "tenant-a", scopes: ["read"] },
    own: 403,
    operator: 201,
    other: 403,
    code: "AUTH-003"
  }),
  "keys.list": () => ({ path: "/api/keys?tenantId=tenant-a", own: 403, operator: 200, other: 403, code: "AUTH-003" }),
  "keys.get": () => ({ path: `/api/keys/${own.key}`, own: 403, operator: 200, other: 403, code: "AUTH-003" }),
  "keys.remove": () => ({ path: `/api/keys/${own.key}`, own: 403, operator: 204, other: 403, code: "AUTH-003" }),
  "executions.start": () => ({
    path: "/api/executions",
    body: { workflowId: own.workflow },
    own: 201,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "executions.list": () => ({ path: "/api/executions", own: 200, other: "empty" }),
  "executions.get": () => ({ path: `/api/executions/${own.execution}`, own: 200, other: 404, code: "EXECUTION-002" }),
  "executions.cancel": () => ({
    path: `/api/executions/${own.execution}/cancel`,
    own: 409,
    other: 404,
    code: "EXECUTION-002"
  }),
  "executions.retry": () => ({
    path: `/api/executions/${own.execution}/retry`,
    body: { fromStep: "names" },
    own: 201,
    other: 404,
    code: "EXECUTION-002"
  }),
  "executions.signal": () => ({
    path: `/api/executions/${own.execution}/signals/go`,
    body: { payload: 1 },
    own: 409,
    other: 404,
    code: "EXECUTION-002"
  }),
  "executions.logs": () => ({
    path: `/api/executions/${own.execution}/logs`,
    own: 200,
    other: 404,
    code: "EXECUTION-002"
  }),
  "webhooks.get": () => ({ path: `/api/workflows/${own.hooked}/webhook`, own: 200, other: 404, code: "WORKFLOW-002" }),
  "webhooks.rotate": () => ({
    path: `/api/workflows/${own.rotated}/webhook/rotate`,
    own: 200,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "webhooks.list": () => ({
    path: `/api/workflows/${own.hooked}/deliveries`,
    own: 200,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "webhooks.find": () => ({
    path: `/api/workflows/${own.hooked}/deliveries/${own.delivery}`,
    own: 200,
    other: 404,
    code: "WORKFLOW-002"
  }),
  "webhooks.redeliver": () => ({
    path: `/api/workflows/${own.hooked}/deliveries/${own.delivery}/redeliver`,
    own: 202,
    other: 404,
    code: "WORKFLOW-002"
  }),
  // Senders are no tenants: what they may reach is in the path, or in the signature.
  "hooks.signed": () => ({ path: `/hooks/${own.hooked}`, body: {}, own: 404, other: 404, code: "REQUEST-001" }),
  "hooks.withToken": () => ({ path: own.hookPath, body: {}, own: 202, other: "the same" }),
  "system.health": () => ({ path: "/health", own: 200, other: "the same" })
}

const endpoints: Array<{ readonly name: string; readonly method: string }> = []
HttpApi.reflect(Api, {
  onGroup: () => {},
  onEndpoint: ({ endpoint, group }) => {
    endpoints.push({ name: `${group.identifier}.${endpoint.identifier}`, method: endpoint.method })
  }
})

/** What a call may have removed is there again. */
const storeSecret = () => call(worker, "PUT", "/api/secrets/TOKEN", { body: { value: "a value" } })

/** An open proposal of the agent of tenant A. */
const propose = async () => {
  const agent = unrestricted("agent", TenantId.make("tenant-a"))
  const input = Schema.decodeUnknownSync(WorkflowCreate)(definition)
  own.proposal = (await service.propose((proposals) => proposals.proposeCreate(agent, input, null))).id
}

const ask = (method: string, { body, path }: Row, key: string, query = "") =>
  call(worker, method, `${path}${query}`, { key, ...(body === undefined ? {} : { body }) })

beforeAll(async () => {
  upstreamAnswers()
  await storeSecret()
  const scheduled = { ...definition, triggers: [{ type: "schedule", cron: "0 0 1 1 *" }] }
  own.workflow = (await read(Workflow, 201, call(worker, "POST", "/api/workflows", { body: scheduled }))).id
  own.execution = (await execute(worker, own.workflow, { wait: 10 })).id
  own.hooked = (await createWorkflow(worker, threeSteps, "A workflow", ["webhook"])).id
  own.rotated = (await createWorkflow(worker, threeSteps, "A workflow", ["webhook"])).id
  own.hookPath = (await read(Webhook, 200, call(worker, "GET", `/api/workflows/${own.hooked}/webhook`))).path
  const key = { name: "A key", tenantId: "tenant-a", scopes: ["read"] }
  own.key = (await read(ApiKey, 201, call(worker, "POST", "/api/keys", { key: keys.operator, body: key }))).id
  own.delivery = (await read(HookAccepted, 202, call(worker, "POST", own.hookPath, { body: {} }))).deliveryId
})

it("every endpoint has a row, and every row an endpoint", () => {
  expect(endpoints.map(({ name }) => name).toSorted()).toEqual(Object.keys(rows).toSorted())
})

describe.each(endpoints)("$name", ({ method, name }) => {
  const rowOf = () => {
    const row = rows[name]
    if (row === undefined) throw new Error(`No row for ${name}`)
    return row()
  }

  it("shows another tenant nothing", async () => {
    own.removable = (await createWorkflow(worker, threeSteps)).id
    await storeSecret()
    if (name.startsWith("proposals.")) await propose()
    const row = rowOf()
    const response = await ask(method, row, keys.b)
    const body: unknown = await response.json()
    if (row.other === "the same") return expect(response.status).toBe(row.own)
    if (row.other === "empty") {
      expect([response.status, body]).toEqual([200, { items: [], nextCursor: null }])
      const named = await ask(method, row, keys.b, "?tenantId=tenant-a")
      expect([named.status, await named.json()]).toEqual([200, { items: [], nextCursor: null }])
      return
    }
    expect(response.status).toBe(row.other)
    expect(body).toMatchObject({ code: row.code })
    expect(JSON.stringify(body)).not.toContain("A workflow")
  })

  it.each([keys.a, keys.operator])("answers its own tenant and the operator (%s)", async (key) => {
    own.removable = (await createWorkflow(worker, threeSteps)).id
    await storeSecret()
    if (name.startsWith("proposals.")) await propose()
    const row = rowOf()
    const response = await ask(method, row, key)
    expect(response.status).toBe(key === keys.operator ? row.operator ?? row.own : row.own)
    if (row.other === "empty") {
      const { items } = JSON.parse(await response.text())
      expect(items.length).toBeGreaterThan(0)
    }
  })
})

it("what another tenant tried has changed nothing", async () => {
  const workflow = await createWorkflow(worker, threeSteps)
  await call(worker, "PUT", `/api/workflows/${workflow.id}`, { key: keys.b, body: { name: "Taken" } })
  await call(worker, "DELETE", `/api/workflows/${workflow.id}`, { key: keys.b })
  const response = await call(worker, "GET", `/api/workflows/${workflow.id}`)
  expect(await response.json()).toEqual(workflow)

  upstreamAnswers(never)
  const { id } = await execute(worker, workflow.id)
  const cancel = (key: string) => call(worker, "POST", `/api/executions/${id}/cancel`, { key })
  expect((await cancel(keys.b)).status).toBe(404)
  expect((await getExecution(worker, id)).status).toBe("running")
  const ofWorkflow = await call(worker, "GET", `/api/executions?workflowId=${workflow.id}`, { key: keys.b })
  expect(await ofWorkflow.json()).toEqual({ items: [], nextCursor: null })
  expect((await cancel(keys.a)).status).toBe(200)
})
