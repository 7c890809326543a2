import { isLegacyRequest, ProtocolErrorCode, specTypeSchemas } from "@modelcontextprotocol/server"
import { Schema } from "effect"
import { clipped } from "./Size.ts"

/** How many streams of changes may be open: none. */
export const maxSubscriptions = 0

/** The answer to what the SDK would serve and this server does not; undefined: the request is another one. */
export const refusalOf = async (request: Request, body: unknown): Promise<Response | undefined> => {
  // The limits count requests: a batch would be a thousand calls in one. The protocol has none since 2025-06-18.
  if (Array.isArray(body)) {
    return refused(400, null, ProtocolErrorCode.InvalidRequest, "Send one message in a request, not a batch")
  }
  const handshake = decodeInitialize(body)
  if (handshake._tag === "Some") {
    const problem = problemOf(body)
    return problem !== undefined && await isLegacyRequest(request, body)
      ? refused(200, handshake.value.id, ProtocolErrorCode.InvalidParams, problem)
      : undefined
  }
  const listen = decodeListen(body)
  // Nothing is ever told of changes, and an open stream would cost money for as long as the client likes. Older
  // revisions don't know the method; there, the status would end a session.
  if (listen._tag === "None" || await isLegacyRequest(request, body)) return undefined
  return refused(404, listen.value.id, ProtocolErrorCode.MethodNotFound, "Method not found")
}

const decodeListen = Schema.decodeUnknownOption(Schema.Struct({
  id: Schema.Union([Schema.String, Schema.Number]),
  method: Schema.Literal("subscriptions/listen")
}))

const decodeInitialize = Schema.decodeUnknownOption(Schema.Struct({
  jsonrpc: Schema.Literal("2.0"),
  id: Schema.Union([Schema.String, Schema.Number]),
  method: Schema.Literal("initialize")
}))

/** Characters of what is said to be wrong with a handshake. */
const problemCharacters = 500

/** What is wrong with a handshake of the older revisions: the SDK would call it an internal error. */
const problemOf = (body: unknown): string | undefined => {
  const { issues } = specTypeSchemas.InitializeRequest["~standard"].validate(body)
  return issues === undefined
    ? undefined
    : clipped(issues.map(({ message, path = [] }) => `${path.join(".")}: ${message}`).join("; "), problemCharacters)
}

const refused = (status: number, id: string | number | null, code: ProtocolErrorCode, message: string): Response =>
  Response.json({ jsonrpc: "2.0", id, error: { code, message } }, { status })
