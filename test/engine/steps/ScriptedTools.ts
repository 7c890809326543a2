import type { Duration } from "effect"
import { Schema } from "effect"
import type { JsonObject } from "effect/Schema"
import type { ScriptedRoute, SeenRequest } from "../../../src/testing/ScriptedHttp.ts"

/** What a tool answers: its structured content, that it failed and why, or the status of a server that is not well. */
export type ToolAnswer =
  | { readonly gives: JsonObject; readonly delay?: Duration.Input }
  | { readonly fails: string }
  | { readonly status: number }

/** A call of a tool. */
export interface ToolCall {
  readonly tool: string
  readonly arguments: JsonObject
}

/** An MCP server of 2026-07-28 as a route of the script. */
export const toolServer = (url: string, answer: (call: ToolCall) => ToolAnswer): ScriptedRoute => ({
  url,
  respond: ({ body }) => {
    const { id, method, params } = decodeMessage(body)
    const answered = method === "tools/call" ? answer(callOf(params)) : { result: discovered }
    if ("status" in answered) return { status: answered.status }
    const result = "result" in answered
      ? answered.result
      : "fails" in answered
      ? { isError: true, content: [{ type: "text", text: answered.fails }] }
      : { content: [], structuredContent: answered.gives }
    return {
      body: { jsonrpc: "2.0", id, result: { ...result, ...complete } },
      ...("delay" in answered ? { delay: answered.delay } : {})
    }
  }
})

/** The calls of tools among these requests, in order, each with its key. */
export const toolCalls = (requests: ReadonlyArray<SeenRequest>, url: string) =>
  requests.filter((request) => request.url === url).flatMap(({ body, headers }) => {
    const { method, params } = decodeMessage(body)
    return method === "tools/call" ? [{ ...callOf(params), key: headers["idempotency-key"] }] : []
  })

const decodeMessage = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({
  id: Schema.Union([Schema.String, Schema.Finite]),
  method: Schema.String,
  params: Schema.Struct({
    name: Schema.optionalKey(Schema.String),
    arguments: Schema.optionalKey(Schema.JsonObject)
  })
})))

const callOf = (params: ReturnType<typeof decodeMessage>["params"]): ToolCall => ({
  tool: params.name ?? "",
  arguments: params.arguments ?? {}
})

const discovered = { supportedVersions: ["2026-07-28"], capabilities: { tools: {} } }
const complete = { resultType: "complete", ttlMs: 0, cacheScope: "private" }
