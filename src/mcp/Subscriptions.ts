import { isLegacyRequest, ProtocolErrorCode } from "@modelcontextprotocol/server"
import { Schema } from "effect"

/** How many streams of changes may be open: none. */
export const maxSubscriptions = 0

const decodeListen = Schema.decodeUnknownOption(Schema.Struct({
  id: Schema.Union([Schema.String, Schema.Number]),
  method: Schema.Literal("subscriptions/listen")
}))

/**
 * The answer to a client that wants to hear of changes: there is no such method here, as nothing is ever told of them and
 * an open stream would cost money for as long as the client likes. Undefined: the request is another one.
 */
export const refusedSubscription = async (request: Request, body: unknown): Promise<Response | undefined> => {
  const listen = decodeListen(body)
  // Older revisions don't know the method; there, the status would end a session.
  if (listen._tag === "None" || await isLegacyRequest(request, body)) return undefined
  return Response.json({
    jsonrpc: "2.0",
    id: listen.value.id,
    error: { code: ProtocolErrorCode.MethodNotFound, message: "Method not found" }
  }, { status: 404 })
}
