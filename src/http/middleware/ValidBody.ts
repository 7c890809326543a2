import { Context, Effect, Layer, Option } from "effect"
import { HttpApiSchemaError } from "effect/http-api/HttpApiError"
import * as Headers from "effect/http/Headers"
import { fromWeb, HttpServerRequest } from "effect/http/HttpServerRequest"
import type { unhandled } from "effect/Types"
import { fromSchemaIssue } from "../../domain/Issues.ts"
import { nestsDeeper } from "../../domain/Json.ts"
import { Limits } from "../../domain/Limits.ts"
import type { Problem } from "../api/Errors.ts"
import { BodyProblems, OptionalBody, ValidBody } from "../api/Validation.ts"
import { invalidData, refuse } from "../Problems.ts"
import { announcesTooMuch, readBytes, tooLarge } from "../RawBody.ts"

const jsonType = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json$/i
const notJson = (detail: string) => refuse({ code: "REQUEST-001", status: 400, detail })
const wrongType = (detail: string) => refuse({ code: "REQUEST-001", status: 415, detail })

/** Reads the body before it is decoded, never more of it than may come, and tells all that is wrong with it. */
export const layer = Layer.succeed(ValidBody, (app, { endpoint, group }) =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest
    if (announcesTooMuch(request)) return yield* tooLarge
    if (endpoint.payload.size === 0) return yield* app

    const json = yield* readJson(request, Option.isSome(Context.getOption(endpoint.annotations, OptionalBody)))
    return yield* app.pipe(
      Effect.provideService(HttpServerRequest, json),
      Effect.catch((error: unhandled): Effect.Effect<never, unhandled | Problem> =>
        HttpApiSchemaError.is(error) && error.kind === "Payload"
          ? Effect.flatMap(Effect.orDie(json.text), (text) => {
            const body = parse(text)
            if (body === undefined) return notJson("The body is not valid JSON")
            const codes = Context.getUnsafe(group.annotations, BodyProblems)
            const further = codes.further?.(body.value) ?? []
            const issues = [...fromSchemaIssue(error.cause.issue, body.value), ...further]
            return refuse(invalidData(issues.some(({ missing }) => missing) ? codes.missing : codes.invalid, issues))
          })
          : Effect.fail(error)
      )
    )
  }))

/** The request with its body read: JSON by its media type and by its bytes, but not parsed yet. */
const readJson = Effect.fnUntraced(function*(original: HttpServerRequest, optional: boolean) {
  const type = original.headers["content-type"]?.split(";", 1)[0]?.trim()
  if (type !== undefined && !jsonType.test(type)) return yield* wrongType("The body must be application/json")
  const encoding = original.headers["content-encoding"]?.trim().toLowerCase() ?? "identity"
  if (encoding !== "identity") return yield* wrongType("The body must not be compressed")

  // Endpoints know JSON by one name alone.
  const request = original.modify({ headers: Headers.set(original.headers, "content-type", "application/json") })
  const bytes = yield* readBytes(request, notJson("The body could not be read"))
  if (bytes.length === 0 && optional) return withEmptyObject(request)
  if (bytes.length === 0) return yield* notJson("The request needs a JSON body")
  if (type === undefined) return yield* wrongType("The body has no content type; it must be application/json")
  const text = fromUtf8(bytes)
  if (text === undefined) return yield* notJson("The body is not valid UTF-8")
  if (nestsDeeper(text, Limits.jsonDepth)) {
    return yield* notJson(`The body nests deeper than ${Limits.jsonDepth} levels`)
  }
  return request
})

/** The request as if its body were `{}`. */
const withEmptyObject = ({ headers, method, originalUrl, url }: HttpServerRequest): HttpServerRequest =>
  fromWeb(new Request(originalUrl, { method, body: "{}" })).modify({ url, headers })

const fromUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const parse = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
