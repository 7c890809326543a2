import { Effect, Layer, Result } from "effect"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Callers } from "../http/Callers.ts"
import { CurrentRequest, withResponseHeaders } from "../http/CurrentRequest.ts"
import { FurtherRoutes } from "../http/FurtherRoutes.ts"
import { refuse, toResponse } from "../http/Problems.ts"
import { Quota } from "../http/Quota.ts"
import { announcesTooMuch, parse, readJson, tooLarge } from "../http/RequestBody.ts"
import { AppConfig } from "../services/AppConfig.ts"
import { Mcp } from "./Mcp.ts"
import { isForeign } from "./Origins.ts"

/** The one address of the protocol. */
export const path = "/mcp"

/** The body as JSON: as large and as deep as one of the API may be. */
const readBody = Effect.fnUntraced(function*(request: HttpServerRequest) {
  if (announcesTooMuch(request)) return yield* tooLarge
  const { text } = yield* readJson(request, /^application\/json$/)
  return yield* parse(text)
})

/** The Model Context Protocol beside the API: the same keys, limits, request ids and log lines. */
export const layer = Layer.effect(
  FurtherRoutes,
  Effect.gen(function*() {
    const mcp = yield* Mcp
    const { mcp: { allowedHosts } } = yield* AppConfig

    return Effect.gen(function*() {
      const callers = yield* Callers
      const quota = yield* Quota

      const admit = Effect.fnUntraced(function*({ headers }: HttpServerRequest) {
        const caller = yield* callers.identify(headers).pipe(Effect.catchTag("StorageError", Effect.die), Effect.result)
        if (Result.isSuccess(caller)) return caller.success
        // Bare: with a place for OAuth in it, clients would drop the key that they were given.
        if (caller.failure.status === 401) yield* withResponseHeaders({ "www-authenticate": "Bearer" })
        return yield* Effect.fail(caller.failure)
      })

      const answer = Effect.gen(function*() {
        const request = yield* HttpServerRequest
        const { facts, requestId } = yield* CurrentRequest
        const web = request.source
        if (!(web instanceof Request)) return yield* Effect.die(new Error("The request is not one of the web"))
        if (isForeign(web, allowedHosts)) return yield* foreign
        const principal = yield* admit(request)
        yield* quota.consume(principal)
        const body = yield* readBody(request)
        facts.set("mcp", methodOf(body))
        const response = yield* mcp.answer({ request: web, body, principal, requestId }).pipe(
          Effect.annotateLogs(Object.fromEntries(facts))
        )
        return HttpServerResponse.raw(response, { status: response.status })
      }).pipe(
        Effect.catch((problem) => Effect.succeed(toResponse(problem)))
      )

      return [HttpRouter.route("POST", path, answer)]
    })
  })
)

const foreign = refuse({
  code: "REQUEST-001",
  status: 403,
  detail: "The host or the origin of the request is not one that this service answers to"
})

/** The protocol's method, for the log: a name that the protocol knows, not whatever the caller wrote. */
const methodOf = (body: unknown): string => {
  const method: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "method") : undefined
  return typeof method === "string" && /^[a-z/_-]{1,40}$/i.test(method) ? method : "unknown"
}
