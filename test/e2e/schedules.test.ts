import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { executionOf, executionsOf, firesOf, scheduleOf, workflowOf } from "./harness/Answers.ts"
import type { Client } from "./harness/Client.ts"
import { clientOf, send } from "./harness/Client.ts"
import { definition } from "./harness/Definitions.ts"
import { operatorKey, Service } from "./harness/Service.ts"
import { until } from "./harness/Until.ts"

/** Every two seconds. */
const cron = "*/2 * * * * *"
const step = {
  id: "only",
  type: "transform",
  order: 1,
  config: { operation: "expression", expression: "[trigger, inputs]" }
}

let service: Service
let api: Client

const create = async (name: string) => {
  const body = { ...definition("tenant-a", name, [step]), triggers: [{ type: "schedule", cron, inputs: { a: 1 } }] }
  return workflowOf(await api("POST", "/api/workflows", { body }), 201).id
}
const fires = async (id: string) => firesOf(await api("GET", `/api/workflows/${id}/fires?limit=100`)).items
const started = async (id: string) => (await fires(id)).filter(({ status }) => status === "started")
/** The minute's tick, at once: it wakes the scheduler, which goes on by itself while anything is due within a minute. */
const tick = () => send(service.url, "GET", "/cdn-cgi/local/scheduled")
const pass = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Nothing new in the ledger for so long that it would have fired twice. */
const isQuiet = async (id: string) => {
  const before = (await started(id)).length
  await pass(5_000)
  expect((await started(id)).length).toBe(before)
}

beforeAll(async () => {
  service = await Service.start()
  api = clientOf(service, operatorKey)
})
afterAll(() => service?.dispose())

describe("a schedule over the started service", () => {
  test("fires at its seconds, once each, until it is paused, and again when it is resumed", async () => {
    const id = await create("Paused")
    await tick()
    await until("it has fired three times", 60, async () => (await started(id)).length >= 3)
    const [newest] = await started(id)
    const execution = executionOf(await api("GET", `/api/executions/${newest?.executionId}`))
    expect(execution).toMatchObject({ status: "completed", trigger: "schedule", inputs: { a: 1 }, workflowId: id })
    expect(execution.outputs).toEqual({ only: [{ type: "schedule" }, { a: 1 }] })

    const paused = scheduleOf(await api("POST", `/api/workflows/${id}/schedules/0/pause`))
    expect(paused).toMatchObject({ paused: true, nextFireAt: null })
    await isQuiet(id)
    const told = await fires(id)
    expect(new Set(told.map(({ fireAt }) => fireAt)).size).toBe(told.length)
    for (const { fireAt } of told) expect(new Date(fireAt).getUTCSeconds() % 2).toBe(0)
    const { items } = executionsOf(await api("GET", `/api/executions?workflowId=${id}&limit=100`))
    expect(items.map((one) => one.id).sort()).toEqual((await started(id)).map(({ executionId }) => executionId).sort())

    const before = (await started(id)).length
    await api("POST", `/api/workflows/${id}/schedules/0/resume`)
    await tick()
    await until("it fires again", 60, async () => (await started(id)).length > before)
    await api("DELETE", `/api/workflows/${id}`)
  })

  test("goes on after a kill, and stops with its workflow", async () => {
    const id = await create("Killed")
    await tick()
    await until("it has fired", 60, async () => (await started(id)).length >= 1)
    const before = (await started(id)).length
    await service.kill()
    await pass(3_000)
    await service.start()
    await until("it fires again", 90, async () => (await started(id)).length > before)
    const told = await fires(id)
    expect(new Set(told.map(({ executionId, fireAt }) => `${fireAt} ${executionId}`)).size).toBe(told.length)
    await api("PUT", `/api/workflows/${id}`, { body: { status: "inactive" } })
    await isQuiet(id)
  })
})
