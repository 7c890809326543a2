import { env } from "cloudflare:workers"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { Workflow } from "../../src/domain/Workflow.ts"
import type { Handler } from "./Service.ts"
import { call, keys, read, serve } from "./Service.ts"
import { upstreamAnswers } from "./Upstream.ts"
import { callsOf, forgetCalls, takeDatabaseRows } from "./Watch.ts"
import { createWorkflow, stepsOf, threeSteps } from "./Workflows.ts"

const service = serve()

beforeEach(() => upstreamAnswers())

const revision = "2026-07-28"

/** What a client of the newest revision is sent for a request: notifications, and the answer after them. */
const ask = async (
  service: Handler,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  { key = keys.a, progressToken }: { readonly key?: string; readonly progressToken?: string } = {}
) => {
  const name = params["name"] ?? params["uri"]
  const response = await service.handle(
    new Request("https://service.test/mcp", {
      method: "POST",
      headers: {
        "authorization": `Bearer ${key}`,
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": revision,
        "mcp-method": method,
        ...(typeof name === "string" ? { "mcp-name": name } : {})
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method,
        params: {
          ...params,
          _meta: {
            "io.modelcontextprotocol/protocolVersion": revision,
            "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
            ...(progressToken === undefined ? {} : { progressToken })
          }
        }
      })
    })
  )
  const text = await response.text()
  const texts = text.startsWith("{") ? [text] : [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => data ?? "")
  const messages = texts.map((text) => JSON.parse(text))
  const answer = messages.find(({ id }) => id === 1)
  if (answer?.result === undefined) throw new Error(`No answer: ${text.slice(0, 500)}`)
  return { result: answer.result, notifications: messages.filter((message) => message !== answer) }
}

/** What the Worker asks of D1 for a request. */
const queriesOf = async (...asked: Parameters<typeof ask>) => {
  forgetCalls()
  const { result } = await ask(...asked)
  return { result, queries: callsOf("d1").filter((call) => call.startsWith("worker ")) }
}

const expose = (tool: string, members: object = {}) =>
  read(
    Workflow,
    201,
    call(service, "POST", "/api/workflows", {
      body: { tenantId: "tenant-a", name: tool, steps: threeSteps, triggers: [{ type: "mcp", tool }], ...members }
    })
  )

const toolName = (index: number) => `tool_${String(index).padStart(4, "0")}`

/** Stores as many further workflows with tools, which are like the one that is there. */
const multiply = async (id: string, count: number): Promise<void> => {
  const { results } = await env.DB.prepare("PRAGMA table_info(workflows)").all()
  const columns = results.map(({ name }) => String(name))
  const values = columns.map((name) =>
    name === "id"
      ? "id || '-' || n"
      : name === "tool"
      ? "printf('tool_%04d', n)"
      : name === "triggers"
      ? "'[\"mcp\"]'"
      : name
  )
  await env.DB.prepare(
    `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
    INSERT INTO workflows (${columns.join(", ")}) SELECT ${values.join(", ")} FROM workflows, numbers WHERE id = ?`
  ).bind(id).run()
}

/** A stored key whose use was noted already: calls soon after cost no more than the look at it. */
const storedKey = async (scopes: ReadonlyArray<string>): Promise<string> => {
  const body = { name: "K", tenantId: "tenant-a", scopes }
  const made = await call(service, "POST", "/api/keys", { key: keys.operator, body })
  const { id, key } = Object(await made.json())
  await call(service, "GET", "/nothing", { key })
  await vi.waitUntil(async () =>
    Object(await (await call(service, "GET", `/api/keys/${id}`, { key: keys.operator })).json()).lastUsedAt !== null
  )
  return key
}

describe("queries", () => {
  const inputSchema = { type: "object", properties: { region: { type: "string" } }, required: ["region"] }

  it.each([
    { what: "without an input schema", tool: "plain", members: {}, args: {} },
    { what: "with an input schema", tool: "checked", members: { inputSchema }, args: { region: "eu" } }
  ])("a workflow's own tool $what costs two, and one more with a stored key", async ({ args, members, tool }) => {
    await expose(tool, members)
    const params = { name: tool, arguments: args }
    const configured = await queriesOf(service, "tools/call", params)
    expect(configured.result.structuredContent).toMatchObject({ status: "completed", errorCode: null })
    expect(configured.queries).toEqual(["worker d1.all", "worker d1.batch"])
    const stored = await queriesOf(service, "tools/call", params, { key: await storedKey(["run"]) })
    expect(stored.result.structuredContent).toMatchObject({ status: "completed" })
    expect(stored.queries).toEqual(["worker d1.all", "worker d1.all", "worker d1.batch"])
  })

  it("inputs that don't fit cost one, and so does a tool that there isn't", async () => {
    await expose("strict", { inputSchema })
    const { queries, result } = await queriesOf(service, "tools/call", { name: "strict", arguments: { region: 1 } })
    expect(JSON.parse(result.content[0].text)).toMatchObject({
      code: "EXECUTION-003",
      untrusted: { issues: [{ path: ["inputs", "region"] }] }
    })
    expect(queries).toEqual(["worker d1.all"])
    forgetCalls()
    await expect(ask(service, "tools/call", { name: "no_such_tool", arguments: {} })).rejects.toThrow(/-32602/)
    expect(callsOf("d1")).toEqual(["worker d1.all"])
  })

  it("the list of tools costs one, and none to a key that may run nothing", async () => {
    expect((await queriesOf(service, "tools/list")).queries).toEqual(["worker d1.all"])
    const key = await storedKey(["read"])
    expect((await queriesOf(service, "tools/list", {}, { key })).queries).toEqual(["worker d1.all"])
  })

  it("of 1,000 tools a page costs one that reads little more than the page, and a call reads a few rows", async () => {
    const { id } = await expose("tool_0000")
    await multiply(id, 999)
    takeDatabaseRows()
    const first = await queriesOf(service, "tools/list")
    expect(first.queries).toEqual(["worker d1.all"])
    expect(takeDatabaseRows().read).toBeLessThanOrEqual(110)
    const names: Array<string> = first.result.tools.map(({ name }: { readonly name: string }) => name)
    for (let cursor = first.result.nextCursor; cursor !== undefined;) {
      const { queries, result } = await queriesOf(service, "tools/list", { cursor })
      expect(queries).toEqual(["worker d1.all"])
      names.push(...result.tools.map(({ name }: { readonly name: string }) => name))
      cursor = result.nextCursor
    }
    expect(names.slice(-1_000)).toEqual(Array.from({ length: 1_000 }, (_, index) => toolName(index)))
    expect(takeDatabaseRows().read).toBeLessThanOrEqual(2_200)
    const { queries, result } = await queriesOf(service, "tools/call", { name: "tool_0777", arguments: {} })
    expect(result.structuredContent).toMatchObject({ status: "completed" })
    expect(queries).toEqual(["worker d1.all", "worker d1.batch"])
    expect(takeDatabaseRows().read).toBeLessThanOrEqual(12)
  })

  it.each([
    ["server/discover", {}],
    ["resources/list", {}],
    ["resources/templates/list", {}],
    ["prompts/list", {}],
    ["prompts/get", { name: "author-workflow", arguments: { task: "Any" } }],
    ["resources/read", { uri: "docs://workflow-language" }],
    ["resources/read", { uri: "schema://workflow" }],
    ["tools/call", { name: "workflow_get", arguments: {} }]
  ])("%s costs none: %o", async (method, params) => {
    expect((await queriesOf(service, method, params)).queries).toEqual([])
  })
})

describe("a call that waits", () => {
  const told = (messages: ReadonlyArray<{ readonly params: { readonly message: string } }>) =>
    messages.map(({ params }) => params.message)

  it.each([3, 10])("tells the start and the end of each of %i steps, with few calls to the object", async (count) => {
    const steps = stepsOf(count)
    const { id } = await createWorkflow(service, steps)
    forgetCalls()
    const params = { name: "workflow_execute", arguments: { workflowId: id } }
    const { notifications, result } = await ask(service, "tools/call", params, { progressToken: "p" })
    expect(result.structuredContent.status).toBe("completed")
    expect(notifications.map(({ method, params }) => [method, params.progressToken, params.progress])).toEqual(
      notifications.map((_, index) => ["notifications/progress", "p", index + 1])
    )
    expect(told(notifications)).toEqual([
      "Execution started",
      ...steps.flatMap(({ id }) => [`Step started: ${id}`, `Step completed: ${id}`]),
      "Execution completed"
    ])
    const [start, ...others] = callsOf("execution")
    expect([start, new Set(others)]).toEqual(["worker execution.start", new Set(["worker execution.watch"])])
    // One answer tells of all that has happened by then, not of one step.
    expect(others.length).toBeLessThanOrEqual(5)
  })
})
