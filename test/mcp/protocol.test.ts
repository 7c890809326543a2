import { afterAll, describe, expect, it } from "vitest"
import { makeMemoryMcp } from "./MemoryMcp.ts"
import type { Era } from "./Requests.ts"
import { call, eras, messageOf, post } from "./Requests.ts"

const service = makeMemoryMcp()
afterAll(() => service.dispose())

/** What a client of an era gets for a call. */
const ask = async (era: Era, method: string, params: Readonly<Record<string, unknown>> = {}) => {
  const response = await service.handle(call(era, method, params))
  return {
    status: response.status,
    requestId: response.headers.get("x-request-id"),
    message: await messageOf(response)
  }
}

const errorOf = (code: number, message: string | RegExp = /./) => ({
  jsonrpc: "2.0",
  id: 1,
  error: { code, message: expect.stringMatching(message) }
})

const errors = () => service.logs.filter(({ level }) => level === "ERROR")

describe.each(eras)("a client of the %s era", (era) => {
  it("calls tools: what they answer is structured, and the same as a text", async () => {
    const { message, status } = await ask(era, "tools/call", { name: "workflow_list", arguments: {} })
    expect(status).toBe(200)
    const answer = { items: [], nextCursor: null }
    expect(message).toMatchObject({
      id: 1,
      result: { structuredContent: answer, content: [{ type: "text", text: JSON.stringify(answer) }] }
    })
  })

  it("is told what is wrong with the arguments of a tool, as an answer of the tool", async () => {
    const { message, requestId } = await ask(era, "tools/call", { name: "workflow_get", arguments: { x: 1 } })
    expect(message).toMatchObject({ result: { isError: true, content: [{ type: "text", text: expect.any(String) }] } })
    const told = JSON.stringify(message)
    for (const part of ["REQUEST-001", "workflowId", "is required", String(requestId)]) expect(told).toContain(part)
  })

  it.each([
    { what: "tool", method: "tools/call", params: { name: "of_nobody", arguments: {} } },
    { what: "prompt", method: "prompts/get", params: { name: "of-nobody" } },
    { what: "resource", method: "resources/read", params: { uri: "docs://of-nobody" } },
    { what: "workflow", method: "resources/read", params: { uri: "workflow://of-nobody" } },
    { what: "execution", method: "resources/read", params: { uri: "execution://of-nobody/steps/a%2" } }
  ])("asks for a $what that there isn't: an invalid parameter", async ({ method, params }) => {
    const { message, status } = await ask(era, method, params)
    expect(status).toBe(200)
    expect(message).toMatchObject(errorOf(-32602, /of[-_]nobody/))
  })

  it("is told the address of the resource that there isn't", async () => {
    const uri = "docs://of-nobody"
    expect((await ask(era, "resources/read", { uri })).message).toMatchObject({ error: { data: { uri } } })
  })

  it.each([
    { method: "tools/list", params: { cursor: 1 } },
    { method: "resources/list", params: { cursor: {} } },
    { method: "tools/call", params: {} },
    { method: "tools/call", params: { name: "workflow_list", arguments: "none" } },
    { method: "resources/read", params: { uri: 1 } },
    { method: "prompts/get", params: { name: "author-workflow", arguments: { task: 1 } } },
    { method: "prompts/get", params: { name: "author-workflow" } },
    { method: "completion/complete", params: { ref: { type: "ref/nothing" }, argument: {} } }
  ])("sends $method with $params: an invalid parameter", async ({ method, params }) => {
    expect((await ask(era, method, params)).message).toMatchObject(errorOf(-32602))
  })

  it.each([
    { method: "tools/call", member: "name" },
    { method: "prompts/get", member: "name" },
    { method: "resources/read", member: "uri", prefix: "docs://" },
    { method: "resources/read", member: "uri", prefix: "workflow://" }
  ])("is told the beginning of what it asked for in vain: $method", async ({ member, method, prefix = "" }) => {
    const { message } = await ask(era, method, { [member]: prefix + "x".repeat(500_000) })
    expect(message).toMatchObject(errorOf(-32602, /xxx…$/))
    expect(JSON.stringify(message).length).toBeLessThan(3_000)
  })

  it("asks for a method that there isn't", async () => {
    const { message, status } = await ask(era, "nope/nope")
    expect(status).toBe(era === "modern" ? 404 : 200)
    expect(message).toMatchObject(errorOf(-32601))
  })

  it("can't keep a stream open to hear of changes", async () => {
    const { message, status } = await ask(era, "subscriptions/listen", { notifications: { toolsListChanged: true } })
    expect(status).toBe(era === "modern" ? 404 : 200)
    expect(message).toMatchObject(errorOf(-32601))
  })

  it("is told nothing of a defect but where the log has more", async () => {
    await service.failNext("workflows.list")
    const { message, requestId } = await ask(era, "tools/call", { name: "workflow_list", arguments: {} })
    const text = JSON.stringify({ code: "INTERNAL-001", detail: "internal error", requestId })
    expect(message).toMatchObject({ id: 1, result: { isError: true, content: [{ type: "text", text }] } })
    expect(JSON.stringify(message)).not.toMatch(/fault of the test|StorageError|workflows\.list/)
    const log = JSON.stringify(errors().filter(({ annotations }) => Object(annotations).requestId === requestId))
    expect(log).toContain("A fault of the test")
    expect(log).toContain("workflows.list")
  })

  it("is told as little of a defect of a resource", async () => {
    await service.failNext("workflows.find")
    const { message, requestId } = await ask(era, "resources/read", { uri: "workflow://any" })
    expect(message).toMatchObject(errorOf(-32603, /internal error/))
    expect(JSON.stringify(message)).toContain(requestId)
    expect(JSON.stringify(message)).not.toMatch(/fault of the test|StorageError|workflows\.find/)
    const log = JSON.stringify(errors().filter(({ annotations }) => Object(annotations).requestId === requestId))
    expect(log).toContain("A fault of the test")
  })
})

describe("a message", () => {
  it.each([
    "null",
    "1",
    "\"ping\"",
    "{}",
    "[]",
    "{\"jsonrpc\":\"2.0\"}",
    "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
    "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}",
    "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":1}",
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}"
  ])("that is none is invalid: %s", async (body) => {
    const response = await service.handle(post(body))
    expect(response.status).toBe(400)
    expect(await messageOf(response)).toMatchObject({ jsonrpc: "2.0", error: { code: -32600 } })
  })

  it("comes alone: a batch would be many calls for one of the limit", async () => {
    const message = { jsonrpc: "2.0", id: 1, method: "ping" }
    const response = await service.handle(post(JSON.stringify([message, { ...message, id: 2 }])))
    expect(response.status).toBe(400)
    expect(await messageOf(response)).toMatchObject({ id: null, error: { code: -32600 } })
  })

  it("that is a handshake without what belongs to one is told so", async () => {
    const handshake = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } }
    const answered = async (params: object | undefined) =>
      messageOf(await service.handle(post(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params }))))
    expect(await answered(handshake)).toMatchObject({ id: 1, result: { protocolVersion: "2025-11-25" } })
    expect(await answered(undefined)).toMatchObject(errorOf(-32602, /^params: /))
    expect(await answered({ ...handshake, clientInfo: { name: 1 } })).toMatchObject(
      errorOf(-32602, /^params\.clientInfo\.name: .+; params\.clientInfo\.version: /)
    )
    const { message } = await ask("modern", "initialize")
    expect(message).toMatchObject(errorOf(-32601))
  })

  it("to which nothing is to be said is taken", async () => {
    for (const rest of [{ method: "notifications/initialized" }, { id: 1, result: {} }]) {
      const response = await service.handle(post(JSON.stringify({ jsonrpc: "2.0", ...rest })))
      expect(response.status).toBe(202)
      expect(await response.text()).toBe("")
    }
  })

  it("has the method and the name in its headers too, since 2026-07-28", async () => {
    for (const header of ["mcp-method", "mcp-name", "mcp-protocol-version"]) {
      const request = call("modern", "tools/call", { name: "workflow_list", arguments: {} })
      request.headers.set(header, "another")
      const response = await service.handle(request)
      expect(response.status).toBe(400)
      expect(await messageOf(response)).toMatchObject(errorOf(-32020))
    }
  })

  it("of an unknown revision is refused with those that are known", async () => {
    const body = { jsonrpc: "2.0", id: 1, method: "ping" }
    const response = await service.handle(post(JSON.stringify(body), { "mcp-protocol-version": "1999-01-01" }))
    expect(response.status).toBe(400)
    expect(JSON.stringify(await messageOf(response))).toContain("2025-11-25")
  })
})
