import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { agents } from "./harness/Agents.ts"
import type { Agent } from "./harness/Agents.ts"
import { callStep } from "./harness/Definitions.ts"
import { Service } from "./harness/Service.ts"
import { until } from "./harness/Until.ts"
import { Upstream } from "./harness/Upstream.ts"

const tenantKey = "the-key-of-tenant-a"
const slowMillis = 60_000

let service: Service
let upstream: Upstream

beforeAll(async () => {
  upstream = await Upstream.start(async ({ path }) => {
    if (path === "/slow") await sleep(slowMillis, undefined, { ref: false })
    return path === "/broken" ? { status: 500, json: { error: "out of order" } } : { json: [{ name: "Ada" }] }
  })
  service = await Service.start({ API_ALLOWED_KEYS: `tenant-a:${tenantKey}` }, "--watch")
})
afterAll(async () => {
  await service?.dispose()
  await upstream?.dispose()
})

describe.each(agents)("an agent with %s", (_, connect) => {
  let agent: Agent
  let workflowId: unknown

  const answered = async (...call: Parameters<Agent["call"]>) => {
    const { isError, json } = await agent.call(...call)
    if (isError) throw new Error(JSON.stringify(json))
    return json
  }
  const create = async (name: string, path: string) =>
    (await answered("workflow_create", {
      definition: { name, steps: [callStep("call", 1, `${upstream.url}${path}`)] }
    }))["id"]

  beforeAll(async () => {
    agent = await connect(service.url, tenantKey)
  })
  afterAll(() => agent?.close())

  test("sees the tools", async () => {
    const tools = await agent.tools()
    expect(tools).toContain("workflow_validate")
    expect(tools).toContain("execution_wait")
  })

  test("is told of a mistake with its place, and stores what is right", async () => {
    const steps = [{ id: "call", type: "http-request", order: 1, config: { ulr: `${upstream.url}/users` } }]
    const wrong = await answered("workflow_validate", { definition: { name: "Users", steps } })
    expect(wrong).toMatchObject({
      valid: false,
      issues: [
        { path: ["steps", 0, "config", "ulr"], message: "is not known here" },
        { path: ["steps", 0, "config", "url"], message: "is required" }
      ]
    })
    const refused = await agent.call("workflow_create", { definition: { name: "Users", steps } })
    expect(refused).toMatchObject({ isError: true, json: { code: "WORKFLOW-001" } })
    workflowId = await create("Users", "/users")
    expect(await answered("workflow_get", { workflowId })).toMatchObject({ version: 1, status: "active" })
  })

  test("runs it, and is told what happens", async () => {
    const told: Array<string> = []
    const run = await answered("workflow_execute", { workflowId, waitSeconds: 20 }, {
      onProgress: (message) => told.push(message)
    })
    expect(run).toMatchObject({ status: "completed", untrusted: { outputs: { call: [{ name: "Ada" }] } } })
    expect(told).toEqual(["Execution started", "Step started: call", "Step completed: call", "Execution completed"])
  })

  test("finds out why one failed", async () => {
    const failed = await answered("workflow_execute", {
      workflowId: await create("Broken", "/broken"),
      waitSeconds: 20
    })
    expect(failed).toMatchObject({ status: "failed", errorCode: "http-5xx", errorStep: "call" })
    const explained = await answered("execution_explain", { executionId: failed["id"] })
    expect(explained).toMatchObject({ errorCode: "http-5xx", step: { path: "call", attempts: 1 } })
    expect(JSON.stringify(explained)).toContain("out of order")
  })

  test("gives up a call that waits: within 2 s nothing waits any more, and the execution goes on", async () => {
    const slowId = await create("Slow", "/slow")
    const before = upstream.callsOf("/slow").length
    const givenUp = new AbortController()
    const output = service.output.length
    const waiting = agent.call("workflow_execute", { workflowId: slowId, waitSeconds: 25 }, { signal: givenUp.signal })
    const ended = waiting.then(() => "answered", () => "given up")
    await until("the upstream has the call", 20, () => upstream.callsOf("/slow").length > before)
    givenUp.abort()
    const asked = performance.now()
    expect(await ended).toBe("given up")
    await until(
      "the service gives up the wait",
      20,
      () => service.output.slice(output).includes("A client has given up its request")
    )
    expect(performance.now() - asked).toBeLessThan(2_000)

    const { items } = await answered("execution_list", { workflowId: slowId })
    const [execution] = Array.isArray(items) ? items : []
    expect(execution).toMatchObject({ workflowId: slowId })
    expect(["pending", "running"]).toContain(execution.status)
    const call = upstream.callsOf("/slow").at(-1)
    expect(call?.closedAt).toBeNull()

    const cancelled = await answered("execution_cancel", { executionId: execution.id })
    expect(cancelled).toMatchObject({ id: execution.id, status: "cancelled" })
    await until("the upstream sees the connection close", 10, () => call?.closedAt !== null)
    const again = await agent.call("execution_cancel", { executionId: execution.id })
    expect(again).toMatchObject({ isError: true, json: { code: "EXECUTION-004" } })
  })
})
