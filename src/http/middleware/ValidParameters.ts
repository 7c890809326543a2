import { Effect } from "effect"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import { RouteContext } from "effect/http/HttpRouter"
import { HttpServerRequest, ParsedSearchParams } from "effect/http/HttpServerRequest"
import { fromSchemaIssue } from "../../domain/Issues.ts"
import { ValidParameters } from "../api/Validation.ts"
import { invalidData, refuse } from "../Problems.ts"

/** Answers REQUEST-001 with every problem of the path, the query and the headers. */
export const layer = HttpApiMiddleware.layerSchemaErrorTransform(
  ValidParameters,
  Effect.fnUntraced(function*(error) {
    if (error.kind === "Body" || error.kind === "ResponseHeaders") return yield* Effect.fail(error)
    const input = yield* inputOf(error.kind)
    return yield* refuse(invalidData("REQUEST-001", fromSchemaIssue(error.cause.issue, input)))
  })
)

const inputOf = Effect.fnUntraced(function*(kind: "Params" | "Query" | "Headers" | "Payload") {
  switch (kind) {
    case "Params":
      return (yield* RouteContext).params
    case "Query":
      return yield* ParsedSearchParams
    case "Headers":
      return (yield* HttpServerRequest).headers
    case "Payload":
      return undefined
  }
})
