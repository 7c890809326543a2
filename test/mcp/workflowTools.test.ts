import { ToolSchema as OldTool } from "@modelcontextprotocol/sdk/types.js"
import { describe, expect, it } from "vitest"
import { Limits } from "../../src/domain/Limits.ts"
import { keys, serve } from "./harness.ts"
import { ask, askTool } from "./Wire.ts"

type Service = ReturnType<typeof serve>

const steps = [{
  id: "a",
  type: "transform",
  order: 1,
  config: { operation: "expression", expression: "inputs" }
}]

const expose = async ({ api }: Service, tool: string | undefined, members: object = {}, key: string = keys.a) => {
  const tenantId = key === keys.b ? "tenant-b" : "tenant-a"
  const triggers = [tool === undefined ? "mcp" : { type: "mcp", tool }]
  const body = { tenantId, name: tool ?? "W", steps, triggers, outputs: { got: "{{ inputs }}" }, ...members }
  const { json, status } = await api("POST", "/api/workflows", body, key)
  expect({ status, issues: json.issues }).toEqual({ status: 201, issues: undefined })
  return String(json.id)
}

/** The tools that a key is told of, page by page, without the generic ones. */
const listed = async (service: Service, options: Parameters<typeof ask>[3] = {}) => {
  const found: Array<Record<string, unknown>> = []
  let pages = 0
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { bytes, result } = await ask(service, "tools/list", cursor === undefined ? {} : { cursor }, options)
    expect(bytes).toBeLessThanOrEqual(Limits.toolAnswerBytes)
    found.push(...result.tools)
    cursor = result.nextCursor ?? null
    pages++
  }
  const generic = found.findIndex(({ name }) => name === "resource_read") + 1
  expect(generic).toBe(16)
  return { tools: found.slice(generic), names: found.slice(generic).map(({ name }) => String(name)), pages }
}

const distinct = (tool: string, id: string) => `${tool}-${id.slice(-6)}`

const unknown = (name: string) => ({ code: -32602, message: `There is no tool ${name}` })

/** What the protocol says to a call of a tool that there isn't. */
const refused = async (service: Service, name: string, key: string = keys.a) =>
  (await ask(service, "tools/call", { name, arguments: {} }, { key })).error

describe("1,000 workflows that are tools", () => {
  it("are listed on pages, each once, and each is called by its name", async () => {
    const service = serve()
    const names = Array.from({ length: 1_000 }, (_, index) => `tool_${String(index).padStart(4, "0")}`)
    for (const name of names.toReversed()) await expose(service, name, { description: "Does what it does. ".repeat(9) })
    const { names: found, pages } = await listed(service)
    expect(found).toEqual(names)
    expect(pages).toBeGreaterThanOrEqual(20)
    const { answer } = await askTool(service, "tool_0777", { a: 1 })
    expect(answer).toMatchObject({ status: "completed", errorCode: null, waitingFor: [] })
    expect(answer.untrusted.outputs).toEqual({ got: { a: 1 } })
    const { json } = await service.api("GET", `/api/executions/${answer.executionId}`)
    expect([json.trigger, json.inputs]).toEqual(["mcp", { a: 1 }])
  })

  it("with all that they may say are listed on pages that are small enough", async () => {
    const service = serve()
    const nasty = (characters: number) => "\u0001\"\\é\n".repeat(characters / 5)
    const properties = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`p${index}`, { type: "string", description: "日".repeat(70) }])
    )
    const names = Array.from({ length: 40 }, (_, index) => `t${String(index).padStart(2, "0")}${"x".repeat(37)}`)
    for (const name of names) {
      const inputSchema = { type: "object", properties }
      await expose(service, name, { name: nasty(200), description: nasty(4_000), inputSchema })
    }
    expect((await listed(service)).names).toEqual(names)
  })

  it.each(["x", "", "W10", Buffer.from("[1,2,3]").toString("base64url")])(
    "no cursor of theirs is %j",
    async (cursor) => {
      const { error } = await ask(serve(), "tools/list", { cursor })
      expect(error).toMatchObject({ code: -32602 })
    }
  )
})

describe("a workflow's own tool", () => {
  const inputSchema = {
    type: "object",
    properties: { region: { type: "string", enum: ["eu", "us"] }, count: { type: "integer" } },
    required: ["region"],
    additionalProperties: false
  }

  it("has the workflow's input schema, title and description", async () => {
    const service = serve()
    await expose(service, "deploy", { name: "Deploy it", description: "Brings it out", inputSchema })
    const { tools } = await listed(service)
    expect(tools).toMatchObject([{
      name: "deploy",
      title: "Deploy it",
      description: expect.stringContaining("Brings it out"),
      inputSchema,
      outputSchema: { type: "object", properties: { executionId: { type: "string" } } },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false }
    }])
  })

  it("tells where the inputs don't fit, and starts nothing", async () => {
    const service = serve()
    const id = await expose(service, "deploy", { inputSchema })
    const { answer, isError } = await askTool(service, "deploy", { region: "mars", count: "1", other: 1 })
    expect(isError).toBe(true)
    expect(answer.code).toBe("EXECUTION-003")
    const paths = answer.untrusted.issues.map(({ path }: { readonly path: ReadonlyArray<string> }) => path.join("."))
    expect(paths.sort()).toEqual(["inputs.count", "inputs.other", "inputs.region"])
    expect((await service.api("GET", `/api/executions?workflowId=${id}`)).json.items).toEqual([])
  })

  it("has a schema that every client reads", async () => {
    const service = serve()
    const schema = {
      type: "object",
      properties: {
        anything: true,
        nothing: false,
        "x-mcp-header": { type: "string", "x-mcp-header": "Secret", const: { "x-mcp-header": "kept" } }
      }
    }
    await expose(service, "odd", { inputSchema: schema })
    const { tools: [tool] } = await listed(service)
    expect(tool?.["inputSchema"]).toEqual({
      type: "object",
      properties: {
        anything: {},
        nothing: { not: {} },
        "x-mcp-header": { type: "string", const: { "x-mcp-header": "kept" } }
      }
    })
    expect(() => OldTool.parse(tool)).not.toThrow()
  })

  it("tells where its arguments are when they are too many", async () => {
    const service = serve()
    const properties = { a: { type: "string", description: "x".repeat(8_000) } }
    const id = await expose(service, "many", { inputSchema: { type: "object", properties } })
    const { tools: [tool] } = await listed(service)
    expect(tool?.["inputSchema"]).toEqual({ type: "object" })
    expect(tool?.["description"]).toContain(`workflow_get ${id}, fields inputSchema`)
  })

  it("has well-formed texts, wherever they are cut and whatever they hold", async () => {
    const service = serve()
    await expose(service, "cut", { description: `${"a".repeat(999)}😀 tail`, outputs: { "\ud83d": "{{ inputs.x }}" } })
    const { tools: [tool] } = await listed(service)
    expect(String(tool?.["description"]).isWellFormed()).toBe(true)
    const { answer } = await askTool(service, "cut", { x: "a\ud800b" })
    expect(answer.untrusted.outputs).toEqual({ "\ufffd": "a\ufffdb" })
  })

  it("is not stored with a schema that no inputs fit", async () => {
    const { api } = serve()
    const body = {
      tenantId: "tenant-a",
      name: "W",
      steps,
      triggers: ["mcp"],
      inputSchema: { type: ["string", "null"] }
    }
    const { json, status } = await api("POST", "/api/workflows", body)
    expect([status, json.issues]).toEqual([
      400,
      [{ path: ["inputSchema", "type"], message: "must admit an object: inputs are one" }]
    ])
  })

  it("answers why its workflow failed", async () => {
    const service = serve()
    const fail = { id: "no", type: "fail", order: 1, config: { message: "Not today", code: "not-today" } }
    await expose(service, "fails", { steps: [fail], outputs: undefined })
    const { answer, isError } = await askTool(service, "fails", {})
    expect(isError).toBe(true)
    expect(answer).toMatchObject({ status: "failed", errorCode: "not-today" })
    expect(answer.untrusted.error.message).toBe("Not today")
  })

  it("is there as long as its workflow is, active and with the trigger", async () => {
    const service = serve()
    const id = await expose(service, "comes_and_goes")
    const change = (body: object) => service.api("PUT", `/api/workflows/${id}`, body)
    const isThere = async () => {
      const { names } = await listed(service)
      const error = await refused(service, "comes_and_goes")
      expect(error).toEqual(names.length === 1 ? undefined : unknown("comes_and_goes"))
      return names.length === 1
    }
    expect(await isThere()).toBe(true)
    await change({ status: "inactive" })
    expect(await isThere()).toBe(false)
    await change({ status: "active" })
    expect(await isThere()).toBe(true)
    await change({ triggers: [] })
    expect(await isThere()).toBe(false)
    await change({ triggers: [{ type: "mcp", tool: "comes_and_goes" }] })
    expect(await isThere()).toBe(true)
    await service.api("DELETE", `/api/workflows/${id}`)
    expect(await isThere()).toBe(false)
  })
})

describe("tools of one name", () => {
  it("are told apart: the oldest has the name, and each is called by its own", async () => {
    const service = serve()
    const first = await expose(service, "same", { outputs: { who: "{{ 1 }}" } })
    const second = await expose(service, "same", { outputs: { who: "{{ 2 }}" } })
    const { names } = await listed(service)
    expect(names).toEqual(["same", distinct("same", second)])
    const who = async (name: string) => (await askTool(service, name, {})).answer.untrusted.outputs.who
    expect([await who("same"), await who(distinct("same", second))]).toEqual([1, 2])
    expect(await who(distinct("same", first))).toBe(1)
    await service.api("DELETE", `/api/workflows/${first}`)
    expect((await listed(service)).names).toEqual(["same"])
    expect([await who("same"), await who(distinct("same", second))]).toEqual([2, 2])
  })

  it("can't be had by a name that tells another apart", async () => {
    const service = serve()
    const id = await expose(service, "charge", { outputs: { who: "{{ 1 }}" } })
    const name = distinct("charge", id)
    const body = { tenantId: "tenant-a", name, steps, triggers: [{ type: "mcp", tool: name }] }
    const { json } = await service.api("POST", "/api/workflows", body)
    expect(json.issues).toEqual([{
      path: ["triggers", 0, "tool"],
      message: "must not end in - and six hexadecimal digits: so end the names that tell tools of one name apart"
    }])
    await expose(service, undefined, { name, outputs: { who: "{{ 2 }}" } })
    expect((await listed(service)).names).toEqual(["charge", name.replace("-", "_")])
    expect((await askTool(service, name, {})).answer.untrusted.outputs.who).toBe(1)
  })

  it("with a generic tool have a distinct one", async () => {
    const service = serve()
    const id = await expose(service, "workflow_list")
    expect((await listed(service)).names).toEqual([distinct("workflow_list", id)])
    const generic = await askTool(service, "workflow_list", {})
    expect(generic.answer.items).toHaveLength(1)
    expect((await askTool(service, distinct("workflow_list", id), {})).answer.status).toBe("completed")
  })

  it("of other tenants are nothing to a tenant's key, and an operator's knows all by their distinct names", async () => {
    const service = serve()
    const a = await expose(service, "same", { outputs: { who: "{{ \"a\" }}" } })
    const b = await expose(service, "same", { outputs: { who: "{{ \"b\" }}" } }, keys.b)
    const only = await expose(service, "only_b", {}, keys.b)
    expect((await listed(service)).names).toEqual(["same"])
    expect((await listed(service, { key: keys.b })).names).toEqual(["only_b", "same"])
    const all = [distinct("only_b", only), distinct("same", a), distinct("same", b)]
    expect((await listed(service, { key: keys.operator })).names).toEqual(all)
    const who = async (name: string, key: string) =>
      (await askTool(service, name, {}, { key })).answer.untrusted.outputs.who
    expect(await who("same", keys.b)).toBe("b")
    expect(await who(distinct("same", a), keys.operator)).toBe("a")
    expect(await who(distinct("same", b), keys.operator)).toBe("b")
    expect(await refused(service, "same", keys.operator)).toEqual(unknown("same"))
    await service.api("PUT", `/api/workflows/${a}`, { status: "inactive" })
    expect(await refused(service, distinct("same", a), keys.operator)).toEqual(unknown(distinct("same", a)))
    expect(await refused(service, "only_b")).toEqual(unknown("only_b"))
    expect(await refused(service, distinct("same", b))).toEqual(unknown(distinct("same", b)))
    expect(await refused(service, distinct("same", a), keys.b)).toEqual(unknown(distinct("same", a)))
  })
})
