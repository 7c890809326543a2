import { isLegacyRequest, ProtocolErrorCode } from "@modelcontextprotocol/server"
import { Schema } from "effect"

/** How many streams of changes may be open: none. */
export const maxSubscriptions = 0

/** The answer to what the SDK would serve and this server does not; undefined: the request is another one. */
export const refusalOf = async (request: Request, body: unknown): Promise<Response | undefined> => {
  // The limits count requests: a batch would be a thousand calls in one. The protocol has none since 2025-06-18.
  if (Array.isArray(body)) {
    return refused(400, null, ProtocolErrorCode.InvalidRequest, "Send one message in a request, not a batch")
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

const refused = (status: number, id: string | number | null, code: ProtocolErrorCode, message: string): Response =>
  Response.json({ jsonrpc: "2.0", id, error: { code, message } }, { status })
