import {
  createExecutionContext,
  createScheduledController,
  runDurableObjectAlarm,
  waitOnExecutionContext
} from "cloudflare:test"
import { env } from "cloudflare:workers"
import { Schema } from "effect"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { Fire } from "../../src/domain/Fire.ts"
import { pageOf } from "../../src/domain/Page.ts"
import { Schedule } from "../../src/domain/Schedule.ts"
import { Workflow } from "../../src/domain/Workflow.ts"
import worker from "../../src/worker.ts"
import { call, read, serve } from "./Service.ts"
import { upstreamAnswers } from "./Upstream.ts"
import { takeStatementsRun } from "./Watch.ts"
import { getExecution, listExecutions, threeSteps } from "./Workflows.ts"

const service = serve()
const scheduler = () => env.SCHEDULER.getByName("scheduler")

vi.setConfig({ testTimeout: 60_000 })

beforeEach(async () => {
  upstreamAnswers()
  await env.DB.prepare("UPDATE schedules SET next_fire_at = NULL").run()
})

const create = (count: number, members: object = {}) =>
  read(
    Workflow,
    201,
    call(service, "POST", "/api/workflows", {
      body: {
        tenantId: "tenant-a",
        name: "Scheduled",
        steps: threeSteps,
        triggers: Array.from({ length: count }, (_, index) => ({
          type: "schedule",
          cron: `${index} 0 1 1 *`,
          inputs: { index },
          ...members
        }))
      }
    })
  )

/** Lets the schedules of a workflow be due: their times are some seconds ago. */
const makeDue = (workflowId: string) => {
  const at = new Date(Date.now() - 2_000).toISOString()
  // Each second, so that there is a fire at the time.
  return env.DB.prepare("UPDATE schedules SET cron = '* * * * * *', next_fire_at = ? WHERE workflow_id = ?")
    .bind(at, workflowId).run()
}

/** Lets the time of the schedules of a workflow come once, this very second. */
const makeDueOnce = async (workflowId: string) => {
  const now = new Date()
  const cron = `${now.getUTCSeconds()} ${now.getUTCMinutes()} ${now.getUTCHours()} ${now.getUTCDate()} ${
    now.getUTCMonth() + 1
  } *`
  now.setUTCMilliseconds(0)
  await env.DB.prepare("UPDATE schedules SET cron = ?, next_fire_at = ? WHERE workflow_id = ?")
    .bind(cron, now.toISOString(), workflowId).run()
}

const tick = async (): Promise<void> => {
  const context = createExecutionContext()
  worker.scheduled(createScheduledController({ cron: "* * * * *" }), env, context)
  await waitOnExecutionContext(context)
}

const firesOf = async (id: string) =>
  (await read(pageOf(Fire), 200, call(service, "GET", `/api/workflows/${id}/fires?limit=100`))).items

const schedulesOf = async (id: string) =>
  (await read(
    Schema.Struct({ items: Schema.Array(Schedule) }),
    200,
    call(service, "GET", `/api/workflows/${id}/schedules`)
  )).items

describe("schedules", () => {
  it("are started by the Worker's tick, each fire once, and told in the ledger", async () => {
    const { id } = await create(3)
    await makeDueOnce(id)
    await Promise.all([tick(), tick()])
    await vi.waitFor(async () => {
      await runDurableObjectAlarm(scheduler())
      expect((await firesOf(id)).map(({ status }) => status)).toEqual(["started", "started", "started"])
    }, { timeout: 20_000, interval: 100 })
    await tick()
    await runDurableObjectAlarm(scheduler())
    const fires = await firesOf(id)
    expect(fires.length).toBe(3)
    const { items } = await listExecutions(service, `?workflowId=${id}`)
    expect(items.map((execution) => execution.id).toSorted()).toEqual(fires.map((fire) => fire.executionId).toSorted())
    for (const { executionId, number } of fires) {
      await vi.waitFor(async () => {
        expect(await getExecution(service, executionId ?? "")).toMatchObject({
          status: "completed",
          trigger: "schedule",
          inputs: { index: number }
        })
      }, { timeout: 20_000, interval: 100 })
    }
    const [schedule] = await schedulesOf(id)
    expect(schedule?.lastFire?.status).toBe("started")
    expect(schedule?.nextFires.length).toBe(10)
  })

  it("run at most 1,000 statements and calls in a turn, however many are due", async () => {
    const ids = await Promise.all([1, 2].map(async () => (await create(50, { overlap: "allow" })).id))
    await Promise.all(ids.map(makeDueOnce))
    takeStatementsRun()
    expect(await service.turn()).toBe(80)
    // With the call to its object that are 7 for each start.
    expect(takeStatementsRun()).toBe(80 * 6 + 4)
    expect(await service.turn()).toBe(20)
    expect(await service.turn()).toBe(0)
    expect((await Promise.all(ids.map(firesOf))).map((fires) => fires.length)).toEqual([50, 50])
    takeStatementsRun()
    await service.turn()
    expect(takeStatementsRun()).toBe(3)
  })

  it("stand still when they are paused, and when their workflow is inactive or gone", async () => {
    const [paused, inactive, removed] = await Promise.all([1, 2, 3].map(async () => (await create(1)).id))
    if (paused === undefined || inactive === undefined || removed === undefined) throw new Error("not created")
    await read(Schedule, 200, call(service, "POST", `/api/workflows/${paused}/schedules/0/pause`))
    await call(service, "PUT", `/api/workflows/${inactive}`, { body: { status: "inactive" } })
    await call(service, "DELETE", `/api/workflows/${removed}`)
    const rows = await env.DB.prepare("SELECT workflow_id, next_fire_at FROM schedules WHERE workflow_id IN (?, ?, ?)")
      .bind(paused, inactive, removed).all()
    expect(rows.results.map((row) => row["next_fire_at"])).toEqual([null, null])
    const resumed = await read(Schedule, 200, call(service, "POST", `/api/workflows/${paused}/schedules/0/resume`))
    expect(resumed).toMatchObject({ paused: false, nextFireAt: resumed.nextFires[0] })
    const response = await call(service, "POST", `/api/workflows/${paused}/schedules/1/pause`)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: "WORKFLOW-002" })
  })

  it("are told by /health when they are behind, which leaves the service healthy", async () => {
    const { id } = await create(1)
    const since = new Date(Date.now() - 301_000).toISOString()
    await env.DB.prepare("UPDATE schedules SET next_fire_at = ? WHERE workflow_id = ?").bind(since, id).run()
    const response = await call(serve(), "GET", "/health")
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      status: "ok",
      checks: { schedules: { status: "degraded", behind: 1, since } }
    })
    await makeDue(id)
    expect(await (await call(serve(), "GET", "/health")).json()).toMatchObject({
      checks: { schedules: { status: "ok", behind: 0, since: null } }
    })
  })
})
