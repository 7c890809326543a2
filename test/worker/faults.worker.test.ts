import { env } from "cloudflare:workers"
import { afterEach, describe, expect, it } from "vitest"
import { isTerminal } from "../../src/domain/Execution.ts"
import { Problem } from "../../src/http/api/Errors.ts"
import { ring, serve } from "./Service.ts"
import type { Service } from "./Service.ts"
import { askedOfUpstream, upstreamAnswers } from "./Upstream.ts"
import type { Call, Fault } from "./Watch.ts"
import { callsOf, failWhere, faultMessage, forgetCalls } from "./Watch.ts"
import { createWorkflow, getExecution, requestsOf, startCall } from "./Workflows.ts"
import { Schema } from "effect"

const variables = { RATE_LIMIT_STORE: "memory", LOG_LEVEL: "None" }

const placements = [
  { placement: "an object of its own", service: serve(variables) },
  { placement: "8 shared objects", service: serve({ ...variables, EXECUTION_OBJECTS: "8" }) }
]

/** Lets `times` calls on these fail from the nth on; answers how many there were at all. */
const failFrom = (nth: number, times: number, fault: Fault, of: ReadonlyArray<Call["of"]>) => {
  let seen = 0
  failWhere((call) => {
    if (!of.includes(call.of)) return undefined
    seen++
    return seen >= nth && seen < nth + times ? fault : undefined
  })
  return () => seen
}

/** The rows of the executions of a workflow, as they are stored. */
const rowsOf = async (workflowId: string) => {
  const { results } = await env.DB.prepare("SELECT id, status FROM executions WHERE workflow_id = ?").bind(workflowId).all()
  return results.map(({ id, status }) => ({ id: String(id), status: String(status) }))
}

/** Lets time do its work: the alarms go off, minutes pass, the tick comes. Answers how many rounds it took. */
const settle = async (service: Service, workflowId: string): Promise<number> => {
  for (let round = 0; round < 10; round++) {
    const open = (await rowsOf(workflowId)).filter(({ status }) => !["completed", "failed", "cancelled"].includes(status))
    if (open.length === 0) return round
    for (const { id } of open) await ring(id)
    await env.DB.prepare("UPDATE executions SET updated_at = '2026-01-01T00:00:00.000Z' WHERE workflow_id = ?")
      .bind(workflowId).run()
    await service.tick().catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`Still not at their end: ${JSON.stringify(await rowsOf(workflowId))}`)
}

afterEach(() => failWhere())

describe.each(placements)("a store that fails, with $placement", ({ service }) => {
  const cases = [
    { of: ["d1", "kv"], title: "D1 or KV" },
    { of: ["execution"], title: "the call to the object" }
  ] as const

  for (const { of, title } of cases) {
    for (const fault of ["before", "after"] as const) {
      for (const times of [1, 3]) {
        for (const wait of [0, 10]) {
          it(`${title}, at each call in turn, ${times} in a row, ${fault} the work is done, wait ${wait}`, async () => {
            const { id: workflowId } = await createWorkflow(service, requestsOf("a", "b", "c"))
            const outcomes: Array<string> = []
            for (let nth = 1;; nth++) {
              upstreamAnswers()
              await env.DB.prepare("DELETE FROM executions").run()
              const seen = failFrom(nth, times, fault, of)
              outcomes.push(await outcomeOf(service, workflowId, wait))
              failWhere()
              if (seen() < nth) break
            }
            console.log(title, fault, times, wait, JSON.stringify(outcomes))
          })
        }
      }
    }
  }

  const outcomeOf = async (service: Service, workflowId: string, wait: number): Promise<string> => {
    const response = await startCall(service, workflowId, { wait })
    const body = await response.text()
    expect(body).not.toContain(faultMessage)
    expect(body).not.toMatch(/\.ts\b|at \w+ \(/)
    expect([201, 503]).toContain(response.status)
    if (response.status === 503) {
      expect(response.headers.get("retry-after")).toBe("5")
      expect(Schema.decodeUnknownSync(Schema.fromJsonString(Problem))(body).code).toBe("EXECUTION-001")
    }
    const rounds = await settle(service, workflowId)
    const rows = await rowsOf(workflowId)
    expect(rows.length).toBeLessThanOrEqual(1)
    for (const { id } of rows) {
      const execution = await getExecution(service, id)
      expect(isTerminal(execution.status)).toBe(true)
      const keys = askedOfUpstream().map(({ key, url }) => `${url} ${key}`)
      expect(new Set(keys).size, "one key for each step").toBe(new Set(askedOfUpstream().map(({ url }) => url)).size)
      if (response.status === 201) expect(execution.status).toBe("completed")
      return `${response.status} ${execution.status} asked ${askedOfUpstream().length} rounds ${rounds}`
    }
    return `${response.status} no row, asked ${askedOfUpstream().length}`
  }
})
