import { beforeEach, describe, expect, it, vi } from "vitest"
import { Webhook } from "../../src/domain/Delivery.ts"
import { LogEntry } from "../../src/domain/LogEntry.ts"
import { pageOf } from "../../src/domain/Page.ts"
import { call, keys, placementOf, read, ring, serve } from "./Service.ts"
import { upstreamAnswers } from "./Upstream.ts"
import { callsOf, forgetCalls, takeDatabaseRows, takeRowsWritten } from "./Watch.ts"
import { createWorkflow, execute, getExecution, listExecutions, stepsOf, threeSteps } from "./Workflows.ts"

/** What was asked of D1, KV and the objects, without what the rate limiter asks of KV. */
const asked = () => callsOf("d1", "kv", "execution").filter((call) => !call.endsWith(" rate-limit"))

/** What a whole execution asks for, however many steps it has: D1 twice, KV once, an object once. */
const execution = ["worker d1.batch", "worker execution.start", "object kv.put execution", "object d1.all"]

/** The execution's row, written twice, and its entries in the indexes. */
const databaseRows = 8

/** The tables of a journal, written into an object that has none. */
const tableRows = 6
/** The execution, its snapshot, its inputs and its end. */
const documentRows = 4

const placements = [
  { placement: "an object of its own", service: serve(), tables: tableRows },
  { placement: "one of 8 shared objects", service: serve({ EXECUTION_OBJECTS: "8" }), tables: 0 }
]

vi.setConfig({ testTimeout: 30_000 })

beforeEach(() => upstreamAnswers())

// First, so that no alarm of another test's object rings in between.
describe("an object of its own", () => {
  const service = serve()

  it("sets its alarm once, and writes nothing more than the end of it", async () => {
    const { id } = await createWorkflow(service, threeSteps)
    forgetCalls()
    const run = await execute(service, id, { wait: 10 })
    expect(callsOf("alarm")).toEqual(["object alarm.setAlarm"])
    takeRowsWritten()
    forgetCalls()
    expect(await ring(run.id)).toBe(true)
    expect(callsOf("alarm", "d1", "kv", "execution")).toEqual(["object alarm.deleteAll"])
    expect(takeRowsWritten()).toBe(0)
  })
})

describe.each(placements)("an execution on $placement", ({ service, tables }) => {
  it.each([
    { title: "3 steps", steps: threeSteps },
    { title: "10 steps", steps: stepsOf(10) }
  ])("of $title asks D1 twice, KV once, one object once", async ({ steps }) => {
    const { id } = await createWorkflow(service, steps)
    if (tables === 0) await warmSharedObjects(id)
    forgetCalls()
    takeRowsWritten()
    takeDatabaseRows()

    const run = await execute(service, id, { wait: 10 })
    expect(run.status).toBe("completed")
    expect(run.steps.map(({ status }) => status)).toEqual(steps.map(() => "completed"))
    expect(asked()).toEqual(execution)
    expect(takeDatabaseRows().written).toBe(databaseRows)
    // Each row is written once, and once more when it goes.
    expect(takeRowsWritten()).toBe(tables + 2 * (steps.length + documentRows))
    const recorded = callsOf("sql").filter((call) => call === "object sql.INSERT INTO journal_records")
    expect(recorded.length).toBe(steps.length)

    forgetCalls()
    await getExecution(service, run.id)
    expect(asked()).toEqual(["worker d1.all", "worker kv.get execution"])

    forgetCalls()
    await read(pageOf(LogEntry), 200, call(service, "GET", `/api/executions/${run.id}/logs`))
    expect(asked()).toEqual(["worker d1.all", "worker kv.get execution"])
  })

  // So that each of them has its tables and its alarm.
  const warmSharedObjects = async (id: string) => {
    const placed = new Set<string>()
    while (placed.size < 8) placed.add(await placementOf((await execute(service, id, { wait: 10 })).id))
  }
})

/** The execution's rows, those of the delivery: its row and its entries in four indexes. */
const deliveryRows = 5

describe("a delivery to a webhook", () => {
  const service = serve()

  it("asks D1 once more than another start, and writes the delivery beside the execution", async () => {
    const { id } = await createWorkflow(service, stepsOf(1), "Hooked", [{ type: "webhook", respond: "result" }])
    const { path } = await read(Webhook, 200, call(service, "GET", `/api/workflows/${id}/webhook`))
    forgetCalls()
    takeDatabaseRows()
    const headers = { "webhook-id": "m1" }
    expect((await call(service, "POST", path, { body: {}, headers })).status).toBe(200)
    expect(asked()).toEqual(["worker d1.all", ...execution])
    expect(takeDatabaseRows().written).toBe(databaseRows + deliveryRows)
    forgetCalls()
    expect((await call(service, "POST", path, { body: {}, headers: { ...headers, "x-other": "1" } })).status).toBe(200)
    expect(asked()).toEqual(["worker d1.all", "worker d1.batch", "worker d1.all", "worker kv.get execution"])
    expect(takeDatabaseRows().written).toBe(0)
  })
})

describe("other calls", () => {
  const service = serve()

  it("ask D1 once, and nothing else", async () => {
    const { id } = await createWorkflow(service, threeSteps)
    await execute(service, id, { wait: 10 })
    for (
      const path of ["/api/executions", `/api/executions?workflowId=${id}`, "/api/workflows", `/api/workflows/${id}`]
    ) {
      forgetCalls()
      expect((await call(service, "GET", path)).status).toBe(200)
      expect({ path, asked: asked() }).toEqual({ path, asked: ["worker d1.all"] })
    }
    forgetCalls()
    await createWorkflow(service, threeSteps)
    expect(asked()).toEqual(["worker d1.batch"])
    forgetCalls()
    expect((await listExecutions(service, "?limit=1")).items.length).toBe(1)
    expect(asked()).toEqual(["worker d1.all"])
  })

  it("that are refused for their key ask nothing", async () => {
    forgetCalls()
    expect((await call(service, "GET", "/api/executions", { key: "unknown" })).status).toBe(401)
    expect((await call(service, "GET", "/api/executions?tenantId=tenant-b", { key: keys.a })).status).toBe(200)
    expect(asked()).toEqual([])
  })
})
