import { afterAll, describe, expect, it } from "vitest"
import { Limits } from "../../src/domain/Limits.ts"
import { problemOf } from "../http/harness.ts"
import { makeMemoryMcp, operatorKey } from "./MemoryMcp.ts"
import { call, eras, messageOf, post } from "./Requests.ts"

const service = makeMemoryMcp()
const local = makeMemoryMcp({ variables: { MCP_ALLOWED_HOSTS: "localhost,127.0.0.1" } })
const narrow = makeMemoryMcp({ variables: { RATE_LIMIT_MAX_REQUESTS: "2" } })
afterAll(() => Promise.all([service, local, narrow].map(({ dispose }) => dispose())))

const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" })

const at = (url: string, method = "GET", headers: Readonly<Record<string, string>> = {}) =>
  new Request(url, { method, headers, ...(method === "POST" ? { body: ping } : {}) })

const keyed = {
  "content-type": "application/json",
  "x-api-key": operatorKey,
  accept: "application/json, text/event-stream"
}

describe("who is let in", () => {
  it.each([
    { shown: "no key", key: null, code: "AUTH-001" },
    { shown: "a wrong key", key: "of-nobody", code: "AUTH-002" }
  ])("nobody with $shown, and no place for OAuth is named", async ({ code, key }) => {
    const response = await service.handle(post(ping, {}, key))
    expect(response.status).toBe(401)
    expect(response.headers.get("www-authenticate")).toBe("Bearer")
    expect((await problemOf(response)).code).toBe(code)
  })

  it("a key as a bearer token, or in X-API-Key", async () => {
    expect((await service.handle(post(ping))).status).toBe(200)
    expect((await service.handle(post(ping, { "x-api-key": operatorKey }, null))).status).toBe(200)
  })

  it("has no metadata of OAuth: clients would drop the key that they were given", async () => {
    for (const kind of ["oauth-protected-resource", "oauth-protected-resource/mcp", "oauth-authorization-server"]) {
      const response = await service.handle(at(`http://service.test/.well-known/${kind}`))
      expect(response.status).toBe(404)
    }
  })

  it.each(["https://evil.test", "null", "http://service.test.evil.test", "nonsense"])(
    "no page of %s, whatever key it shows",
    async (origin) => {
      const response = await service.handle(post(ping, { origin }))
      expect(response.status).toBe(403)
      expect((await problemOf(response)).code).toBe("REQUEST-001")
    }
  )

  it("a page of the service itself", async () => {
    expect((await service.handle(post(ping, { origin: "http://service.test" }))).status).toBe(200)
  })

  it("nobody who asks by another name, where names are set", async () => {
    const response = await local.handle(at("http://evil.test/mcp", "POST", keyed))
    expect(response.status).toBe(403)
    expect((await problemOf(response)).code).toBe("REQUEST-001")
    expect((await local.handle(at("http://localhost:8787/mcp", "POST", keyed))).status).toBe(200)
    expect((await local.handle(at("http://127.0.0.1:1234/mcp", "POST", keyed))).status).toBe(200)
  })

  it("no page of another name than is set, though the page and the service have the same", async () => {
    const response = await local.handle(at("http://localhost/mcp", "POST", { ...keyed, origin: "http://evil.test" }))
    expect(response.status).toBe(403)
  })
})

describe("what is let in", () => {
  it.each(["GET", "DELETE", "PUT", "PATCH"])("%s is 405: there are no sessions", async (method) => {
    const response = await service.handle(at("http://service.test/mcp", method, keyed))
    expect(response.status).toBe(405)
    expect(response.headers.get("allow")).toBe("POST")
    expect((await problemOf(response)).code).toBe("REQUEST-001")
  })

  it("nothing but JSON", async () => {
    for (const type of ["text/plain", "application/jsonp", "application/x-www-form-urlencoded"]) {
      const response = await service.handle(post(ping, { "content-type": type }))
      expect(response.status).toBe(415)
      expect((await problemOf(response)).code).toBe("REQUEST-001")
    }
    expect((await service.handle(post(ping, { "content-type": "Application/JSON; charset=utf-8" }))).status).toBe(200)
    expect((await service.handle(post(ping, { "content-encoding": "gzip" }))).status).toBe(415)
    const notUtf8 = new Uint8Array([...new TextEncoder().encode(ping.slice(0, -2)), 0xff, 0x22, 0x7d])
    for (const body of ["", "{", "{}}", "\u0000", "{'jsonrpc':'2.0'}", notUtf8]) {
      const response = await service.handle(post(body))
      expect(response.status).toBe(400)
      expect((await problemOf(response)).code).toBe("REQUEST-001")
    }
  })

  it("a body of 1 MiB, not of a byte more", async () => {
    const padded = (length: number) => ping + " ".repeat(length - ping.length)
    expect((await service.handle(post(padded(Limits.requestBodyBytes)))).status).toBe(200)
    const response = await service.handle(post(padded(Limits.requestBodyBytes + 1)))
    expect(response.status).toBe(413)
    expect((await problemOf(response)).code).toBe("REQUEST-001")
  })

  it("a body as deep as it may be, not deeper", async () => {
    const nested = (depth: number) =>
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":${"[".repeat(depth - 2)}${"]".repeat(depth - 2)}}}`
    expect((await service.handle(post(nested(Limits.jsonDepth)))).status).toBe(200)
    const response = await service.handle(post(nested(Limits.jsonDepth + 1)))
    expect(response.status).toBe(400)
    expect((await problemOf(response)).detail).toContain("100 levels")
  })

  it("as many requests as the key may make", async () => {
    const statuses = []
    for (const _ of [1, 2, 3]) statuses.push((await narrow.handle(post(ping))).status)
    expect(statuses).toEqual([200, 200, 429])
  })
})

describe("every answer", () => {
  it.each(eras)("has the request's id, and what is left of the limit: %s", async (era) => {
    const requests = [call(era, "tools/list"), call(era, "nope/nope"), call(era, "tools/call", { name: "nope" })]
    for (const request of [...requests, post("{"), post("[]"), post(ping, { accept: "text/html" })]) {
      request.headers.set("x-request-id", "request-of-the-test")
      const response = await service.handle(request)
      expect(response.headers.get("x-request-id")).toBe("request-of-the-test")
      expect(response.headers.get("ratelimit-limit")).toBe("1000000")
      expect(Number(response.headers.get("ratelimit-remaining"))).toBeLessThan(1_000_000)
      expect(Number(response.headers.get("ratelimit-reset"))).toBeGreaterThan(0)
      expect(response.headers.get("cache-control")).toBe("no-store")
      await response.text()
    }
  })

  it("leaves a line in the log, with the method and without the body", async () => {
    const request = call("modern", "tools/call", { name: "workflow_list", arguments: { name: "a secret text" } })
    const response = await service.handle(request)
    await messageOf(response)
    const line = service.logs.findLast(({ message }) => message === "request")
    expect(line).toMatchObject({
      annotations: {
        method: "POST",
        path: "/mcp",
        status: 200,
        mcp: "tools/call",
        requestId: response.headers.get("x-request-id")
      }
    })
    expect(JSON.stringify(service.logs)).not.toContain("a secret text")
  })
})
