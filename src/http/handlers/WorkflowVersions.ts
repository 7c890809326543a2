import { Effect } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { Limits } from "../../domain/Limits.ts"
import { decodeVersionCursor } from "../../domain/WorkflowVersion.ts"
import { Workflows } from "../../services/Workflows.ts"
import { WorkflowVersions } from "../../services/WorkflowVersions.ts"
import { Api } from "../api/Api.ts"
import { CurrentPrincipal } from "../api/Authentication.ts"
import { withResponseHeaders } from "../CurrentRequest.ts"
import { entityTag } from "../EntityTag.ts"
import { expectedVersion } from "../IfMatch.ts"
import { translated } from "../Problems.ts"

/** Answers the calls on the versions of a workflow. */
export const layer = HttpApiBuilder.group(
  Api,
  "workflowVersions",
  Effect.fnUntraced(function*(handlers) {
    const workflows = yield* Workflows
    const versions = yield* WorkflowVersions

    return handlers.handleAll({
      list: Effect.fn(function*({ params, query: { cursor, limit } }) {
        return yield* versions.list(yield* CurrentPrincipal, params.id, {
          limit: limit ?? Limits.pageItemsDefault,
          before: cursor === undefined ? undefined : decodeVersionCursor(cursor)
        })
      }, translated),

      get: Effect.fn(function*({ params }) {
        return yield* versions.get(yield* CurrentPrincipal, params.id, params.version)
      }, translated),

      restore: Effect.fn(function*({ headers, params }) {
        const principal = yield* CurrentPrincipal
        const expected = yield* expectedVersion(workflows, principal, params.id, headers["if-match"])
        const workflow = yield* versions.restore(principal, params.id, params.version, expected)
        yield* withResponseHeaders({ etag: entityTag(workflow.version) })
        return workflow
      }, translated)
    })
  })
)
