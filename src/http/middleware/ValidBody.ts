import { Context, Effect, Layer, Option } from "effect"
import { HttpApiSchemaError } from "effect/http-api/HttpApiError"
import { fromWeb, HttpServerRequest } from "effect/http/HttpServerRequest"
import type { unhandled } from "effect/Types"
import { fromSchemaIssue } from "../../domain/Issues.ts"
import type { Problem } from "../api/Errors.ts"
import { BodyProblems, OptionalBody, ValidBody } from "../api/Validation.ts"
import { invalidData, refuse } from "../Problems.ts"
import { announcesTooMuch, notJson, parse, readJson, tooLarge } from "../RequestBody.ts"

const jsonTypes = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json$/

/** Reads the body before it is decoded, never more of it than may come, and tells all that is wrong with it. */
export const layer = Layer.succeed(ValidBody, (app, { endpoint, group }) =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest
    if (announcesTooMuch(request)) return yield* tooLarge
    if (endpoint.payload.size === 0) return yield* app

    const json = yield* readBody(request, Option.isSome(Context.getOption(endpoint.annotations, OptionalBody)))
    return yield* app.pipe(
      Effect.provideService(HttpServerRequest, json),
      Effect.catch((error: unhandled): Effect.Effect<never, unhandled | Problem> =>
        HttpApiSchemaError.is(error) && error.kind === "Payload"
          ? Effect.flatMap(Effect.flatMap(Effect.orDie(json.text), parse), (body) => {
            const codes = Context.getUnsafe(group.annotations, BodyProblems)
            const issues = [...fromSchemaIssue(error.cause.issue, body), ...codes.further?.(body) ?? []]
            return refuse(invalidData(issues.some(({ missing }) => missing) ? codes.missing : codes.invalid, issues))
          })
          : Effect.fail(error)
      )
    )
  }))

/** The request with its body read, under the one name of JSON that endpoints know. */
const readBody = Effect.fnUntraced(function*(original: HttpServerRequest, optional: boolean) {
  const { request, text } = yield* readJson(original, jsonTypes)
  if (text !== "") return request
  return optional ? withEmptyObject(request) : yield* notJson("The request needs a JSON body")
})

/** The request as if its body were `{}`. */
const withEmptyObject = ({ headers, method, originalUrl, url }: HttpServerRequest): HttpServerRequest =>
  fromWeb(new Request(originalUrl, { method, body: "{}" })).modify({ url, headers })
