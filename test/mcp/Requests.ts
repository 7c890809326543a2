import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY
} from "@modelcontextprotocol/server"
import { operatorKey } from "./MemoryMcp.ts"

/** The revisions of the protocol, old and new, that clients speak. */
export const eras = ["modern", "legacy"] as const
export type Era = (typeof eras)[number]

const revisions = { modern: "2026-07-28", legacy: "2025-11-25" }

const accepted = "application/json, text/event-stream"

/** What a client says of itself with each request since 2026-07-28. */
const envelope = {
  [PROTOCOL_VERSION_META_KEY]: revisions.modern,
  [CLIENT_INFO_META_KEY]: { name: "test", version: "1.0.0" },
  [CLIENT_CAPABILITIES_META_KEY]: {}
}

/** A request as it is sent; a key of null: without one. */
export const post = (
  body: BodyInit,
  headers: Readonly<Record<string, string>> = {},
  key: string | null = operatorKey
): Request =>
  new Request("http://service.test/mcp", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: accepted,
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...headers
    },
    body
  })

/** A call of a method, as a client of an era makes it. */
export const call = (era: Era, method: string, params: Readonly<Record<string, unknown>> = {}): Request => {
  if (era === "legacy") {
    return post(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }), {
      "mcp-protocol-version": revisions.legacy
    })
  }
  const name = params["name"] ?? params["uri"]
  return post(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: envelope } }), {
    "mcp-protocol-version": revisions.modern,
    "mcp-method": method,
    ...(typeof name === "string" ? { "mcp-name": name } : {})
  })
}

/** The one message of an answer, whether it came as JSON or in a stream. */
export const messageOf = async (response: Response): Promise<unknown> => {
  const text = await response.text()
  const data = /^data: (.+)$/m.exec(text)?.[1] ?? text
  return JSON.parse(data)
}
