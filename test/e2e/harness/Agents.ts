import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import { CallToolResultSchema, ListToolsResultSchema } from "@modelcontextprotocol/sdk/types.js"

/** What a tool has answered. */
export interface ToolAnswer {
  readonly isError: boolean
  /** Of an answer the structured content, of an error what its text says. */
  readonly json: Record<string, unknown>
}

/** How a tool is called. */
export interface ToolCall {
  readonly onProgress?: (message: string) => void
  readonly signal?: AbortSignal
}

/** A client of the protocol, whichever SDK it is made with. */
export interface Agent {
  readonly name: string
  readonly tools: () => Promise<ReadonlyArray<string>>
  readonly call: (name: string, args: Record<string, unknown>, options?: ToolCall) => Promise<ToolAnswer>
  readonly close: () => Promise<void>
}

/** Makes a client that is connected to a service. */
export type Connect = (url: string, key: string) => Promise<Agent>

const headers = (key: string) => ({ requestInit: { headers: { authorization: `Bearer ${key}` } } })

/** What is read of an answer, whose text and structured content must say the same. */
export const answerOf = (raw: Readonly<Record<string, unknown>>): ToolAnswer => {
  const isError = raw["isError"] === true
  const text: unknown = Object(Array.isArray(raw["content"]) ? raw["content"][0] : undefined).text
  if (typeof text !== "string") throw new Error("The answer has no text")
  const json: unknown = JSON.parse(text)
  if (!isError && JSON.stringify(raw["structuredContent"]) !== text) {
    throw new Error("Text and structured content differ")
  }
  return { isError, json: Object(json) }
}

const current = (mode: "auto" | "legacy"): Connect => async (url, key) => {
  const client = new Client({ name: "agent", version: "1.0.0" }, { versionNegotiation: { mode } })
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), headers(key)))
  return {
    name: `client 2.4.0, ${mode}`,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args, { onProgress, signal } = {}) =>
      answerOf(
        await client.callTool({ name, arguments: args }, {
          ...(onProgress === undefined ? {} : { onprogress: ({ message }) => onProgress(message ?? "") }),
          ...(signal === undefined ? {} : { signal })
        })
      ),
    close: () => client.close()
  }
}

const former: Connect = async (url, key) => {
  const client = new OldClient({ name: "agent", version: "1.0.0" })
  await client.connect(new OldTransport(new URL(`${url}/mcp`), headers(key)))
  return {
    name: "sdk 1.32.2",
    tools: async () =>
      (await client.request({ method: "tools/list" }, ListToolsResultSchema)).tools.map(({ name }) => name),
    call: async (name, args, { onProgress, signal } = {}) =>
      answerOf(
        await client.callTool({ name, arguments: args }, CallToolResultSchema, {
          ...(onProgress === undefined ? {} : { onprogress: ({ message }) => onProgress(message ?? "") }),
          ...(signal === undefined ? {} : { signal })
        })
      ),
    close: () => client.close()
  }
}

/** The clients that agents have: of this era, of this era in the manner of the one before, and of the one before. */
export const agents: ReadonlyArray<readonly [name: string, connect: Connect]> = [
  ["client 2.4.0, auto", current("auto")],
  ["client 2.4.0, legacy", current("legacy")],
  ["sdk 1.32.2", former]
]
