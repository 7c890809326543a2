import { Effect, Result } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { SecretInvalid } from "../../domain/Errors.ts"
import { Limits } from "../../domain/Limits.ts"
import { decodeCursor } from "../../domain/Page.ts"
import { Secrets } from "../../services/Secrets.ts"
import { Api } from "../api/Api.ts"
import { CurrentPrincipal } from "../api/Authentication.ts"
import { withResponseHeaders } from "../CurrentRequest.ts"
import { translated } from "../Problems.ts"

/** Answers the calls on secrets. */
export const layer = HttpApiBuilder.group(
  Api,
  "secrets",
  Effect.fnUntraced(function*(handlers) {
    const secrets = yield* Secrets

    return handlers.handleAll({
      put: Effect.fn(function*({ params: { name }, payload, query }) {
        if (payload.tenantId !== undefined && query.tenantId !== undefined && payload.tenantId !== query.tenantId) {
          return yield* new SecretInvalid({ issues: [{ path: ["tenantId"], message: "is another one in the query" }] })
        }
        const tenantId = payload.tenantId ?? query.tenantId ?? null
        const secret = yield* secrets.put(yield* CurrentPrincipal, { tenantId, name }, payload.value)
        if (secret.version > 1) return secret
        yield* withResponseHeaders({ location: `/api/secrets/${secret.name}?tenantId=${secret.tenantId}` })
        return { ...secret, version: 1 as const }
      }, translated),

      list: Effect.fn(function*({ query: { cursor, limit, tenantId } }) {
        return yield* secrets.list(yield* CurrentPrincipal, {
          tenantId: tenantId ?? null,
          limit: limit ?? Limits.pageItemsDefault,
          after: cursor === undefined ? undefined : Result.getOrUndefined(decodeCursor(cursor))
        })
      }, translated),

      get: Effect.fn(function*({ params: { name }, query }) {
        return yield* secrets.get(yield* CurrentPrincipal, { tenantId: query.tenantId ?? null, name })
      }, translated),

      remove: Effect.fn(function*({ params: { name }, query }) {
        yield* secrets.remove(yield* CurrentPrincipal, { tenantId: query.tenantId ?? null, name })
      }, translated)
    })
  })
)
