import type { Client } from "@modelcontextprotocol/client"
import { describe, expect, it, vi } from "vitest"
import { keys, refusal, serve, structured } from "./harness.ts"

type Service = ReturnType<typeof serve>
type Args = Readonly<Record<string, unknown>>

const expression = (id: string, order: number, expression: string) => ({
  id,
  type: "transform",
  order,
  config: { operation: "expression", expression }
})
const waits = (schema?: object, signal = "go") => ({
  id: "wait",
  type: "wait-for-event",
  order: 1,
  config: { signal, ...(schema === undefined ? {} : { schema }) }
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
      issues: [{ path: ["payload"] }]
    })
    expect(await does("execution_get", { executionId })).toMatchObject({ waitingFor })
  })
})

describe("a definition without a tenant", () => {
  it("can be stored by a tenant's key alone, which validating tells", async () => {
    const service = serve()
    const definition = { name: "W", steps: [slow] }
    const missing = { path: ["tenantId"], message: "is required" }
    const own = await connect(service)
    expect(await own.does("workflow_validate", { definition })).toMatchObject({ valid: true })
    const operator = await connect(service, { key: keys.operator })
    expect(await operator.does("workflow_validate", { definition })).toEqual({
      valid: false,
      issues: [missing],
      issuesInAll: 1,
      nextFires: []
    })
    expect(await operator.refuses("workflow_create", { definition })).toMatchObject({
      code: "WORKFLOW-001",
      issues: [missing]
    })
    const wrong = { definition: { ...definition, name: " " } }
    const { issues } = await operator.does("workflow_validate", wrong)
    expect(issues).toMatchObject([missing, { path: ["name"] }])
    expect(await operator.refuses("workflow_create", wrong)).toMatchObject({ code: "WORKFLOW-001", issues })
    const whole = { definition: { ...definition, tenantId: "tenant-a" } }
    expect(await operator.does("workflow_validate", whole)).toMatchObject({ valid: true })
  })
})

describe("a signal with a payload", () => {
  it("tells whether a step takes it, or it is kept; and what is awaited", async () => {
    const service = serve()
    const tools = await connect(service)
    const { does } = tools
    const executionId = await park(tools, await makeWorkflow(service, [waits()]))
    const kept = await does("execution_signal", { executionId, signal: "og", payload: 1 })
    expect(kept).toMatchObject({
      delivered: "kept",
      note: "No step waits for it yet: it is kept for one that may; awaited: \"go\"",
      waitingFor
    })
    const taken = await does("execution_signal", { executionId, signal: "go", payload: 1 })
    expect(taken.delivered).toBe("step")
    expect(taken.note).toBeUndefined()
    const other = await does("workflow_execute", { workflowId: await makeWorkflow(service, [slow]), waitSeconds: 0 })
    expect(await does("execution_signal", { executionId: other.id, signal: "go", payload: 1 })).toMatchObject({
      delivered: "kept",
      note: expect.stringContaining("no signal is awaited now")
    })
  })
})

describe("a signal whose name is a secret", () => {
  it("is awaited under the name of the secret", async () => {
    const service = serve()
    await service.api("PUT", "/api/secrets/NAME?tenantId=tenant-a", { value: "s3cr3t-signal" })
    const tools = await connect(service)
    const executionId = await park(tools, await makeWorkflow(service, [waits(undefined, "{{ secrets.NAME }}")]))
    const { waitingFor } = await tools.does("execution_get", { executionId })
    expect(waitingFor).toEqual([{ step: "wait", signal: "[secret:NAME]" }])
    const { json } = await service.api("GET", `/api/executions/${executionId}`)
    expect(json.steps[0].signal).toBe("[secret:NAME]")
    await service.api("POST", `/api/executions/${executionId}/signals/s3cr3t-signal`, { payload: 1 })
    expect(await tools.does("execution_wait", { executionId })).toMatchObject({ status: "completed" })
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

  type Answer = { readonly action: "decline" | "cancel" } | {
    readonly action: "accept"
    readonly content: Record<string, string | number | boolean>
  }

  const askedOf = async (schema: object | undefined, answer: Answer, signal = "go") => {
    const service = serve()
    const workflowId = await makeWorkflow(service, [waits(schema, signal)], {
      name: "On\u2028board \u202e",
      outputs: { got: "{{ steps.wait.output }}" }
    })
    const client = await service.connect({ capabilities: { elicitation: { form: {} } } })
    const forms: Array<unknown> = []
    const messages: Array<string> = []
    client.setRequestHandler("elicitation/create", ({ params }) => {
      forms.push("requestedSchema" in params ? params.requestedSchema : undefined)
      messages.push(params.message)
      return Promise.resolve(answer)
    })
    const { does, refuses } = toolsOf(client)
    const executionId = await park({ does, refuses }, workflowId)
    return { does, refuses, forms, messages, workflowId, executionId }
  }

  const approve: Answer = { action: "accept", content: { approved: true } }

  it("asks the user by a form made of the step's schema, and sends the answer", async () => {
    const content = { amount: 5, decision: "yes" }
    const { does, executionId, forms } = await askedOf(flat, { action: "accept", content })
    expect(await does("execution_signal", { executionId, signal: "go" })).toMatchObject({ delivered: "step" })
    expect(forms).toEqual([flat])
    expect(await does("execution_wait", { executionId })).toMatchObject({
      status: "completed",
      untrusted: { outputs: { got: content } }
    })
  })

  it("tells the user what the answer is for, each text of others quoted and on one line", async () => {
    const { does, executionId, messages, workflowId } = await askedOf(undefined, approve)
    const { startedAt } = await does("execution_signal", { executionId, signal: "go" })
    expect(messages).toEqual([
      "A workflow waits for a decision. What is decided?\n" +
      `Workflow: "On\\u2028board \\u202e" (${workflowId})\n` +
      `Execution: ${executionId}, started at ${startedAt}\n` +
      "Step: \"wait\"\n" +
      "Signal: \"go\""
    ])
  })

  it.each([
    ["no schema", undefined],
    ["a schema that says no more than that it is an object", { type: "object" }],
    ["a schema that the approval fits", {
      type: "object",
      properties: { list: { type: "array" } },
      anyOf: [{ required: ["approved"] }, { required: ["list"] }]
    }]
  ])("asks for yes or no where there is %s", async (_, schema) => {
    const { does, executionId, forms } = await askedOf(schema, approve)
    await does("execution_signal", { executionId, signal: "go" })
    expect(forms).toMatchObject([{ properties: { approved: { type: "boolean" } }, required: ["approved"] }])
    expect(await does("execution_wait", { executionId })).toMatchObject({
      untrusted: { outputs: { got: { approved: true } } }
    })
  })

  it.each([
    ["wants a list", { type: "object", properties: { list: { type: "array" } }, required: ["list"] }],
    ["is no object's", { type: "string" }],
    ["wants a member that it tells nothing of", {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a", "b"]
    }]
  ])("asks nothing where the schema %s: the payload has to be passed", async (_, schema) => {
    const { does, executionId, forms, refuses, workflowId } = await askedOf(schema, approve)
    const refused = await refuses("execution_signal", { executionId, signal: "go" })
    expect(refused).toMatchObject({
      code: "EXECUTION-003",
      issues: [{
        path: ["payload"],
        message: expect.stringMatching(
          `config\\.schema in workflow://${workflowId} \\(version 1\\), of the step "wait"`
        )
      }]
    })
    expect(forms).toEqual([])
    expect(await does("execution_get", { executionId })).toMatchObject({ waitingFor })
  })

  it("asks nothing about a signal that no step waits for, and names those awaited", async () => {
    const { executionId, forms, refuses } = await askedOf(undefined, approve)
    expect(await refuses("execution_signal", { executionId, signal: "og" })).toMatchObject({
      code: "EXECUTION-003",
      issues: [{ path: ["signal"], message: "is not one that a step waits for; awaited: \"go\"" }]
    })
    expect(forms).toEqual([])
  })

  it("asks nothing about an execution that has ended, or waits for no signal", async () => {
    const { does, executionId, forms, refuses } = await askedOf(undefined, approve)
    await does("execution_cancel", { executionId })
    expect(await refuses("execution_signal", { executionId, signal: "go" })).toMatchObject({ code: "EXECUTION-004" })
    const { id } = await does("workflow_create", { definition: { name: "Slow", steps: [slow] } })
    const other = await does("workflow_execute", { workflowId: id, waitSeconds: 0 })
    expect(await refuses("execution_signal", { executionId: other.id, signal: "go" })).toMatchObject({
      code: "EXECUTION-003",
      issues: [{ path: ["payload"], message: "is required: no step waits for a signal now" }]
    })
    expect(forms).toEqual([])
  })

  it("asks anew where another step waits by the time of the answer", async () => {
    const service = serve()
    const steps = [waits(), { ...waits(), id: "next", order: 2 }]
    const workflowId = await makeWorkflow(service, steps, { outputs: { got: "{{ steps.next.output }}" } })
    const client = await service.connect({ capabilities: { elicitation: { form: {} } } })
    const asked: Array<string | undefined> = []
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      asked.push(/Step: (.+)/.exec(params.message)?.[1])
      if (asked.length > 1) return { action: "accept", content: { approved: false } }
      await service.api("POST", `/api/executions/${executionId}/signals/go`, { payload: "by REST" })
      await vi.waitUntil(async () => (await does("execution_get", { executionId })).waitingFor?.[0]?.step === "next")
      return approve
    })
    const tools = toolsOf(client)
    const { does } = tools
    const executionId = await park(tools, workflowId)
    await does("execution_signal", { executionId, signal: "go" })
    expect(asked).toEqual(["\"wait\"", "\"next\""])
    expect(await does("execution_wait", { executionId })).toMatchObject({
      untrusted: { outputs: { got: { approved: false } } }
    })
  })

  it("is asked for by the name that a template gave", async () => {
    const { does, executionId, messages } = await askedOf(undefined, approve, "go-{{ 1 + 1 }}")
    expect(await does("execution_get", { executionId })).toMatchObject({
      waitingFor: [{ step: "wait", signal: "go-2" }]
    })
    expect(await does("execution_signal", { executionId, signal: "go-2" })).toMatchObject({ delivered: "step" })
    expect(messages[0]).toContain("Signal: \"go-2\"")
  })

  it.each([{}, { approved: "yes" }, { comment: "Later" }])(
    "is not sent with an answer that decides nothing: %j",
    async (content) => {
      const { does, executionId, refuses } = await askedOf(undefined, { action: "accept", content })
      const refused = await refuses("execution_signal", { executionId, signal: "go" })
      expect(refused["detail"]).toBe("payload is missing: the user has not decided, and nothing was sent")
      expect(await does("execution_get", { executionId })).toMatchObject({ waitingFor })
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
    expect(refused).toMatchObject({ code: "EXECUTION-003", issues: [{ path: ["payload"] }] })
    expect(refused["detail"]).toBe("payload is missing: the user has not decided, and nothing was sent")
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
