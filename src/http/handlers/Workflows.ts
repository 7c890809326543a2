import { Effect, Result } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { WorkflowId } from "../../domain/Ids.ts"
import { Limits } from "../../domain/Limits.ts"
import { decodeCursor } from "../../domain/Page.ts"
import type { Principal } from "../../domain/Principal.ts"
import { Workflows } from "../../services/Workflows.ts"
import { Api } from "../api/Api.ts"
import { CurrentPrincipal } from "../api/Authentication.ts"
import { withResponseHeaders } from "../CurrentRequest.ts"
import { entityTag, hasVersion, matchedVersions } from "../EntityTag.ts"
import { translated } from "../Problems.ts"

/** No workflow has this version. */
const noVersion = 0

/** Answers the calls on workflows. */
export const layer = HttpApiBuilder.group(
  Api,
  "workflows",
  Effect.fnUntraced(function*(handlers) {
    const workflows = yield* Workflows

    // The service changes one version or any: of several that a caller names, the stored one is meant.
    const expectedVersion = Effect.fnUntraced(
      function*(principal: Principal, id: WorkflowId, ifMatch: string | undefined) {
        const versions = ifMatch === undefined ? null : matchedVersions(ifMatch)
        if (versions === null) return null
        if (versions.length < 2) return versions[0] ?? noVersion
        const { version } = yield* workflows.get(principal, id)
        return versions.includes(version) ? version : noVersion
      }
    )

    return handlers.handleAll({
      create: Effect.fn(function*({ payload }) {
        const workflow = yield* workflows.create(yield* CurrentPrincipal, payload)
        yield* withResponseHeaders({ location: `/api/workflows/${workflow.id}`, etag: entityTag(workflow.version) })
        return workflow
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
        const expected = yield* expectedVersion(principal, params.id, headers["if-match"])
        const workflow = yield* workflows.update(principal, params.id, payload, expected)
        yield* withResponseHeaders({ etag: entityTag(workflow.version) })
        return workflow
      }, translated),

      remove: Effect.fn(function*({ headers, params }) {
        const principal = yield* CurrentPrincipal
        const expected = yield* expectedVersion(principal, params.id, headers["if-match"])
        yield* workflows.remove(principal, params.id, expected)
      }, translated)
    })
  })
)
