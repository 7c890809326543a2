import { Effect, Result } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { Limits } from "../../domain/Limits.ts"
import { decodeCursor } from "../../domain/Page.ts"
import { Webhooks } from "../../services/Webhooks.ts"
import { Api } from "../api/Api.ts"
import { CurrentPrincipal } from "../api/Authentication.ts"
import { CurrentRequest, withResponseHeaders } from "../CurrentRequest.ts"
import { translated } from "../Problems.ts"

/** Answers the calls on webhooks and their deliveries. */
export const layer = HttpApiBuilder.group(
  Api,
  "webhooks",
  Effect.fnUntraced(function*(handlers) {
    const webhooks = yield* Webhooks

    return handlers.handleAll({
      get: Effect.fn(function*({ params }) {
        return yield* webhooks.get(yield* CurrentPrincipal, params.id)
      }, translated),

      rotate: Effect.fn(function*({ params }) {
        return yield* webhooks.rotate(yield* CurrentPrincipal, params.id)
      }, translated),

      list: Effect.fn(function*({ params, query: { cursor, limit } }) {
        return yield* webhooks.list(yield* CurrentPrincipal, params.id, {
          limit: limit ?? Limits.pageItemsDefault,
          after: cursor === undefined ? undefined : Result.getOrUndefined(decodeCursor(cursor))
        })
      }, translated),

      find: Effect.fn(function*({ params }) {
        return yield* webhooks.find(yield* CurrentPrincipal, params.id, params.deliveryId)
      }, translated),

      redeliver: Effect.fn(function*({ params }) {
        const { requestId } = yield* CurrentRequest
        const started = yield* webhooks.redeliver(yield* CurrentPrincipal, params.id, params.deliveryId, requestId)
        yield* withResponseHeaders({ location: `/api/executions/${started.executionId}` })
        return started
      }, translated)
    })
  })
)
