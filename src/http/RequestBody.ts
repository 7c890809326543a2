import { ByteSize, Effect, Result } from "effect"
import * as Headers from "effect/http/Headers"
import type { HttpServerError } from "effect/http/HttpServerError"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import { MaxBodySize } from "effect/http/HttpServerRequest"
import { nestsDeeper } from "../domain/Json.ts"
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

/** Answers what keeps a body from being read as JSON. */
export const notJson = (detail: string) => refuse({ code: "REQUEST-001", status: 400, detail })

const wrongType = (detail: string) => refuse({ code: "REQUEST-001", status: 415, detail })

/** Whether the request says itself that its body is too large. */
export const announcesTooMuch = ({ headers }: HttpServerRequest): boolean =>
  Number(headers["content-length"]) > Limits.requestBodyBytes

/** The bytes of a request's body, never more of them than may come; `unreadable` when they break off. */
export const readBytes = (
  request: HttpServerRequest,
  unreadable: Effect.Effect<never, Problem> = notJson("The body could not be read")
): Effect.Effect<Uint8Array, Problem> =>
  request.arrayBuffer.pipe(
    Effect.provideService(MaxBodySize, maxBodySize),
    Effect.catchTag("HttpServerError", ({ reason }: HttpServerError) =>
      reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge"
        ? tooLarge
        : unreadable),
    Effect.map((buffer) =>
      new Uint8Array(buffer)
    )
  )

/**
 * A request with its body read: JSON by its media type, its bytes and its depth, but not parsed yet. An empty text: there
 * is no body. `mediaTypes` are those that are JSON, in lower case and without parameters; the request that is given back
 * has `application/json`.
 */
export const readJson = Effect.fnUntraced(function*(original: HttpServerRequest, mediaTypes: RegExp) {
  const type = original.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase()
  if (type !== undefined && !mediaTypes.test(type)) return yield* wrongType("The body must be application/json")
  const encoding = original.headers["content-encoding"]?.trim().toLowerCase() ?? "identity"
  if (encoding !== "identity") return yield* wrongType("The body must not be compressed")

  const request = original.modify({ headers: Headers.set(original.headers, "content-type", "application/json") })
  const bytes = yield* readBytes(request)
  if (bytes.length === 0) return { request, text: "" }
  if (type === undefined) return yield* wrongType("The body has no content type; it must be application/json")
  const text = Result.getOrUndefined(Result.try(() => utf8.decode(bytes)))
  if (text === undefined) return yield* notJson("The body is not valid UTF-8")
  if (nestsDeeper(text, Limits.jsonDepth)) {
    return yield* notJson(`The body nests deeper than ${Limits.jsonDepth} levels`)
  }
  return { request, text }
})

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false })

/** The value of a body's text. */
export const parse = (text: string) =>
  Result.match(Result.try((): unknown => JSON.parse(text)), {
    onFailure: () => notJson("The body is not valid JSON"),
    onSuccess: Effect.succeed
  })
