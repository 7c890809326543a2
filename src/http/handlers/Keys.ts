import { Effect, Result } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { Limits } from "../../domain/Limits.ts"
import { decodeCursor } from "../../domain/Page.ts"
import { Keys } from "../../services/Keys.ts"
import { Api } from "../api/Api.ts"
import { CurrentPrincipal } from "../api/Authentication.ts"
import { withResponseHeaders } from "../CurrentRequest.ts"
import { translated } from "../Problems.ts"

/** Answers the calls on stored API keys. */
export const layer = HttpApiBuilder.group(
  Api,
  "keys",
  Effect.fnUntraced(function*(handlers) {
    const keys = yield* Keys

    return handlers.handleAll({
      create: Effect.fn(function*({ payload }) {
        const created = yield* keys.create(yield* CurrentPrincipal, payload)
        yield* withResponseHeaders({ location: `/api/keys/${created.id}` })
        return created
      }, translated),

      list: Effect.fn(function*({ query: { cursor, limit, tenantId } }) {
        return yield* keys.list(yield* CurrentPrincipal, {
          tenantId: tenantId ?? null,
          limit: limit ?? Limits.pageItemsDefault,
          after: cursor === undefined ? undefined : Result.getOrUndefined(decodeCursor(cursor))
        })
      }, translated),

      get: Effect.fn(function*({ params }) {
        return yield* keys.get(yield* CurrentPrincipal, params.id)
      }, translated),

      remove: Effect.fn(function*({ params }) {
        yield* keys.remove(yield* CurrentPrincipal, params.id)
      }, translated)
    })
  })
)
