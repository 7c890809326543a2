import { Cause, Context, Effect, Layer, Option } from "effect"
import { isHttpServerError } from "effect/http/HttpServerError"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import * as AllowedMethods from "../AllowedMethods.ts"
import type { Problem } from "../api/Errors.ts"
import { Callers } from "../Callers.ts"
import { withResponseHeaders } from "../CurrentRequest.ts"
import { FurtherRoutes } from "../FurtherRoutes.ts"
import * as Pages from "../Pages.ts"
import { nothingHere, refuse, toResponse } from "../Problems.ts"
import { Quota } from "../Quota.ts"

/** Answers what no route answers: unknown paths, wrong methods, and whatever was not foreseen. */
export class Fallback extends Context.Service<Fallback, {
  readonly answer: (
    request: HttpServerRequest,
    cause: Cause.Cause<unknown>
  ) => Effect.Effect<HttpServerResponse, never, HttpServerRequest>
}>()("atlasit/http/middleware/Fallback") {
  static readonly layer = Layer.effect(
    Fallback,
    Effect.gen(function*() {
      const callers = yield* Callers
      const quota = yield* Quota
      const allowedMethods = AllowedMethods.make([...Pages.routes, ...(yield* Effect.flatten(FurtherRoutes))])

      const unknownRoute = Effect.fnUntraced(function*(request: HttpServerRequest) {
        const caller = yield* callers.recognize(request.headers)
        if (Option.isSome(caller)) yield* quota.consume(caller.value)
        const methods = allowedMethods(request.url)
        if (methods.length === 0) {
          return yield* refuse(nothingHere)
        }
        const allow = methods.join(", ")
        yield* withResponseHeaders({ allow })
        return yield* refuse({ code: "REQUEST-001", status: 405, detail: `This path knows only ${allow}` })
      })

      const internalError = (cause: Cause.Cause<unknown>) =>
        Effect.logError("A request failed", cause).pipe(
          Effect.andThen(refuse({
            code: "INTERNAL-001",
            status: 500,
            detail: "Something unforeseen happened; the service's log tells more under this request id"
          }))
        )

      const answer = (
        request: HttpServerRequest,
        cause: Cause.Cause<unknown>
      ): Effect.Effect<HttpServerResponse, never, HttpServerRequest> => {
        const problem: Effect.Effect<never, Problem, HttpServerRequest> = isRouteNotFound(cause)
          ? Effect.catchDefect(unknownRoute(request), (defect) => internalError(Cause.die(defect)))
          : internalError(cause)
        return Effect.catch(problem, (problem) => Effect.succeed(toResponse(problem)))
      }

      return Fallback.of({ answer })
    })
  )
}

const isRouteNotFound = (cause: Cause.Cause<unknown>): boolean =>
  cause.reasons.some((reason) =>
    reason._tag === "Fail" && isHttpServerError(reason.error) && reason.error.reason._tag === "RouteNotFound"
  )
