import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { executionOf, executionsOf, logsOf, problemOf, workflowOf, workflowsOf } from "./harness/Answers.ts"
import type { Client } from "./harness/Client.ts"
import { clientOf, send } from "./harness/Client.ts"
import { callStep, definition } from "./harness/Definitions.ts"
import { operatorKey, Service } from "./harness/Service.ts"
import type { Call } from "./harness/Upstream.ts"
import { Upstream } from "./harness/Upstream.ts"

const items = [
  { id: 1, name: "first", active: true },
  { id: 2, name: "second", active: false },
  { id: 3, name: "third", active: true }
]
const answer = ({ path }: Call) => path === "/data" ? { json: { items } } : { status: 500, json: { problem: "no" } }

const waiting = { headers: { prefer: "wait=25" } }

describe("a workflow's life", () => {
  let service: Service
  let upstream: Upstream
  let api: Client
  let workflowId: string
  let failingId: string
  /** Of the executions that ended, newest first. */
  const executionIds: Array<string> = []

  const body = () => ({
    ...definition("tenant-a", "Data pipeline", [
      callStep("step-1", 1, `${upstream.url}/data`),
      {
        id: "step-2",
        type: "transform",
        order: 2,
        config: { operation: "filter", path: "items", field: "active", operator: "eq", value: true }
      }
    ]),
    description: "Keeps what is active"
  })

  const run = async (id: string, more: Readonly<Record<string, unknown>> = {}) => {
    const answer = await api("POST", "/api/executions", { body: { workflowId: id, ...more }, ...waiting })
    expect(answer.headers["preference-applied"]).toBe("wait=25")
    const execution = executionOf(answer, 201)
    expect(answer.headers["location"]).toBe(`/api/executions/${execution.id}`)
    executionIds.unshift(execution.id)
    return execution
  }

  beforeAll(async () => {
    upstream = await Upstream.start(answer)
    service = await Service.start()
    api = clientOf(service, operatorKey)
  })
  afterAll(async () => {
    await service?.dispose()
    await upstream?.dispose()
  })

  test("is created", async () => {
    const answer = await api("POST", "/api/workflows", { body: body() })
    const workflow = workflowOf(answer, 201)
    expect(workflow).toEqual({
      ...body(),
      id: workflow.id,
      triggers: [],
      status: "active",
      version: 1,
      createdAt: workflow.createdAt,
      updatedAt: workflow.createdAt
    })
    expect(answer.headers).toMatchObject({ location: `/api/workflows/${workflow.id}`, etag: "\"1\"" })
    workflowId = workflow.id

    const failing = definition("tenant-b", "Always fails", [callStep("only", 1, `${upstream.url}/broken`)])
    failingId = workflowOf(await api("POST", "/api/workflows", { body: failing }), 201).id
  })

  test("is read, and not sent again to who has it", async () => {
    const answer = await api("GET", `/api/workflows/${workflowId}`)
    expect(workflowOf(answer)).toMatchObject({ id: workflowId, name: "Data pipeline", version: 1 })
    expect(answer.headers["etag"]).toBe("\"1\"")
    const again = await api("GET", `/api/workflows/${workflowId}`, { headers: { "if-none-match": "\"1\"" } })
    expect([again.status, again.text]).toEqual([304, ""])
  })

  test("is found by each filter of the list", async () => {
    const idsOf = async (query: string) =>
      workflowsOf(await api("GET", `/api/workflows${query}`)).items.map(({ id }) => id)
    expect(await idsOf("")).toEqual([failingId, workflowId])
    expect(await idsOf("?tenantId=tenant-a")).toEqual([workflowId])
    expect(await idsOf("?name=PIPE")).toEqual([workflowId])
    expect(await idsOf("?status=inactive")).toEqual([])
    const first = workflowsOf(await api("GET", "/api/workflows?limit=1"))
    expect(first.items.map(({ id }) => id)).toEqual([failingId])
    expect(await idsOf(`?limit=1&cursor=${first.nextCursor}`)).toEqual([workflowId])
  })

  test("is changed by who knows its version", async () => {
    const change = (description: string) =>
      api("PUT", `/api/workflows/${workflowId}`, { body: { description }, headers: { "if-match": "\"1\"" } })
    const answer = await change("Changed")
    expect(workflowOf(answer)).toMatchObject({ ...body(), description: "Changed", version: 2 })
    expect(answer.headers["etag"]).toBe("\"2\"")
    expect(problemOf(await change("Too late"))).toMatchObject({ code: "WORKFLOW-004", status: 412 })
    expect(workflowOf(await api("GET", `/api/workflows/${workflowId}`))).toMatchObject({ description: "Changed" })
  })

  test("runs, with an answer after the end", async () => {
    const execution = await run(workflowId, { inputs: { day: 1 }, trigger: "walk" })
    expect(execution).toMatchObject({
      workflowId,
      workflowVersion: 2,
      tenantId: "tenant-a",
      status: "completed",
      trigger: "walk",
      inputs: { day: 1 },
      outputs: { "step-2": [items[0], items[2]] },
      error: null,
      steps: [
        { id: "step-1", type: "http-request", status: "completed", attempts: 1, output: { items }, error: null },
        { id: "step-2", type: "transform", status: "completed", attempts: 1, output: [items[0], items[2]], error: null }
      ]
    })
    expect(upstream.callsOf("/data").map(({ headers }) => headers["idempotency-key"])).toEqual([
      `${execution.id}:step-1`
    ])
    expect(executionOf(await api("GET", `/api/executions/${execution.id}`))).toEqual(execution)
  })

  test("tells what it did in its log", async () => {
    const path = `/api/executions/${executionIds[0]}/logs`
    const { items } = logsOf(await api("GET", path))
    expect(items.map(({ message, stepId }) => [stepId, message])).toEqual([
      [undefined, "Execution started"],
      ["step-1", "Step started"],
      ["step-1", "Step completed"],
      ["step-2", "Step started"],
      ["step-2", "Step completed"],
      [undefined, "Execution completed"]
    ])
    const first = logsOf(await api("GET", `${path}?limit=4`))
    const second = logsOf(await api("GET", `${path}?limit=4&cursor=${first.nextCursor}`))
    expect([...first.items, ...second.items]).toEqual(items)
    expect(second.nextCursor).toBeNull()
    expect(logsOf(await api("GET", `${path}?level=warn`)).items).toEqual([])
  })

  test("fails with its upstream", async () => {
    const execution = await run(failingId)
    expect(execution).toMatchObject({
      status: "failed",
      outputs: null,
      error: { code: "http-5xx", stepId: "only" },
      steps: [{ id: "only", status: "failed", error: { code: "http-5xx" } }]
    })
    const errors = logsOf(await api("GET", `/api/executions/${execution.id}/logs?level=error`)).items
    expect(errors.map(({ message }) => message)).toEqual(["Step failed", "Execution failed"])
  })

  test("has its executions found by each filter of the list", async () => {
    await run(workflowId)
    const [newest, failed, oldest] = executionIds
    const list = async (query: string) => executionsOf(await api("GET", `/api/executions${query}`))
    const idsOf = async (query: string) => (await list(query)).items.map(({ id }) => id)
    expect(await idsOf("")).toEqual([newest, failed, oldest])
    expect(await idsOf(`?workflowId=${workflowId}`)).toEqual([newest, oldest])
    expect(await idsOf("?tenantId=tenant-b")).toEqual([failed])
    expect(await idsOf("?status=failed")).toEqual([failed])
    expect(await idsOf("?status=running")).toEqual([])
    expect(await idsOf("?trigger=walk")).toEqual([oldest])

    const [, { createdAt } = { createdAt: "" }] = (await list("")).items
    expect(await idsOf(`?from=${createdAt}`)).toEqual([newest, failed])
    expect(await idsOf(`?to=${createdAt}`)).toEqual([oldest])

    const first = await list("?limit=2")
    const second = await list(`?limit=2&cursor=${first.nextCursor}`)
    expect([first, second].map(({ items }) => items.map(({ id }) => id))).toEqual([[newest, failed], [oldest]])
    expect(second.nextCursor).toBeNull()
  })

  test("ends, and leaves its executions readable", async () => {
    expect((await api("DELETE", `/api/workflows/${workflowId}`)).status).toBe(204)
    const calls = [
      await api("GET", `/api/workflows/${workflowId}`),
      await api("PUT", `/api/workflows/${workflowId}`, { body: { name: "Gone" } }),
      await api("DELETE", `/api/workflows/${workflowId}`),
      await api("POST", "/api/executions", { body: { workflowId } })
    ]
    for (const call of calls) expect(problemOf(call)).toMatchObject({ code: "WORKFLOW-002", status: 404 })
    expect(workflowsOf(await api("GET", "/api/workflows")).items.map(({ id }) => id)).toEqual([failingId])
    expect(executionOf(await api("GET", `/api/executions/${executionIds[0]}`)).status).toBe("completed")
  })

  test("is looked after every minute", async () => {
    const tick = await send(service.url, "GET", "/cdn-cgi/local/scheduled")
    expect([tick.status, tick.text]).toEqual([200, "ok"])
  })

  test("survives that the service is stopped and started again", async () => {
    const everything = () =>
      Promise.all([
        "/api/workflows",
        `/api/workflows/${failingId}`,
        "/api/executions",
        ...executionIds.flatMap((id) => [`/api/executions/${id}`, `/api/executions/${id}/logs`])
      ].map(async (path) => {
        const { json, status } = await api("GET", path)
        return { path, status, json }
      }))

    const before = await everything()
    expect(before.map(({ status }) => status)).toEqual(before.map(() => 200))
    expect(await service.stop()).toBe(0)
    await expect(api("GET", "/health")).rejects.toThrow("ECONNREFUSED")
    await service.start()
    expect(await everything()).toEqual(before)
    expect((await run(failingId)).status).toBe("failed")
  })
})
