import type { Client } from "@modelcontextprotocol/client"
import { describe, expect, it, vi } from "vitest"
import { refusal, serve, structured } from "./harness.ts"

type Service = ReturnType<typeof serve>
type Args = Readonly<Record<string, unknown>>

const expression = (id: string, order: number, expression: string) => ({
  id,
  type: "transform",
  order,
  config: { operation: "expression", expression }
})
const waits = (schema?: object) => ({
  id: "wait",
  type: "wait-for-event",
  order: 1,
  config: { signal: "go", ...(schema === undefined ? {} : { schema }) }
})
const slow = { id: "slow", type: "delay", order: 1, config: { duration: "1h" } }

const makeWorkflow = async ({ api }: Service, steps: ReadonlyArray<object>, members: object = {}): Promise<string> => {
  const body = { tenantId: "tenant-a", name: "W", steps, ...members }
  const { json, status } = await api("POST", "/api/workflows", body)
  expect({ status, issues: json.issues }).toEqual({ status: 201, issues: undefined })
  return json.id
}

/** The tools as a client calls them that checks each answer by the schema that it was told of. */
const toolsOf = (client: Client) => {
  const listed = client.listTools()
  const call = async (name: string, args: Args) => {
    await listed
    return client.callTool({ name, arguments: { ...args } })
  }
  return {
    does: async (name: string, args: Args) => structured(await call(name, args)),
    refuses: async (name: string, args: Args) => refusal(await call(name, args))
  }
}

const waitingFor = [{ step: "wait", signal: "go" }]

/** Starts an execution, and lets it come to the step that waits for the signal. */
const park = async ({ does }: ReturnType<typeof toolsOf>, workflowId: string): Promise<string> => {
  const { id: executionId } = await does("workflow_execute", { workflowId, waitSeconds: 0 })
  await vi.waitUntil(async () => (await does("execution_get", { executionId })).waitingFor !== undefined)
  return executionId
}

const connect = async (service: Service, options: Parameters<Service["connect"]>[0] = {}) =>
  toolsOf(await service.connect(options))

describe.each(["auto", "legacy"] as const)("a client of the era %s", (era) => {
  it("gets from each tool what its output schema says", async () => {
    const service = serve()
    const { does, refuses } = await connect(service, { era })
    const definition = {
      name: "Sum",
      steps: [expression("a", 1, "inputs.x + 1")],
      outputs: { sum: "{{ steps.a.output }}" }
    }
    expect(await does("workflow_validate", { definition })).toMatchObject({ valid: true, issues: [], issuesInAll: 0 })
    const { id: workflowId } = await does("workflow_create", { definition })
    expect(await does("workflow_get", { workflowId, fields: ["name", "outputs"] })).toMatchObject({
      id: workflowId,
      version: 1,
      untrusted: { definition: { name: "Sum", outputs: definition.outputs } }
    })
    const listed = await does("workflow_list", { name: "um", status: "active", limit: 1 })
    expect(listed).toMatchObject({ items: [{ id: workflowId, untrusted: { name: "Sum" } }], nextCursor: null })
    const run = await does("workflow_execute", { workflowId, inputs: { x: 2 }, waitSeconds: 25 })
    expect(run).toMatchObject({ status: "completed", errorCode: null, untrusted: { outputs: { sum: 3 } } })
    const executionId = run.id
    const part = await does("execution_get", { executionId, fields: ["inputs", "stepOutputs"] })
    expect(part.untrusted).toEqual({ trigger: "mcp", inputs: { x: 2 }, stepOutputs: { a: 3 } })
    expect(part.steps).toBeUndefined()
    expect(await does("execution_wait", { executionId, waitSeconds: 0 })).toMatchObject({ status: "completed" })
    expect(await does("execution_list", { workflowId, status: "completed" })).toMatchObject({
      items: [{ id: executionId }]
    })
    expect(await does("execution_explain", { executionId })).toMatchObject({ status: "completed", step: null })
    const logged: Array<string> = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await does("execution_logs", { executionId, limit: 1, ...(cursor === undefined ? {} : { cursor }) })
      logged.push(
        ...page.items.map(({ untrusted }: { readonly untrusted: { readonly message: string } }) => untrusted.message)
      )
      cursor = page.nextCursor
    }
    expect(logged).toEqual(["Execution started", "Step started", "Step completed", "Execution completed"])
    expect((await does("execution_logs", { executionId, level: "warn" })).items).toEqual([])
    const changes = { steps: [waits()], outputs: { answer: "{{ steps.wait.output }}" } }
    const changed = await does("workflow_update", { workflowId, changes, expectedVersion: 1 })
    expect(changed).toMatchObject({ stored: true, version: 2 })
    const parked = await park({ does, refuses }, workflowId)
    expect(await does("execution_get", { executionId: parked })).toMatchObject({ waitingFor })
    await does("execution_signal", { executionId: parked, signal: "go", payload: { approved: true } })
    expect(await does("execution_wait", { executionId: parked })).toMatchObject({ status: "completed" })
    const other = await does("workflow_execute", { workflowId, waitSeconds: 0 })
    expect(await does("execution_cancel", { executionId: other.id })).toMatchObject({ status: "cancelled" })
    expect(await does("execution_explain", { executionId: other.id })).toMatchObject({ status: "cancelled" })
    expect(await does("execution_retry", { executionId: other.id, waitSeconds: 0 })).toMatchObject({
      retryOf: other.id
    })
    expect(await does("workflow_delete", { workflowId, expectedVersion: 2 })).toEqual({ deleted: workflowId })
  })

  it("is told of what goes wrong by codes and paths", async () => {
    const service = serve()
    const { refuses } = await connect(service, { era })
    const inputSchema = { type: "object", properties: { x: { type: "number" } }, required: ["x"] }
    const workflowId = await makeWorkflow(service, [expression("a", 1, "1")], { inputSchema })
    const inactive = await makeWorkflow(service, [slow], { status: "inactive" })
    const cases: ReadonlyArray<readonly [string, Args, string, ReadonlyArray<string>?]> = [
      ["workflow_get", {}, "REQUEST-001", ["workflowId"]],
      ["workflow_get", { workflowId, fields: ["all"] }, "REQUEST-001", ["fields.0"]],
      ["workflow_list", { limit: 101, cursor: "!", other: 1 }, "REQUEST-001", ["cursor", "limit", "other"]],
      ["workflow_execute", { workflowId, waitSeconds: 26 }, "REQUEST-001", ["waitSeconds"]],
      ["workflow_execute", { workflowId, waitSeconds: -1 }, "REQUEST-001", ["waitSeconds"]],
      ["workflow_execute", { workflowId, inputs: { x: "1" } }, "EXECUTION-003", ["inputs.x"]],
      ["workflow_execute", { workflowId: inactive }, "EXECUTION-001"],
      ["workflow_execute", { workflowId: "none" }, "WORKFLOW-002"],
      ["workflow_update", { workflowId, changes: { name: "N" }, expectedVersion: 7 }, "WORKFLOW-004"],
      ["workflow_update", { workflowId, changes: { steps: [{ ...slow, type: "no" }] } }, "WORKFLOW-003", [
        "steps.0.type"
      ]],
      ["workflow_delete", { workflowId, expectedVersion: 7 }, "WORKFLOW-004"],
      ["workflow_create", { definition: { name: "N" } }, "WORKFLOW-001", ["steps"]],
      ["execution_logs", { executionId: "none", cursor: "no" }, "REQUEST-001", ["cursor"]],
      ["execution_get", { executionId: "none" }, "EXECUTION-002"],
      ["execution_signal", { executionId: "none", signal: "a b", payload: 1 }, "REQUEST-001", ["signal"]]
    ]
    for (const [name, args, code, paths] of cases) {
      const found = await refuses(name, args)
      const told = found["issues"] ?? Object(found["untrusted"])["issues"]
      const issues = Array.isArray(told)
        ? told.map(({ path }) => path.join(".")).sort()
        : undefined
      expect([name, args, found["code"], issues]).toEqual([name, args, code, paths])
    }
  })

  it("waits as long as it says: 0 not at all, at most 25", async () => {
    const service = serve()
    const { does } = await connect(service, { era })
    const workflowId = await makeWorkflow(service, [slow])
    const started = await does("workflow_execute", { workflowId, waitSeconds: 0 })
    expect(["pending", "running", "waiting"]).toContain(started.status)
    const waited = await does("execution_wait", { executionId: started.id, waitSeconds: 1 })
    expect(["running", "waiting"]).toContain(waited.status)
    await does("execution_cancel", { executionId: started.id })
    expect(await does("execution_wait", { executionId: started.id, waitSeconds: 25 })).toMatchObject({
      status: "cancelled"
    })
  })

  it("that can't ask its user is told that a payload is missing", async () => {
    const service = serve()
    const { does, refuses } = await connect(service, { era })
    const executionId = await park({ does, refuses }, await makeWorkflow(service, [waits()]))
    expect(await refuses("execution_signal", { executionId, signal: "go" })).toMatchObject({
      code: "EXECUTION-003",
      untrusted: { issues: [{ path: ["payload"] }] }
    })
    expect(await does("execution_get", { executionId })).toMatchObject({ waitingFor })
  })
})

describe("a signal without a payload", () => {
  const flat = {
    type: "object",
    properties: {
      amount: { type: "integer", title: "Amount", description: "In euros" },
      decision: { type: "string", enum: ["yes", "no"] }
    },
    required: ["decision"]
  }
  const deep = { type: "object", properties: { approved: { type: "boolean" }, list: { type: "array" } } }

  type Answer = { readonly action: "decline" | "cancel" } | {
    readonly action: "accept"
    readonly content: Record<string, string | number | boolean>
  }

  const askedOf = async (schema: object | undefined, answer: Answer) => {
    const service = serve()
    const workflowId = await makeWorkflow(service, [waits(schema)], { outputs: { got: "{{ steps.wait.output }}" } })
    const client = await service.connect({ capabilities: { elicitation: { form: {} } } })
    const forms: Array<unknown> = []
    client.setRequestHandler("elicitation/create", ({ params }) => {
      forms.push("requestedSchema" in params ? params.requestedSchema : undefined)
      return Promise.resolve(answer)
    })
    const { does, refuses } = toolsOf(client)
    const executionId = await park({ does, refuses }, workflowId)
    return { does, refuses, forms, executionId }
  }

  it("asks the user by a form made of the step's schema, and sends the answer", async () => {
    const content = { amount: 5, decision: "yes" }
    const { does, executionId, forms } = await askedOf(flat, { action: "accept", content })
    await does("execution_signal", { executionId, signal: "go" })
    expect(forms).toEqual([flat])
    expect(await does("execution_wait", { executionId })).toMatchObject({
      status: "completed",
      untrusted: { outputs: { got: content } }
    })
  })

  it.each([["no schema", undefined], ["a schema that no form can show", deep]])(
    "asks for yes or no where there is %s",
    async (_, schema) => {
      const { does, executionId, forms } = await askedOf(schema, { action: "accept", content: { approved: true } })
      await does("execution_signal", { executionId, signal: "go" })
      expect(forms).toMatchObject([{ properties: { approved: { type: "boolean" } }, required: ["approved"] }])
      expect(await does("execution_wait", { executionId })).toMatchObject({
        untrusted: { outputs: { got: { approved: true } } }
      })
    }
  )

  it("whose answer does not fit the step's schema is not sent", async () => {
    const { does, executionId, refuses } = await askedOf(flat, { action: "accept", content: { decision: "maybe" } })
    expect(await refuses("execution_signal", { executionId, signal: "go" })).toMatchObject({ code: "EXECUTION-003" })
    expect(await does("execution_get", { executionId })).toMatchObject({ waitingFor })
  })

  it.each(["decline", "cancel"] as const)("is not sent when the user chooses to %s", async (action) => {
    const { does, executionId, refuses } = await askedOf(flat, { action })
    const refused = await refuses("execution_signal", { executionId, signal: "go" })
    expect(refused).toMatchObject({ code: "EXECUTION-003", untrusted: { issues: [{ path: ["payload"] }] } })
    expect(JSON.stringify(refused)).toContain("nothing was sent")
    expect(await does("execution_get", { executionId })).toMatchObject({ waitingFor })
  })
})

describe("an explanation", () => {
  it("tells the request without its secrets, the response, and what differs from the last success", async () => {
    const service = serve([
      {
        url: /api\.example\.com/,
        respond: [{ body: { ok: true } }, { status: 422, body: { reason: "No such thing" } }]
      }
    ])
    await service.api("PUT", "/api/secrets/TOKEN?tenantId=tenant-a", { value: "s3cr3t-value" })
    const call = {
      id: "call",
      type: "http-request",
      order: 2,
      config: { url: "https://api.example.com/x?token={{ secrets.TOKEN }}" }
    }
    const workflowId = await makeWorkflow(service, [expression("first", 1, "\"before\""), call])
    const { does } = await connect(service)
    const success = await does("workflow_execute", { workflowId, inputs: { same: 1, other: 1 } })
    expect(success.status).toBe("completed")
    const changedCall = { ...call, config: { ...call.config, method: "POST" } }
    await does("workflow_update", {
      workflowId,
      changes: { steps: [expression("first", 1, "\"before\""), changedCall] }
    })
    const failed = await does("workflow_execute", { workflowId, inputs: { same: 1, other: 2 } })
    const explained = await does("execution_explain", { executionId: failed.id })
    expect(explained).toMatchObject({
      executionId: failed.id,
      status: "failed",
      errorCode: "http-4xx",
      step: { path: "call", type: "http-request", status: "failed" },
      lastSuccess: { executionId: success.id, workflowVersion: { then: 1, now: 2 } },
      untrusted: {
        request: { method: "POST", url: expect.stringContaining("https://api.example.com/x") },
        response: { status: 422, body: "{\"reason\":\"No such thing\"}" },
        definition: changedCall,
        before: { first: "before" },
        differences: {
          steps: { added: [], removed: [], changed: [{ path: "call", members: ["config.method"] }] },
          inputs: ["other"],
          outcomes: [{ path: "call", then: "completed", now: "failed" }],
          notShown: 0
        }
      }
    })
    expect(JSON.stringify(explained)).not.toContain("s3cr3t-value")
  })

  it("of a failure at no step names none", async () => {
    const service = serve()
    const { does } = await connect(service)
    const workflowId = await makeWorkflow(service, [expression("a", 1, "1")], {
      outputs: { x: "{{ $number(\"x\") }}" }
    })
    const failed = await does("workflow_execute", { workflowId })
    expect(failed).toMatchObject({ status: "failed", errorStep: null })
    const explained = await does("execution_explain", { executionId: failed.id })
    expect(explained).toMatchObject({
      status: "failed",
      errorCode: failed.errorCode,
      step: null,
      lastSuccess: null,
      untrusted: { message: failed.untrusted.error.message, definition: null, before: {}, differences: null }
    })
  })
})
