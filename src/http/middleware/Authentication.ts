import { Effect, Layer, Result } from "effect"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import type { unhandled } from "effect/Types"
import { Authentication, CurrentPrincipal } from "../api/Authentication.ts"
import { Callers } from "../Callers.ts"
import { CurrentRequest } from "../CurrentRequest.ts"
import { toResponse } from "../Problems.ts"

/** Lets in who shows a valid key. */
export const layer = Layer.effect(
  Authentication,
  Effect.gen(function*() {
    const callers = yield* Callers

    const admit = Effect.fnUntraced(function*(app: Effect.Effect<HttpServerResponse, unhandled, CurrentPrincipal>) {
      const { headers } = yield* HttpServerRequest
      const caller = yield* callers.identify(headers).pipe(Effect.catchTag("StorageError", Effect.die), Effect.result)
      // An answer, not a failure: after a failure the next scheme would be tried, and its error would win.
      if (Result.isFailure(caller)) {
        return toResponse(caller.failure, caller.failure.status === 401 ? { "www-authenticate": "Bearer" } : {})
      }
      const { facts } = yield* CurrentRequest
      return yield* app.pipe(
        Effect.provideService(CurrentPrincipal, caller.success),
        Effect.annotateLogs(Object.fromEntries(facts))
      )
    })

    return Authentication.of({ apiKey: admit, bearer: admit })
  })
)
