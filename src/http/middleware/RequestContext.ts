import { Cause, Clock, Effect, Exit } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { unhandled } from "effect/Types"
import { RequestId } from "../../domain/Ids.ts"
import { CurrentRequest } from "../CurrentRequest.ts"
import { Fallback } from "./Fallback.ts"

/** What the log says of a request whose caller did not wait for the answer. */
const clientClosedRequest = 499

const visible = /^[\x21-\x7e]{1,128}$/

/** Surrounds every request: gives it an id, answers what nobody answered, puts one line into the log. */
export const layer = HttpRouter.middleware(
  Effect.gen(function*() {
    const fallback = yield* Fallback
    const random = yield* SecureRandom.SecureRandom

    return Effect.fnUntraced(function*(app: Effect.Effect<HttpServerResponse.HttpServerResponse, unhandled>) {
      const request = yield* HttpServerRequest
      const given = request.headers["x-request-id"]
      const requestId = RequestId.make(given !== undefined && visible.test(given) ? given : yield* random.uuidV4())
      const facts = new Map<string, string>()

      const answered: Effect.Effect<HttpServerResponse.HttpServerResponse, unhandled, HttpServerRequest> = Effect.gen(
        function*() {
          const startedAt = yield* Clock.currentTimeMillis
          const exit = yield* Effect.exit(app)
          const abandoned = Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
          const response = Exit.isSuccess(exit)
            ? exit.value
            : abandoned
            ? HttpServerResponse.empty({ status: clientClosedRequest })
            : yield* fallback.answer(request, exit.cause).pipe(Effect.annotateLogs(Object.fromEntries(facts)))
          yield* Effect.logInfo("request").pipe(Effect.annotateLogs({
            method: request.method,
            path: loggedPath(request.url),
            status: response.status,
            durationMs: (yield* Clock.currentTimeMillis) - startedAt,
            ...Object.fromEntries(facts)
          }))
          return abandoned ? yield* exit : withCommonHeaders(response, requestId)
        }
      )

      return yield* answered.pipe(
        Effect.provideService(CurrentRequest, { requestId, facts }),
        Effect.annotateLogs({ requestId })
      )
    })
  }),
  { global: true }
)

/** The path of a URL, without the token that a webhook's path may hold in any spelling that the router takes, or another. */
const loggedPath = (url: string): string => {
  const path = url.split(/[?#]/, 1)[0] ?? ""
  const read = path.replace(escapes, decoded)
  return hookPath.test(read) ? read.replace(hookPath, "/hooks/$1/[token]") : path
}

/**
 * Case is folded as Unicode has it: the Kelvin sign is a k to the router, too. A run of slashes is read from its first one
 * alone, so that the time it takes grows with the path and no faster.
 */
const hookPath = /(?<!\/)\/+hooks\/+([^/]*)\/+[^]+/iu

const escapes = /(?:%[\da-f]{2})+/gi

const decoded = (escaped: string): string => {
  try {
    return decodeURIComponent(escaped)
  } catch {
    return escaped
  }
}

/** Nothing is to be cached but what says so itself. */
const withCommonHeaders = (response: HttpServerResponse.HttpServerResponse, requestId: RequestId) =>
  HttpServerResponse.setHeaders(response, {
    "cache-control": response.headers["cache-control"] ?? "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId
  })
