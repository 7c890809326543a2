import { Effect, Result } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { Limits } from "../../domain/Limits.ts"
import { decodeCursor } from "../../domain/Page.ts"
import { Proposals } from "../../services/Proposals.ts"
import { Api } from "../api/Api.ts"
import { CurrentPrincipal } from "../api/Authentication.ts"
import { withResponseHeaders } from "../CurrentRequest.ts"
import { entityTag } from "../EntityTag.ts"
import { translated } from "../Problems.ts"

/** Answers the calls on changes that wait for approval. */
export const layer = HttpApiBuilder.group(
  Api,
  "proposals",
  Effect.fnUntraced(function*(handlers) {
    const proposals = yield* Proposals

    return handlers.handleAll({
      list: Effect.fn(function*({ query: { cursor, limit, tenantId, ...filter } }) {
        return yield* proposals.list(yield* CurrentPrincipal, {
          ...filter,
          tenantId: tenantId ?? null,
          limit: limit ?? Limits.pageItemsDefault,
          after: cursor === undefined ? undefined : Result.getOrUndefined(decodeCursor(cursor))
        })
      }, translated),

      get: Effect.fn(function*({ params }) {
        return yield* proposals.get(yield* CurrentPrincipal, params.id)
      }, translated),

      approve: Effect.fn(function*({ params }) {
        const workflow = yield* proposals.approve(yield* CurrentPrincipal, params.id)
        yield* withResponseHeaders({ etag: entityTag(workflow.version) })
        return workflow
      }, translated),

      refuse: Effect.fn(function*({ params, payload }) {
        return yield* proposals.refuse(yield* CurrentPrincipal, params.id, payload.reason ?? null)
      }, translated)
    })
  })
)
