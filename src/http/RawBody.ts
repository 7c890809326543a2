import { ByteSize, Effect } from "effect"
import type { HttpServerError } from "effect/http/HttpServerError"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import { MaxBodySize } from "effect/http/HttpServerRequest"
import { Limits } from "../domain/Limits.ts"
import type { Problem } from "./api/Errors.ts"
import { refuse } from "./Problems.ts"

const maxBodySize = ByteSize.bytes(Limits.requestBodyBytes)

/** Answers that a body is too large. */
export const tooLarge = refuse({
  code: "REQUEST-001",
  status: 413,
  detail: `The body is larger than ${Limits.requestBodyBytes} bytes`
})

/** Whether the request says itself that its body is too large. */
export const announcesTooMuch = ({ headers }: HttpServerRequest): boolean =>
  Number(headers["content-length"]) > Limits.requestBodyBytes

/** The bytes of a request's body, never more of them than may come; `unreadable` when they break off. */
export const readBytes = (
  request: HttpServerRequest,
  unreadable: Effect.Effect<never, Problem>
): Effect.Effect<Uint8Array, Problem> =>
  request.arrayBuffer.pipe(
    Effect.provideService(MaxBodySize, maxBodySize),
    Effect.catchTag("HttpServerError", ({ reason }: HttpServerError) =>
      reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge" ? tooLarge : unreadable),
    Effect.map((buffer) =>
      new Uint8Array(buffer)
    )
  )
