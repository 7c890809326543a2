import { describe, expect, it, vi } from "vitest"
import { modern, sessionful } from "../engine/steps/McpServers.ts"
import type { Upstream } from "../engine/steps/McpServers.ts"
import { call, worker } from "./Service.ts"
import { askedOfUpstream, upstreamAnswers, upstreamUrl } from "./Upstream.ts"
import { createWorkflow, execute, getExecution } from "./Workflows.ts"

const steps = [{
  id: "ticket",
  type: "mcp-tool",
  order: 1,
  config: { url: `${upstreamUrl}/mcp`, tool: "create_ticket", arguments: { title: "{{ inputs.title }}" } }
}]

/** Lets this be the upstream; what it tells of a request's end is `aborted`. */
const serve = (upstream: Upstream) => {
  const aborted: Array<string> = []
  upstreamAnswers(async (_, signal, request) => {
    const { headers, method, url } = request
    const body = await request.text()
    signal?.addEventListener("abort", () => void aborted.push(body))
    return upstream(new Request(url, { method, headers, ...(body === "" ? {} : { body }) }))
  })
  return aborted
}

type Tool = Parameters<typeof modern>[0] & Parameters<typeof sessionful>[0]

const echo: Tool = (name, args) =>
  Promise.resolve({ content: [{ type: "text", text: name }], structuredContent: { name, args } })

describe.each([
  ["2026-07-28, in JSON", (tool: Tool) => modern(tool)],
  ["2026-07-28, in events", (tool: Tool) => modern(tool, { responseMode: "sse" })],
  ["2025-11-25, in JSON", (tool: Tool) => sessionful(tool, { json: true }).upstream],
  ["2025-11-25, in events", (tool: Tool) => sessionful(tool).upstream]
])("a tool of a server of %s, in an execution's object", (_, make) => {
  it("is called once, with the step's arguments and key", async () => {
    serve(make(echo))
    const { id } = await createWorkflow(worker, steps)
    const { error, id: execution, outputs } = await execute(worker, id, { inputs: { title: "A laptop" }, wait: 20 })
    expect(error).toBeNull()
    expect(outputs).toEqual({ ticket: { name: "create_ticket", args: { title: "A laptop" } } })
    const keys = askedOfUpstream().flatMap(({ key }) => key === null ? [] : [key])
    expect(keys).toEqual([`${execution}:ticket`])
  })

  it("sees the connection close when the execution is cancelled", async () => {
    let called = false
    const aborted = serve(make(() => {
      called = true
      return new Promise(() => {})
    }))
    const { id } = await createWorkflow(worker, steps)
    const execution = await execute(worker, id, { inputs: { title: "A laptop" } })
    await vi.waitFor(() => expect(called).toBe(true))
    expect(aborted.filter((body) => body.includes("tools/call"))).toEqual([])
    await call(worker, "POST", `/api/executions/${execution.id}/cancel`)
    expect((await getExecution(worker, execution.id)).status).toBe("cancelled")
    expect(aborted.filter((body) => body.includes("tools/call")).length).toBe(1)
  })
})
