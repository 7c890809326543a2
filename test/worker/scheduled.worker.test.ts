import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test"
import { env } from "cloudflare:workers"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { Webhook } from "../../src/domain/Delivery.ts"
import { Workflow } from "../../src/domain/Workflow.ts"
import { HookAccepted } from "../../src/http/api/Hooks.ts"
import worker from "../../src/worker.ts"
import { call, placementOf, read, serve } from "./Service.ts"
import { askedOfUpstream, never, upstreamAnswers } from "./Upstream.ts"
import { createWorkflow, execute, getExecution, requestsOf, threeSteps } from "./Workflows.ts"

/** Lets a minute's cron trigger fire. */
const tick = async (): Promise<void> => {
  const context = createExecutionContext()
  worker.scheduled(createScheduledController({ cron: "* * * * *" }), env, context)
  await waitOnExecutionContext(context)
}

const ago = (millis: number): string => new Date(Date.now() - millis).toISOString()
const minute = 60_000
const day = 24 * 60 * minute

/** An execution as the Worker inserts it before it asks the engine. */
const insertPending = async (id: string, workflowId: string, placement: string, at: string): Promise<void> => {
  await env.DB.prepare(
    `INSERT INTO executions (id, workflow_id, workflow_version, tenant_id, status, "trigger", inputs, request_id,
      placement, started_at, created_at, updated_at)
    VALUES (?1, ?2, 1, 'tenant-a', 'pending', 'api', '{"from":"the row"}', 'request-1', ?3, ?4, ?4, ?4)`
  ).bind(id, workflowId, placement, at).run()
}

const rowOf = async (id: string) =>
  (await env.DB.prepare("SELECT status, updated_at FROM executions WHERE id = ?").bind(id).all()).results[0]

const service = serve()

vi.setConfig({ testTimeout: 30_000 })

beforeEach(() => upstreamAnswers())

describe("the minute's tick", () => {
  it.each([
    { title: "an object of its own", place: () => `id:${env.EXECUTIONS.newUniqueId().toString()}` },
    { title: "a shared object", place: () => "name:shared-5" }
  ])("runs what was inserted but never started, on $title", async ({ place }) => {
    const { id: workflowId } = await createWorkflow(service, threeSteps)
    const id = crypto.randomUUID()
    await insertPending(id, workflowId, place(), ago(2 * minute))
    await tick()
    await vi.waitFor(async () => expect(await rowOf(id)).toMatchObject({ status: "completed" }))
    const execution = await getExecution(service, id)
    expect(execution.inputs).toEqual({ from: "the row" })
    expect(execution.requestId).toBe("request-1")
    expect(execution.outputs).toEqual({ names: [{ name: "one" }] })
    expect(askedOfUpstream()).toEqual([{ url: "/call", key: `${id}:call` }])
    await tick()
    expect(askedOfUpstream().length).toBe(1)
  })

  it("runs the version that the execution was started with, also after the workflow was changed and removed", async () => {
    const { id: workflowId } = await createWorkflow(service, requestsOf("old"))
    const id = crypto.randomUUID()
    await insertPending(id, workflowId, "name:shared-1", ago(2 * minute))
    const changed = await call(service, "PUT", `/api/workflows/${workflowId}`, { body: { steps: requestsOf("new") } })
    expect(changed.status).toBe(200)
    expect((await call(service, "DELETE", `/api/workflows/${workflowId}`)).status).toBe(204)
    await tick()
    await vi.waitFor(async () => expect(await rowOf(id)).toMatchObject({ status: "completed" }))
    expect(askedOfUpstream()).toEqual([{ url: "/old", key: `${id}:old` }])
  })

  it("runs a delivery's execution that was stored but never started, with what it sees of the trigger", async () => {
    const show = [{
      id: "show",
      type: "transform",
      order: 1,
      config: { operation: "set", values: { seen: "{{ trigger }}" } }
    }]
    const { id: workflowId } = await createWorkflow(service, show, "Hooked", ["webhook"])
    const { path } = await read(Webhook, 200, call(service, "GET", `/api/workflows/${workflowId}/webhook`))
    const sent = call(service, "POST", `${path}?a=1`, { body: { order: 7 }, headers: { "x-kind": "test" } })
    const { deliveryId, executionId } = await read(HookAccepted, 202, sent)
    await vi.waitFor(async () => expect(await rowOf(executionId)).toMatchObject({ status: "completed" }))
    // As the batch leaves it behind, for an object that has never heard of it.
    const id = crypto.randomUUID()
    await env.DB.prepare(
      `INSERT INTO executions (id, workflow_id, workflow_version, tenant_id, status, "trigger", inputs, trigger_data,
        placement, started_at, created_at, updated_at)
      SELECT ?1, workflow_id, workflow_version, tenant_id, 'pending', "trigger", inputs, trigger_data, 'name:shared-7', ?2, ?2, ?2
      FROM executions WHERE id = ?3`
    ).bind(id, ago(2 * minute), executionId).run()
    await tick()
    await vi.waitFor(async () => expect(await rowOf(id)).toMatchObject({ status: "completed" }))
    const [first, again] = [await getExecution(service, executionId), await getExecution(service, id)]
    expect(again.inputs).toEqual({ order: 7 })
    expect(again.outputs).toEqual(first.outputs)
    expect(again.outputs).toMatchObject({
      show: { seen: { type: "webhook", deliveryId, query: { a: "1" }, headers: { "x-kind": "test" } } }
    })
  })

  it("removes deliveries past the retention", async () => {
    const { id } = await createWorkflow(service, threeSteps, "Hooked", ["webhook"])
    const { path } = await read(Webhook, 200, call(service, "GET", `/api/workflows/${id}/webhook`))
    const deliveries = await Promise.all(
      [1, 2].map(() => read(HookAccepted, 202, call(service, "POST", path, { body: {} })))
    )
    const [old] = deliveries
    await env.DB.prepare("UPDATE webhook_deliveries SET received_at = ? WHERE id = ?").bind(
      ago(31 * day),
      old?.deliveryId
    )
      .run()
    await tick()
    const found = await Promise.all(
      deliveries.map(async ({ deliveryId }) =>
        (await call(service, "GET", `/api/workflows/${id}/deliveries/${deliveryId}`)).status
      )
    )
    expect(found).toEqual([404, 200])
  })

  it("leaves alone what was touched within a minute, and what has ended", async () => {
    const { id: workflowId } = await createWorkflow(service, threeSteps)
    const id = crypto.randomUUID()
    const at = ago(minute / 2)
    await insertPending(id, workflowId, "name:shared-2", at)
    await tick()
    expect(await rowOf(id)).toEqual({ status: "pending", updated_at: at })
    expect(askedOfUpstream()).toEqual([])
  })

  it("touches what it wakes, and does not run again what runs", async () => {
    upstreamAnswers(never)
    const { id: workflowId } = await createWorkflow(service, threeSteps)
    const { id } = await execute(service, workflowId)
    await vi.waitFor(() => expect(askedOfUpstream().length).toBe(1))
    const before = ago(2 * minute)
    await env.DB.prepare("UPDATE executions SET updated_at = ? WHERE id = ?").bind(before, id).run()
    await tick()
    const row = await rowOf(id)
    expect(String(row?.["updated_at"]) > before).toBe(true)
    expect(askedOfUpstream().length).toBe(1)
    expect((await call(service, "POST", `/api/executions/${id}/cancel`)).status).toBe(200)
    expect(await placementOf(id)).toMatch(/^id:/)
  })

  it("removes executions that ended more than RETENTION_DAYS ago, and nothing else", async () => {
    const { id: workflowId } = await createWorkflow(service, threeSteps)
    const [old, recent] = await Promise.all(
      [1, 2].map(async () => (await execute(service, workflowId, { wait: 10 })).id)
    )
    for (const [id, at] of [[old, ago(30 * day + minute)], [recent, ago(30 * day - minute)]]) {
      await env.DB.prepare("UPDATE executions SET completed_at = ? WHERE id = ?").bind(at, id).run()
    }
    await tick()
    expect((await call(service, "GET", `/api/executions/${old}`)).status).toBe(404)
    expect((await call(service, "GET", `/api/executions/${recent}`)).status).toBe(200)
    expect((await call(service, "GET", `/api/workflows/${workflowId}`)).status).toBe(200)
  })
  it("removes executions when the retention of their workflow is over, whatever RETENTION_DAYS says", async () => {
    const run = async (retention: string) => {
      const body = { tenantId: "tenant-a", name: retention, steps: threeSteps, settings: { retention } }
      const { id } = await read(Workflow, 201, call(service, "POST", "/api/workflows", { body }))
      return execute(service, id, { wait: 10 })
    }
    const [short, long] = [await run("1h"), await run("90d")]
    const { keys } = await env.KV.list({ prefix: "execution:" })
    const expiries = await env.DB.prepare("SELECT id, expires_at FROM executions WHERE id IN (?, ?)")
      .bind(short.id, long.id).all()
    for (const [{ completedAt, id }, millis] of [[short, day / 24], [long, 90 * day]] as const) {
      const until = Date.parse(completedAt ?? "") + millis
      const row = expiries.results.find((row) => row["id"] === id)
      expect(row?.["expires_at"]).toBe(new Date(until).toISOString())
      const kept = keys.find(({ name }) => name === `execution:${id}`)?.expiration ?? 0
      expect(Math.abs(kept - until / 1_000)).toBeLessThan(5)
    }
    for (const [{ id }, own, completedAt] of [[short, ago(1), ago(0)], [long, ago(-minute), ago(40 * day)]] as const) {
      await env.DB.prepare("UPDATE executions SET expires_at = ?, completed_at = ? WHERE id = ?").bind(
        own,
        completedAt,
        id
      )
        .run()
    }
    await tick()
    expect((await call(service, "GET", `/api/executions/${short.id}`)).status).toBe(404)
    expect((await call(service, "GET", `/api/executions/${long.id}`)).status).toBe(200)
  })
})
