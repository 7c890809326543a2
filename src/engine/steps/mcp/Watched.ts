import type { JSONRPCMessage, RequestId, Transport, TransportSendOptions } from "@modelcontextprotocol/client"
import { Limits } from "../../../domain/Limits.ts"
import { cut } from "../../../domain/Text.ts"
import type { StepContext } from "../../StepHandler.ts"
import { StepFailure } from "../../StepHandler.ts"
import type { Trouble } from "./Trouble.ts"
import { asksForInput, noResult } from "./Trouble.ts"

/**
 * A transport that fails the step where the client would wait on, or take too much: an answer that ends without the
 * result, a request of the server's own, and what nests too deeply.
 */
export const watched = (inner: Transport, trouble: Trouble, redact: StepContext["redact"]): Transport => {
  const answered = new Set<RequestId>()

  const look = (message: JSONRPCMessage): StepFailure | undefined => {
    if (isDeeper(message, Limits.jsonDepth)) {
      return new StepFailure({ code: "invalid-response", message: `The answer nests deeper than ${Limits.jsonDepth}` })
    }
    return "method" in message && "id" in message && message.method !== "ping"
      ? asksForInput(cut(redact(message.method), Limits.nameCharacters))
      : undefined
  }

  const send = async (message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> => {
    if (!("method" in message && "id" in message)) return inner.send(message, options)
    const atEnd = () => {
      if (!answered.has(message.id)) trouble.end(trouble.last ?? noResult)
    }
    await inner.send(message, { ...options, onRequestStreamEnd: atEnd })
    if (!trouble.streamed.has(message.id)) atEnd()
  }

  const transport: Transport = {
    hasPerRequestStream: true,
    start: () => inner.start(),
    send,
    close: () => inner.close(),
    setProtocolVersion: (version) => inner.setProtocolVersion?.(version),
    get sessionId() {
      return inner.sessionId
    }
  }
  Object.assign(inner, {
    onmessage: (message: JSONRPCMessage) => {
      const failure = look(message)
      if (failure !== undefined) return trouble.end(failure)
      if (!("method" in message) && message.id !== undefined) answered.add(asSent(message.id))
      transport.onmessage?.(message)
    },
    onclose: () => transport.onclose?.()
  })
  return transport
}

/** The id that is answered: the client takes the text of a number for the number. */
const asSent = (id: RequestId): RequestId => Number.isNaN(Number(id)) ? id : Number(id)

const isDeeper = (value: unknown, maximum: number): boolean =>
  typeof value === "object" && value !== null &&
  (maximum === 0 || Object.values(value).some((member) => isDeeper(member, maximum - 1)))
