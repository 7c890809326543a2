import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { StepRecord } from "../../src/domain/StepRecord.ts"
import { executionOf, executionsOf, logsOf, problemOf, workflowOf } from "./harness/Answers.ts"
import type { Client } from "./harness/Client.ts"
import { clientOf } from "./harness/Client.ts"
import { callStep, definition } from "./harness/Definitions.ts"
import { operatorKey, Service } from "./harness/Service.ts"
import { until } from "./harness/Until.ts"
import { Upstream } from "./harness/Upstream.ts"

const slowMillis = 30_000

/** Answers at once, but for one path: there it takes 30 s. */
const reply = async ({ path }: { readonly path: string }) => {
  if (path === "/slow") await sleep(slowMillis, undefined, { ref: false })
  return { json: { path } }
}

const stepOf = ({ attempts, status }: StepRecord) => [status, attempts]
const cancelledSteps = [["completed", 1], ["cancelled", 1], ["cancelled", 0]]

const placements = [
  { placement: "an object each", vars: {} },
  { placement: "eight shared objects", vars: { EXECUTION_OBJECTS: "8" } }
]

describe.each(placements)("an execution that waits for its upstream, with $placement", ({ vars }) => {
  let service: Service
  let upstream: Upstream
  let api: Client
  let workflowId: string
  let id: string

  beforeAll(async () => {
    upstream = await Upstream.start(reply)
    service = await Service.start(vars)
    api = clientOf(service, operatorKey)
    const steps = [
      callStep("quick", 1, `${upstream.url}/quick`),
      callStep("slow", 2, `${upstream.url}/slow`),
      callStep("after", 3, `${upstream.url}/after`)
    ]
    const body = definition("tenant-a", "Slow", steps)
    workflowId = workflowOf(await api("POST", "/api/workflows", { body }), 201).id
  })
  afterAll(async () => {
    await service?.dispose()
    await upstream?.dispose()
  })

  test("shows what it does", async () => {
    id = executionOf(await api("POST", "/api/executions", { body: { workflowId } }), 201).id
    await until("the upstream has the slow call", 30, () => upstream.callsOf("/slow").length === 1)
    const execution = executionOf(await api("GET", `/api/executions/${id}`))
    expect(execution).toMatchObject({ status: "running", outputs: null, completedAt: null })
    expect(execution.steps.map(({ status }) => status)).toEqual(["completed", "running", "pending"])
  })

  test("is cancelled in less than a second, and the upstream sees it", async () => {
    const askedAt = performance.now()
    const asked = Date.now()
    const answer = await api("POST", `/api/executions/${id}/cancel`)
    const tookMillis = performance.now() - askedAt
    const execution = executionOf(answer)
    expect(execution).toMatchObject({ id, status: "cancelled", outputs: null })
    expect(execution.steps.map(stepOf)).toEqual(cancelledSteps)
    expect(tookMillis).toBeLessThan(1000)

    const [slow] = upstream.callsOf("/slow")
    await until("the upstream sees the connection close", 10, () => slow?.closedAt !== null)
    const closedMillis = (slow?.closedAt ?? Number.NaN) - asked
    expect(closedMillis).toBeLessThan(1000)
    console.info(`cancelled in ${tookMillis.toFixed(0)} ms, connection closed after ${closedMillis} ms`)
  })

  test("stays cancelled", async () => {
    await until("the end is stored", 20, async () => {
      const { items } = executionsOf(await api("GET", `/api/executions?workflowId=${workflowId}&status=cancelled`))
      return items.some((execution) => execution.id === id)
    })
    const execution = executionOf(await api("GET", `/api/executions/${id}`))
    expect(execution).toMatchObject({ status: "cancelled", outputs: null })
    expect(execution.completedAt).not.toBeNull()
    expect(execution.steps.map(stepOf)).toEqual(cancelledSteps)

    const { items } = logsOf(await api("GET", `/api/executions/${id}/logs?level=warn`))
    expect(items.map(({ message, stepId }) => [stepId, message])).toEqual([
      ["slow", "Step cancelled"],
      [undefined, "Execution cancelled"]
    ])
    expect(upstream.calls.map(({ path }) => path)).toEqual(["/quick", "/slow"])
  })

  test("can't be cancelled again", async () => {
    expect(problemOf(await api("POST", `/api/executions/${id}/cancel`))).toMatchObject({
      code: "EXECUTION-004",
      status: 409
    })
  })
})
