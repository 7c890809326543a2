import { Effect, Result } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Limits } from "../../domain/Limits.ts"
import { decodeCursor } from "../../domain/Page.ts"
import { Workflows } from "../../services/Workflows.ts"
import { Api } from "../api/Api.ts"
import { CurrentPrincipal } from "../api/Authentication.ts"
import { withResponseHeaders } from "../CurrentRequest.ts"
import { entityTag, hasVersion } from "../EntityTag.ts"
import { expectedVersion } from "../IfMatch.ts"
import { translated } from "../Problems.ts"

/** Answers the calls on workflows. */
export const layer = HttpApiBuilder.group(
  Api,
  "workflows",
  Effect.fnUntraced(function*(handlers) {
    const workflows = yield* Workflows

    return handlers.handleAll({
      create: Effect.fn(function*({ payload }) {
        const workflow = yield* workflows.create(yield* CurrentPrincipal, payload)
        yield* withResponseHeaders({ location: `/api/workflows/${workflow.id}`, etag: entityTag(workflow.version) })
        return workflow
      }, translated),

      validate: Effect.fn(function*({ payload }) {
        return yield* workflows.validate(yield* CurrentPrincipal, payload)
      }, translated),

      list: Effect.fn(function*({ query: { cursor, limit, tenantId, ...filter } }) {
        return yield* workflows.list(yield* CurrentPrincipal, {
          ...filter,
          tenantId: tenantId ?? null,
          limit: limit ?? Limits.pageItemsDefault,
          after: cursor === undefined ? undefined : Result.getOrUndefined(decodeCursor(cursor))
        })
      }, translated),

      get: Effect.fn(function*({ headers, params }) {
        const workflow = yield* workflows.get(yield* CurrentPrincipal, params.id)
        yield* withResponseHeaders({ etag: entityTag(workflow.version) })
        return hasVersion(headers["if-none-match"], workflow.version)
          ? HttpServerResponse.empty({ status: 304 })
          : workflow
      }, translated),

      update: Effect.fn(function*({ headers, params, payload }) {
        const principal = yield* CurrentPrincipal
        const expected = yield* expectedVersion(workflows, principal, params.id, headers["if-match"])
        const workflow = yield* workflows.update(principal, params.id, payload, expected)
        yield* withResponseHeaders({ etag: entityTag(workflow.version) })
        return workflow
      }, translated),

      remove: Effect.fn(function*({ headers, params }) {
        const principal = yield* CurrentPrincipal
        const expected = yield* expectedVersion(workflows, principal, params.id, headers["if-match"])
        yield* workflows.remove(principal, params.id, expected)
      }, translated)
    })
  })
)
