import { Effect, Result } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { Limits } from "../../domain/Limits.ts"
import { decodeCursor } from "../../domain/Page.ts"
import { Schedules } from "../../services/Schedules.ts"
import { Api } from "../api/Api.ts"
import { CurrentPrincipal } from "../api/Authentication.ts"
import { translated } from "../Problems.ts"

/** Answers the calls on the schedules of a workflow. */
export const layer = HttpApiBuilder.group(
  Api,
  "schedules",
  Effect.fnUntraced(function*(handlers) {
    const schedules = yield* Schedules

    return handlers.handleAll({
      list: Effect.fn(function*({ params }) {
        return { items: yield* schedules.list(yield* CurrentPrincipal, params.id) }
      }, translated),

      pause: Effect.fn(function*({ params }) {
        return yield* schedules.pause(yield* CurrentPrincipal, params.id, params.number)
      }, translated),

      resume: Effect.fn(function*({ params }) {
        return yield* schedules.resume(yield* CurrentPrincipal, params.id, params.number)
      }, translated),

      fires: Effect.fn(function*({ params, query: { cursor, limit } }) {
        return yield* schedules.fires(yield* CurrentPrincipal, params.id, {
          limit: limit ?? Limits.pageItemsDefault,
          after: cursor === undefined ? undefined : Result.getOrUndefined(decodeCursor(cursor))
        })
      }, translated)
    })
  })
)
