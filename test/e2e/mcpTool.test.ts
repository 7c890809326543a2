import { once } from "node:events"
import { createServer } from "node:http"
import { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { ToolResult, Upstream } from "../engine/steps/McpServers.ts"
import { modern, sessionful } from "../engine/steps/McpServers.ts"
import { executionOf, workflowOf } from "./harness/Answers.ts"
import type { Client } from "./harness/Client.ts"
import { clientOf } from "./harness/Client.ts"
import { definition } from "./harness/Definitions.ts"
import { listen } from "./harness/Ports.ts"
import { operatorKey, Service } from "./harness/Service.ts"
import { until } from "./harness/Until.ts"

/** What the server was asked: the HTTP method and the message's; and whether its answer is at an end, or the connection closed. */
interface Asked {
  readonly line: string
  readonly key: string | undefined
  isClosed: boolean
}

/** Serves an MCP server on the loopback, over real connections. */
const serve = async (upstream: Upstream) => {
  const asked: Array<Asked> = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const method = request.method ?? ""
    const line = [method, /"method":"([^"]+)"/.exec(body)?.[1] ?? ""].join(" ").trim()
    const key = request.headers["idempotency-key"]
    const call: Asked = { line, key: typeof key === "string" ? key : undefined, isClosed: false }
    asked.push(call)
    response.once("close", () => {
      call.isClosed = true
    })
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)])
    const answer = await upstream(
      new Request(`http://127.0.0.1${request.url ?? ""}`, { method, headers, ...(body === "" ? {} : { body }) })
    )
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.flushHeaders()
    if (answer.body === null) response.end()
    else Readable.fromWeb(answer.body).on("error", () => response.destroy()).pipe(response)
  })
  const url = `http://127.0.0.1:${await listen(server)}/mcp`
  const dispose = async () => {
    server.close()
    server.closeAllConnections()
    await once(server, "close")
  }
  return { url, asked, dispose }
}

const tool = (name: string, args: Readonly<Record<string, unknown>>): Promise<ToolResult> =>
  name === "hang"
    ? new Promise(() => undefined)
    : Promise.resolve({ content: [], structuredContent: { name, args } })

const eras = [
  { era: "2026-07-28, in JSON", upstream: modern(tool), isModern: true },
  { era: "2026-07-28, in events", upstream: modern(tool, { responseMode: "sse" }), isModern: true },
  { era: "2025-11-25, in JSON", upstream: sessionful(tool, { json: true }).upstream, isModern: false },
  { era: "2025-11-25, in events", upstream: sessionful(tool).upstream, isModern: false }
]

let service: Service
let api: Client
beforeAll(async () => {
  service = await Service.start()
  api = clientOf(service, operatorKey)
})
afterAll(() => service?.dispose())

describe.each(eras)("a tool of a server of $era", ({ isModern, upstream }) => {
  let server: Awaited<ReturnType<typeof serve>>
  beforeAll(async () => {
    server = await serve(upstream)
  })
  afterAll(() => server?.dispose())

  const create = async (config: object) => {
    const steps = [{ id: "a", type: "mcp-tool", order: 1, config: { url: server.url, ...config } }]
    return workflowOf(await api("POST", "/api/workflows", { body: definition("tenant-a", "Tool", steps) }), 201).id
  }

  test("is called by the service as it is deployed", async () => {
    const workflowId = await create({ tool: "echo", arguments: { a: "{{ inputs.a }}" } })
    const headers = { prefer: "wait=20" }
    const execution = executionOf(
      await api("POST", "/api/executions", { body: { workflowId, inputs: { a: [1] } }, headers }),
      201
    )
    expect(execution).toMatchObject({ error: null, outputs: { a: { name: "echo", args: { a: [1] } } } })
    expect(server.asked.map(({ line }) => line)).toEqual(
      isModern
        ? ["POST server/discover", "POST tools/call"]
        : ["POST server/discover", "POST initialize", "POST notifications/initialized", "POST tools/call", "DELETE"]
    )
    expect(server.asked.flatMap(({ key = [] }) => key)).toEqual([`${execution.id}:a`])
  })

  test("sees its connection close after a cancel, and the session end", async () => {
    server.asked.length = 0
    const workflowId = await create({ tool: "hang" })
    const { id } = executionOf(await api("POST", "/api/executions", { body: { workflowId } }), 201)
    const called = () => server.asked.find(({ line }) => line === "POST tools/call")
    await until("the tool is called", 30, () => called() !== undefined)
    expect(called()?.isClosed).toBe(false)
    const askedAt = performance.now()
    const execution = executionOf(await api("POST", `/api/executions/${id}/cancel`))
    expect(execution.status).toBe("cancelled")
    expect(performance.now() - askedAt).toBeLessThan(2_000)
    await until("the connection closes", 10, () => called()?.isClosed === true)
    await until("the session ends", 10, () => isModern || server.asked.at(-1)?.line === "DELETE")
  })
})
