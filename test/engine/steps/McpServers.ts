import type { CallToolResult } from "@modelcontextprotocol/client"
import { Server as OldServer } from "@modelcontextprotocol/sdk/server/index.js"
import type { EventStore } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js"
import { WebStandardStreamableHTTPServerTransport as OldTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js"
import { CallToolRequestSchema } from "@modelcontextprotocol/sdk/types.js"
import type { CreateMcpHandlerOptions, InputRequiredResult, ServerContext } from "@modelcontextprotocol/server"
import { createMcpHandler, Server } from "@modelcontextprotocol/server"
import { Deferred, Effect, Layer, Schema } from "effect"
import { HttpClient, HttpClientError, HttpClientResponse } from "effect/http"

/** What a tool answers. */
export type ToolResult = CallToolResult
type Arguments = Readonly<Record<string, unknown>>

/** An upstream: what answers a request. */
export type Upstream = (request: Request) => Promise<Response>

const info = { name: "tools", version: "1.0.0" }
const capabilities = { tools: {} }

/** A server of the current SDK: it speaks 2026-07-28, and to older clients as they do. */
export const modern = (
  tool: (name: string, args: Arguments, ctx: ServerContext) => Promise<ToolResult | InputRequiredResult>,
  options?: CreateMcpHandlerOptions
): Upstream => {
  const handler = createMcpHandler(() => {
    const server = new Server(info, { capabilities })
    server.setRequestHandler("tools/call", ({ params }, ctx) => tool(params.name, params.arguments ?? {}, ctx))
    return server
  }, options)
  return (request) => handler.fetch(request)
}

/** What a tool of an older server may do besides answering. */
export interface OldContext {
  /** Asks the client something. */
  readonly ask: () => Promise<unknown>
  /** Closes the stream of the answer, so that the client asks for it again. */
  readonly hangUp: () => void
  readonly signal: AbortSignal
}

/** A server of the SDK's older line: it speaks 2025-11-25 and before, and holds sessions. */
export const sessionful = (
  tool: (name: string, args: Arguments, ctx: OldContext) => Promise<ToolResult>,
  options: { readonly json?: boolean; readonly events?: EventStore } = {}
): { readonly upstream: Upstream; readonly sessions: () => number } => {
  const transports = new Map<string, OldTransport>()
  const open = async () => {
    const transport: OldTransport = new OldTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      enableJsonResponse: options.json === true,
      ...(options.events === undefined ? {} : { eventStore: options.events, retryInterval: 10 }),
      onsessioninitialized: (id) => void transports.set(id, transport),
      onsessionclosed: (id) => void transports.delete(id)
    })
    const server = new OldServer(info, { capabilities })
    server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) =>
      tool(params.name, params.arguments ?? {}, {
        ask: () => server.elicitInput({ message: "Sure?", requestedSchema: { type: "object", properties: {} } }),
        hangUp: () => extra.closeSSEStream?.(),
        signal: extra.signal
      }))
    await server.connect(transport)
    return transport
  }
  return {
    upstream: async (request) => {
      const known = transports.get(request.headers.get("mcp-session-id") ?? "")
      return (known ?? await open()).handleRequest(request)
    },
    sessions: () => transports.size
  }
}

/** A request as the upstream saw it. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The JSON-RPC method. */
  readonly rpc: string | undefined
}

/** An HTTP client whose every request goes to one upstream; and what it was asked. */
export const clientOf = (upstream: Upstream) => {
  const seen: Array<Seen> = []
  const aborted: Array<string> = []
  const client = HttpClient.make((request, url, signal) => {
    const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
    const rpc = /"method":"([^"]+)"/.exec(body)?.[1]
    seen.push({ method: request.method, url: url.href, headers: { ...request.headers }, body, rpc })
    signal.addEventListener("abort", () => void aborted.push(rpc ?? request.method))
    return Effect.tryPromise({
      try: () =>
        upstream(
          new Request(url, {
            method: request.method,
            headers: { ...request.headers },
            signal,
            ...(body === "" ? {} : { body })
          })
        ),
      catch: (cause) =>
        new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })
    }).pipe(Effect.map((response) => HttpClientResponse.fromWeb(request, response)))
  })
  return { layer: Layer.succeed(HttpClient.HttpClient, client), seen, aborted }
}

/** A moment that a tool reaches and a test waits for. */
export const makeMoment = () => {
  const moment = Deferred.makeUnsafe<void>()
  return { reach: () => void Deferred.doneUnsafe(moment, Effect.void), reached: Deferred.await(moment) }
}

/** A request to an upstream that is no more than a script. */
export interface Message {
  readonly method: string
  readonly id?: string | number
  readonly headers: Headers
}

/** An upstream that answers each message by a script; the start of a conversation goes as with a server of 2026-07-28. */
export const scripted =
  (answer: (message: Message, request: Request) => Response | Promise<Response>): Upstream => async (request) => {
    const { id, method } = Schema.decodeUnknownSync(Call)(await request.text())
    return method === "server/discover"
      ? result(id, { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } })
      : answer({ method, headers: request.headers, ...(id === undefined ? {} : { id }) }, request)
  }

const Call = Schema.fromJsonString(
  Schema.Struct({ method: Schema.String, id: Schema.optionalKey(Schema.Union([Schema.String, Schema.Finite])) })
)

const complete = { resultType: "complete", ttlMs: 0, cacheScope: "private" }

/** The message of a result. */
export const resultText = (id: string | number | undefined, value: object): string =>
  JSON.stringify({ jsonrpc: "2.0", id, result: { ...value, ...complete } })

/** A result as JSON. */
export const result = (id: string | number | undefined, value: object): Response => json(resultText(id, value))

/** A JSON-RPC error. */
export const rpcError = (id: string | number | undefined, code: number, message: string, status = 400): Response =>
  Response.json({ jsonrpc: "2.0", id, error: { code, message } }, { status })

export const json = (text: string, init: ResponseInit = {}): Response =>
  new Response(text, { headers: { "content-type": "application/json" }, ...init })

/** Events as they are sent. */
export const events = (body: ReadableStream<Uint8Array> | string): Response =>
  new Response(body, { headers: { "content-type": "text/event-stream" } })
