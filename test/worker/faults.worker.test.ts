import { env } from "cloudflare:workers"
import { Schema } from "effect"
import { afterEach, describe, expect, it, vi } from "vitest"
import { terminalStatuses } from "../../src/domain/Execution.ts"
import { Problem } from "../../src/http/api/Errors.ts"
import { ring, serve } from "./Service.ts"
import type { Service } from "./Service.ts"
import { askedOfUpstream, items, upstreamAnswers } from "./Upstream.ts"
import type { Fault } from "./Watch.ts"
import { failWhere, faultMessage } from "./Watch.ts"
import { createWorkflow, getExecution, requestsOf, startCall } from "./Workflows.ts"

const variables = { RATE_LIMIT_STORE: "memory", LOG_LEVEL: "None" }

const placements = [
  { placement: "an object of its own", service: serve(variables) },
  { placement: "8 shared objects", service: serve({ ...variables, EXECUTION_OBJECTS: "8" }) }
]

/** Lets `times` calls to D1, KV or an object fail, from the nth on; answers how many calls there were. */
const failFrom = (nth: number, times: number, fault: Fault) => {
  let seen = 0
  failWhere(({ of }) => {
    if (of !== "d1" && of !== "kv" && of !== "execution") return undefined
    seen++
    return seen >= nth && seen < nth + times ? fault : undefined
  })
  return () => seen
}

const rowsOf = async (workflowId: string) => {
  const { results } = await env.DB.prepare("SELECT id, status FROM executions WHERE workflow_id = ?").bind(workflowId)
    .all()
  return results.map(({ id, status }) => ({ id: String(id), status: String(status) }))
}

/** Lets time pass until the executions have ended: their alarms go off, a minute goes by, the tick comes. */
const settle = async (service: Service, workflowId: string): Promise<void> => {
  for (let round = 0; round < 10; round++) {
    const open = (await rowsOf(workflowId)).filter(({ status }) => !terminalStatuses.some((end) => end === status))
    if (open.length === 0) return
    for (const { id } of open) await ring(id)
    await env.DB.prepare("UPDATE executions SET updated_at = '2026-01-01T00:00:00.000Z' WHERE workflow_id = ?")
      .bind(workflowId).run()
    await service.tick().catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`Still not at their end: ${JSON.stringify(await rowsOf(workflowId))}`)
}

/** Lets the alarms go off until the objects have nothing left to do: none of it then falls among the next calls. */
const drain = async (workflowId: string): Promise<void> => {
  for (const { id } of await rowsOf(workflowId)) {
    while (await ring(id)) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The end of an execution's row, and how many calls its steps made: each with the key of its step, once. */
const endOf = async (service: Service, workflowId: string): Promise<string> => {
  const [row, ...others] = await rowsOf(workflowId)
  expect(others).toEqual([])
  if (row === undefined) return "nothing stored"
  const execution = await getExecution(service, row.id)
  expect(execution.status).toBe(row.status)
  const asked = askedOfUpstream()
  expect(asked).toEqual(
    asked.length === 0 ? [] : ["a", "b", "c"].map((id) => ({ url: `/${id}`, key: `${row.id}:${id}` }))
  )
  if (row.status === "completed") expect(Object.keys(execution.outputs ?? {})).toEqual(["c"])
  return `${row.status} after ${asked.length} requests`
}

/** Starts an execution: it is taken, or refused as the contract says, with nothing of the fault in the answer. */
const start = async (service: Service, workflowId: string, wait: number): Promise<number> => {
  const response = await startCall(service, workflowId, { wait })
  const body = await response.text()
  expect(body).not.toContain(faultMessage)
  expect(body).not.toMatch(/\.ts\b|\bat \w+ \(/)
  if (response.status === 201) return 201
  const problem = Schema.decodeUnknownSync(Schema.fromJsonString(Problem))(body)
  expect([problem.status, problem.code, response.headers.get("retry-after")]).toEqual([503, "EXECUTION-001", "5"])
  return 503
}

/** What came of an execution at each call that can fail, and of the first one without a fault. */
const outcomes = async (service: Service, times: number, fault: Fault, wait: number) => {
  const { id: workflowId } = await createWorkflow(service, requestsOf("a", "b", "c"))
  const ends: Array<string> = []
  for (let nth = 1;; nth++) {
    upstreamAnswers()
    await env.DB.prepare("DELETE FROM executions").run()
    const seen = failFrom(nth, times, fault)
    const status = await start(service, workflowId, wait)
    await settle(service, workflowId)
    failWhere()
    await drain(workflowId)
    ends.push(`${status}, ${await endOf(service, workflowId)}`)
    if (seen() < nth) return ends
  }
}

const stored = "201, completed after 3 requests"

vi.setConfig({ testTimeout: 60_000 })

afterEach(() => failWhere())

/** In order: the Worker's batch on D1, its call to the object, the object's write to KV and its update on D1. */
describe.each(placements)("a fault at each call of an execution in turn, with $placement", ({ service }) => {
  it("one call fails", async () => {
    expect(await outcomes(service, 1, "before", 10)).toEqual([
      "503, nothing stored",
      "503, failed after 0 requests",
      stored,
      stored,
      stored
    ])
  })

  it("three calls fail in a row", async () => {
    expect(await outcomes(service, 3, "before", 10)).toEqual([
      "503, nothing stored",
      "503, completed after 3 requests",
      stored,
      stored,
      stored
    ])
  })

  // A run whose start was told as refused goes on: what its row says is what was stored first.
  it.each([1, 3])("%i answers are lost", async (times) => {
    expect(await outcomes(service, times, "after", 10)).toEqual([
      "503, completed after 3 requests",
      "503, completed after 3 requests",
      stored,
      stored,
      stored
    ])
  })

  it("the note that a longer run goes on fails", async () => {
    const { id: workflowId } = await createWorkflow(service, requestsOf("a", "b", "c"))
    await env.DB.prepare("DELETE FROM executions").run()
    upstreamAnswers(() => new Promise((resolve) => setTimeout(() => resolve(Response.json(items)), 500)))
    const seen = failFrom(3, 1, "before")
    expect(await start(service, workflowId, 10)).toBe(201)
    expect(seen()).toBe(5)
    expect(await endOf(service, workflowId)).toBe("completed after 3 requests")
  })

  it.each(
    [
      { fault: "before", times: 1 },
      { fault: "before", times: 3 },
      { fault: "after", times: 1 },
      { fault: "after", times: 3 }
    ] as const
  )("without a wait, $times times, $fault the work is done", async ({ fault, times }) => {
    const ends = await outcomes(service, times, fault, 0)
    expect(ends.slice(2)).toEqual(ends.slice(2).map(() => stored))
    expect(ends.slice(0, 2).every((end) => end.startsWith("503, "))).toBe(true)
  })
})
