import { abortAllDurableObjects } from "cloudflare:test"
import { env } from "cloudflare:workers"
import { Schema } from "effect"
import { beforeEach, describe, expect, it, vi } from "vitest"
import type { ExecutionDetail } from "../../src/domain/Execution.ts"
import { ExecutionDetail as ExecutionDetailSchema } from "../../src/domain/Execution.ts"
import { LogEntry } from "../../src/domain/LogEntry.ts"
import { pageOf } from "../../src/domain/Page.ts"
import type { Handler, Service } from "./Service.ts"
import { call, read, ring, serve } from "./Service.ts"
import { askedOfUpstream, items, never, upstreamAnswers, upstreamGoesOn } from "./Upstream.ts"
import type { Fault } from "./Watch.ts"
import { callsOf, failWhere, forgetCalls, takeDatabaseRows } from "./Watch.ts"
import { createWorkflow, execute, getExecution, listExecutions, requestsOf } from "./Workflows.ts"

const placements = [
  { placement: "an object of its own", service: serve() },
  { placement: "8 shared objects", service: serve({ EXECUTION_OBJECTS: "8" }) }
]

const retry = (service: Handler, id: string, body?: unknown) =>
  call(service, "POST", `/api/executions/${id}/retry`, {
    headers: { prefer: "wait=10" },
    ...(body === undefined ? {} : { body })
  })

const retried = (service: Handler, id: string, body?: unknown) =>
  read(ExecutionDetailSchema, 201, retry(service, id, body))

/** Calls to `/b` fail until `upstreamGoesOn`. */
const withoutB = () =>
  upstreamAnswers((url) => url.pathname === "/b" ? new Response(null, { status: 500 }) : Response.json(items))

const steps = requestsOf("a", "b", "c")

/** An execution that failed at its second step; the upstream answers from now on. */
const failed = async (service: Handler): Promise<ExecutionDetail> => {
  withoutB()
  const { id } = await createWorkflow(service, steps)
  const first = await execute(service, id, { wait: 10, inputs: { n: 1 } })
  expect(first.status).toBe("failed")
  upstreamGoesOn()
  return first
}

const statuses = ({ steps }: ExecutionDetail) => steps.map(({ status }) => status)

/** The requests by the steps of these executions, each with its key. */
const requests = (...made: ReadonlyArray<readonly [execution: ExecutionDetail, step: string]>) =>
  made.map(([{ id }, step]) => ({ url: `/${step}`, key: `${id}:${step}` }))

vi.setConfig({ testTimeout: 30_000 })

beforeEach(() => upstreamAnswers())

/** Lets the nth call to D1, KV or an object fail. */
const failAt = (nth: number, fault: Fault): void => {
  let seen = 0
  failWhere(({ of }) => (of === "d1" || of === "kv" || of === "execution") && ++seen === nth ? fault : undefined)
}

/** The retries of an execution, once they have ended: their alarms go off, a minute goes by, the tick comes. */
const endedRetriesOf = async (service: Service, first: string) => {
  for (let round = 0; round < 20; round++) {
    const { results } = await env.DB.prepare("SELECT id, status FROM executions WHERE retry_of = ?").bind(first).all()
    const open = results.filter(({ status }) => status === "pending" || status === "running")
    if (open.length === 0) return results
    for (const { id } of open) await ring(String(id))
    await env.DB.prepare("UPDATE executions SET updated_at = '2026-01-01T00:00:00.000Z' WHERE retry_of = ?").bind(first)
      .run()
    await service.tick()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error("A retry has not ended")
}

describe.each(["before", "after"] as const)("a fault %s each call of a retry in turn", (fault) => {
  it("lets it run to its end or not at all, and never what it has taken over", async () => {
    const service = serve({ RATE_LIMIT_STORE: "memory", LOG_LEVEL: "None" })
    const outcomes: Array<string> = []
    // Those that a retry asks, and one more.
    for (let nth = 1; nth <= 8; nth++) {
      const first = await failed(service)
      const made = askedOfUpstream().length
      failAt(nth, fault)
      const { status } = await retry(service, first.id)
      failWhere()
      const ended = await endedRetriesOf(service, first.id)
      const asked = askedOfUpstream().slice(made).map(({ url }) => url)
      outcomes.push(
        `${status}: ${ended.map((row) => String(row["status"])).join() || "nothing"}, asked ${asked.join()}`
      )
    }
    expect(outcomes.at(-1)).toBe("201: completed, asked /b,/c")
    expect(new Set(outcomes).size).toBeGreaterThan(2)
    for (const outcome of outcomes) {
      expect([
        "201: completed, asked /b,/c",
        "503: completed, asked /b,/c",
        "503: failed, asked ",
        "503: cancelled, asked ",
        "503: nothing, asked ",
        "500: nothing, asked "
      ]).toContain(outcome)
    }
  }, 60_000)
})

describe.each(placements)("a retry on $placement", ({ service }) => {
  it("goes on where the first one failed, without a body or with an empty one", async () => {
    const first = await failed(service)
    for (const body of [undefined, {}]) {
      const made = askedOfUpstream().length
      const response = await retry(service, first.id, body)
      expect(response.status).toBe(201)
      const second = Schema.decodeUnknownSync(ExecutionDetailSchema)(await response.json())
      expect(response.headers.get("location")).toBe(`/api/executions/${second.id}`)
      expect(response.headers.get("preference-applied")).toBe("wait=10")
      expect(second).toMatchObject({ retryOf: first.id, inputs: { n: 1 }, workflowVersion: 1, outputs: { c: items } })
      expect(second.steps[0]).toEqual(first.steps[0])
      expect(await getExecution(service, second.id)).toEqual(second)
      expect(askedOfUpstream().slice(made)).toEqual(requests([second, "b"], [second, "c"]))
    }
    expect(await getExecution(service, first.id)).toEqual(first)
    const { items: listed } = await listExecutions(service, `?workflowId=${first.workflowId}`)
    expect(listed.map(({ retryOf }) => retryOf)).toEqual([first.id, first.id, null])
  })

  it("runs a completed one again from the named step", async () => {
    const { id } = await createWorkflow(service, steps)
    const first = await execute(service, id, { wait: 10 })
    const second = await retried(service, first.id, { fromStep: "c" })
    expect(second.outputs).toEqual({ c: items })
    expect(askedOfUpstream().slice(3)).toEqual(requests([second, "c"]))
  })

  it("asks D1 three times and KV once more than a start, and writes no more rows", async () => {
    const first = await failed(service)
    forgetCalls()
    takeDatabaseRows()
    await retried(service, first.id)
    expect(callsOf("d1", "kv", "execution").filter((made) => !made.endsWith(" rate-limit"))).toEqual([
      "worker d1.all",
      "worker d1.all",
      "worker kv.get execution",
      "worker d1.batch",
      "worker execution.start",
      "object kv.put execution",
      "object d1.all"
    ])
    expect(takeDatabaseRows().written).toBe(8)
  })

  it("takes over after a crash of its object what it began with", async () => {
    const first = await failed(service)
    upstreamAnswers(never)
    const { id } = await read(ExecutionDetailSchema, 201, call(service, "POST", `/api/executions/${first.id}/retry`))
    await vi.waitFor(() => expect(askedOfUpstream().length).toBe(1))
    await abortAllDurableObjects()
    upstreamGoesOn()
    expect(await ring(id)).toBe(true)
    await vi.waitFor(async () => expect((await getExecution(service, id)).status).toBe("completed"))
    const second = await getExecution(service, id)
    expect(second.steps[0]).toEqual(first.steps[0])
    expect(askedOfUpstream()).toEqual(requests([second, "b"], [second, "b"], [second, "c"]))
    const { items: logs } = await read(
      pageOf(LogEntry),
      200,
      call(service, "GET", `/api/executions/${id}/logs`)
    )
    expect(logs.slice(0, 2).map(({ data, message }) => ({ message, data }))).toMatchObject([
      { message: "Execution started", data: { retryOf: first.id } },
      { message: "Steps taken over", data: { from: first.id, steps: ["a"] } }
    ])
  })

  it.each([{ from: null, asked: ["b", "c"] }, { from: "a", asked: ["a", "b", "c"] }])(
    "whose start was lost is started by the tick, from $from",
    async ({ asked, from }) => {
      const first = await failed(service)
      const made = askedOfUpstream().length
      const id = crypto.randomUUID()
      const at = new Date(Date.now() - 120_000).toISOString()
      await env.DB.prepare(
        `INSERT INTO executions (id, workflow_id, workflow_version, tenant_id, status, "trigger", inputs, placement,
          retry_of, retry_from, started_at, created_at, updated_at)
        VALUES (?1, ?2, 1, 'tenant-a', 'pending', 'api', '{"n":1}', ?3, ?4, ?5, ?6, ?6, ?6)`
      ).bind(id, first.workflowId, `id:${env.EXECUTIONS.newUniqueId().toString()}`, first.id, from, at).run()
      await service.tick()
      await vi.waitFor(async () => expect((await getExecution(service, id)).status).toBe("completed"))
      const second = await getExecution(service, id)
      expect(askedOfUpstream().slice(made)).toEqual(requests(...asked.map((step) => [second, step] as const)))
      if (from === null) expect(second.steps[0]).toEqual(first.steps[0])
    }
  )

  it("hands over as many outputs as an execution may have, in any letters", async () => {
    const large = `${"x".repeat(1_000_000)}ж`
    upstreamAnswers((url) => url.pathname === "/last" ? new Response(null, { status: 500 }) : Response.json(large))
    const ids = Array.from({ length: 10 }, (_, index) => `s${index}`)
    const { id } = await createWorkflow(service, requestsOf(...ids, "last"))
    const first = await execute(service, id, { wait: 25 })
    expect(first.error?.stepId).toBe("last")
    upstreamGoesOn()
    const second = await retried(service, first.id)
    expect(second.status).toBe("completed")
    expect(second.steps.slice(0, 10)).toEqual(first.steps.slice(0, 10))
  })

  it("is refused where there is nothing to retry", async () => {
    const first = await failed(service)
    const codeOf = async (response: Response) => [response.status, JSON.parse(await response.text()).code]
    expect(await codeOf(await retry(service, "unknown"))).toEqual([404, "EXECUTION-002"])
    expect(await codeOf(await retry(service, first.id, { fromStep: "unknown" }))).toEqual([400, "EXECUTION-003"])
    await env.KV.delete(`execution:${first.id}`)
    expect(await codeOf(await retry(service, first.id))).toEqual([409, "EXECUTION-004"])
    const done = await execute(service, first.workflowId, { wait: 10 })
    expect(statuses(done)).toEqual(["completed", "completed", "completed"])
    expect(await codeOf(await retry(service, done.id))).toEqual([409, "EXECUTION-004"])
    const inactive = await call(service, "PUT", `/api/workflows/${first.workflowId}`, { body: { status: "inactive" } })
    expect(inactive.status).toBe(200)
    expect(await codeOf(await retry(service, done.id, { fromStep: "a" }))).toEqual([409, "EXECUTION-001"])
    expect((await call(service, "DELETE", `/api/workflows/${first.workflowId}`)).status).toBe(204)
    expect(await codeOf(await retry(service, done.id, { fromStep: "a" }))).toEqual([404, "WORKFLOW-002"])
  })
})
