import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { Workflow } from "../../src/domain/Workflow.ts"
import type { Service } from "./Service.ts"
import { call, objectAt, placementOf, read, ring, serve } from "./Service.ts"
import { askedOfUpstream, never, upstreamAnswers, upstreamGoesOn } from "./Upstream.ts"
import { callsOf, failWhere, forgetCalls } from "./Watch.ts"
import { createWorkflow, execute, getExecution, listExecutions, requestsOf } from "./Workflows.ts"

const placements = [
  { placement: "objects of their own", service: serve() },
  { placement: "one of 8 shared objects each", service: serve({ EXECUTION_OBJECTS: "8" }) },
  { placement: "the same object", service: serve({ EXECUTION_OBJECTS: "1" }) }
]

vi.setConfig({ testTimeout: 60_000 })

beforeEach(() => {
  upstreamAnswers()
  failWhere()
})

const sub = (workflowId: string, config: object = {}, more: object = {}) => ({
  id: "sub",
  type: "workflow",
  order: 1,
  config: { workflowId, ...config },
  ...more
})

const event = { id: "hold", type: "wait-for-event", order: 1, config: { signal: "go" } }

const childrenOf = async (service: Service, workflowId: string) =>
  (await listExecutions(service, `?workflowId=${workflowId}`)).items

const onlyChild = async (service: Service, workflowId: string) => {
  const [child, ...others] = await vi.waitFor(async () => {
    const children = await childrenOf(service, workflowId)
    expect(children.length).toBeGreaterThan(0)
    return children
  }, { timeout: 20_000, interval: 50 })
  expect(others).toEqual([])
  if (child === undefined) throw new Error("There is no child")
  return child
}

const status = (service: Service, id: string, expected: string, timeout = 10_000) =>
  vi.waitFor(async () => expect((await getExecution(service, id)).status).toBe(expected), { timeout, interval: 100 })

describe.each(placements)("a child in $placement", ({ service }) => {
  it("runs beside its parent, which goes on with its outputs", async () => {
    const { id: workflowId } = await createWorkflow(service, requestsOf("inner"))
    const { id } = await createWorkflow(service, [sub(workflowId, { inputs: { a: 1 } })])
    const run = await execute(service, id, { wait: 20 })
    expect(run.status).toBe("completed")
    const child = await onlyChild(service, workflowId)
    expect(child).toMatchObject({
      parentId: run.id,
      trigger: "workflow",
      status: "completed",
      tenantId: "tenant-a",
      inputs: { a: 1 },
      requestId: run.requestId
    })
    expect(run.outputs).toEqual({ sub: child.outputs })
    expect(askedOfUpstream()).toEqual([{ url: "/inner", key: `${child.id}:inner` }])
  })

  it("ends while its parent is parked and evicted: the parent is told, and goes on", async () => {
    const { id: workflowId } = await createWorkflow(service, [event])
    const { id } = await createWorkflow(service, [sub(workflowId)])
    const run = await execute(service, id)
    const child = await onlyChild(service, workflowId)
    await status(service, run.id, "waiting", 20_000)
    await status(service, child.id, "waiting", 20_000)
    await evictDurableObject(objectAt(await placementOf(run.id)))
    const signalled = await call(service, "POST", `/api/executions/${child.id}/signals/go`, { body: { payload: 7 } })
    expect(signalled.status).toBe(202)
    await status(service, run.id, "completed")
    expect((await getExecution(service, run.id)).outputs).toEqual({ sub: { hold: 7 } })
  })

  it("is cancelled with its parent", async () => {
    upstreamAnswers(never)
    const { id: workflowId } = await createWorkflow(service, requestsOf("inner"))
    const { id } = await createWorkflow(service, [sub(workflowId)])
    const run = await execute(service, id)
    await vi.waitFor(() => expect(askedOfUpstream().length).toBe(1))
    expect((await call(service, "POST", `/api/executions/${run.id}/cancel`)).status).toBe(200)
    expect((await onlyChild(service, workflowId)).status).toBe("cancelled")
  })

  it("is found again by its parent after a crash of all objects, and runs once", async () => {
    upstreamAnswers(never)
    const { id: workflowId } = await createWorkflow(service, requestsOf("inner"))
    const { id } = await createWorkflow(service, [sub(workflowId)])
    const run = await execute(service, id)
    await vi.waitFor(() => expect(askedOfUpstream().length).toBe(1))
    await abortAllDurableObjects()
    upstreamGoesOn()
    const child = await onlyChild(service, workflowId)
    await ring(child.id)
    await runDurableObjectAlarm(objectAt(await placementOf(run.id)))
    await status(service, run.id, "completed")
    const again = await onlyChild(service, workflowId)
    expect([again.id, again.status]).toEqual([child.id, "completed"])
    // The unfinished request is made again, with the same key.
    expect(new Set(askedOfUpstream().map(({ key }) => key))).toEqual(new Set([`${child.id}:inner`]))
  })

  it("is told to its parent again and again while the parent's object does not answer", async () => {
    const { id: workflowId } = await createWorkflow(service, [event])
    const { id } = await createWorkflow(service, [sub(workflowId)])
    const run = await execute(service, id)
    const child = await onlyChild(service, workflowId)
    let failures = 0
    failWhere(({ by, of, what }) =>
      by === "object" && of === "execution" && what === "signal" && ++failures === 1 ? "before" : undefined
    )
    await call(service, "POST", `/api/executions/${child.id}/signals/go`, { body: {} })
    await vi.waitFor(() => expect(failures).toBe(1))
    expect((await getExecution(service, run.id)).status).not.toBe("completed")
    await status(service, run.id, "completed")
    expect(failures).toBe(2)
  })
})

describe("what a child asks for", () => {
  it("is D1 and an object, and nothing for its steps", async () => {
    const service = serve()
    const { id: workflowId } = await createWorkflow(service, requestsOf("a", "b", "c"))
    const { id } = await createWorkflow(service, [sub(workflowId)])
    forgetCalls()
    const run = await execute(service, id, { wait: 20 })
    expect(run.status).toBe("completed")
    expect(callsOf("d1", "kv", "execution").filter((made) => made.startsWith("object"))).toEqual([
      // The parent looks for the child, stores it, and hands it over.
      "object d1.all",
      "object d1.batch",
      "object execution.start",
      // The child's end: its trace, its row, where its parent is.
      "object kv.put execution",
      "object d1.all",
      "object d1.all",
      "object execution.signal",
      // The parent reads it, and ends.
      "object d1.all",
      "object kv.put execution",
      "object d1.all"
    ])
  })
})

describe("settings.onFailure", () => {
  it("starts a workflow for the failed execution, also when the database fails at first", async () => {
    const service = serve()
    upstreamAnswers(() => new Response("", { status: 500 }))
    const { id: handler } = await createWorkflow(service, [
      { id: "code", type: "transform", order: 1, config: { operation: "expression", expression: "inputs.error.code" } }
    ])
    const { id } = await read(
      Workflow,
      201,
      call(service, "POST", "/api/workflows", {
        body: { tenantId: "tenant-a", name: "Fails", steps: requestsOf("a"), settings: { onFailure: handler } }
      })
    )
    let failures = 0
    failWhere(({ by, of, what }) =>
      by === "object" && of === "d1" && what === "batch" && ++failures === 1 ? "before" : undefined
    )
    const run = await execute(service, id, { wait: 20 })
    expect(run.status).toBe("failed")
    const started = await onlyChild(service, handler)
    await status(service, started.id, "completed")
    expect(await getExecution(service, started.id)).toMatchObject({
      parentId: run.id,
      trigger: "failure",
      outputs: { code: "http-5xx" }
    })
    expect(failures).toBe(2)
  })
})

it("a tenant can't send the signal of a child's end", async () => {
  const service = serve()
  const { id: workflowId } = await createWorkflow(service, [event])
  const { id } = await createWorkflow(service, [sub(workflowId)])
  const run = await execute(service, id)
  const child = await onlyChild(service, workflowId)
  for (const name of [`child:${child.id}`, `child%3A${child.id}`]) {
    const answer = await call(service, "POST", `/api/executions/${run.id}/signals/${name}`, { body: {} })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: "REQUEST-001" })
  }
  expect((await call(service, "POST", `/api/executions/${run.id}/cancel`)).status).toBe(200)
})
