import { Effect, Result } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type { ExecutionDetail } from "../../domain/Execution.ts"
import { Limits } from "../../domain/Limits.ts"
import { decodeCursor } from "../../domain/Page.ts"
import { fromDateTime } from "../../domain/Timestamp.ts"
import { Executions } from "../../services/Executions.ts"
import { Retries } from "../../services/Retries.ts"
import { Api } from "../api/Api.ts"
import { CurrentPrincipal } from "../api/Authentication.ts"
import { decodeLogCursor } from "../api/LogCursor.ts"
import { CurrentRequest, withResponseHeaders } from "../CurrentRequest.ts"
import { logPage } from "../LogPage.ts"
import { preferredWait } from "../Prefer.ts"
import { translated } from "../Problems.ts"

/** Answers the calls on executions. */
export const layer = HttpApiBuilder.group(
  Api,
  "executions",
  Effect.fnUntraced(function*(handlers) {
    const executions = yield* Executions
    const retries = yield* Retries

    return handlers.handleAll({
      start: Effect.fn(function*({ headers, payload }) {
        const { requestId } = yield* CurrentRequest
        const wait = preferredWait(headers.prefer)
        return yield* answerStarted(
          yield* executions.start(yield* CurrentPrincipal, { ...payload, requestId, waitMillis: (wait ?? 0) * 1000 }),
          wait
        )
      }, translated),

      retry: Effect.fn(function*({ headers, params, payload }) {
        const { requestId } = yield* CurrentRequest
        const wait = preferredWait(headers.prefer)
        return yield* answerStarted(
          yield* retries.retry(yield* CurrentPrincipal, params.id, {
            ...payload,
            requestId,
            waitMillis: (wait ?? 0) * 1000
          }),
          wait
        )
      }, translated),

      list: Effect.fn(function*({ query: { cursor, from, limit, tenantId, to, ...filter } }) {
        return yield* executions.list(yield* CurrentPrincipal, {
          ...filter,
          tenantId: tenantId ?? null,
          from: from === undefined ? undefined : fromDateTime(from),
          to: to === undefined ? undefined : fromDateTime(to),
          limit: limit ?? Limits.pageItemsDefault,
          after: cursor === undefined ? undefined : Result.getOrUndefined(decodeCursor(cursor))
        })
      }, translated),

      get: Effect.fn(function*({ params }) {
        return yield* executions.get(yield* CurrentPrincipal, params.id)
      }, translated),

      cancel: Effect.fn(function*({ params }) {
        return yield* executions.cancel(yield* CurrentPrincipal, params.id)
      }, translated),

      signal: Effect.fn(function*({ params, payload }) {
        return yield* executions.signal(yield* CurrentPrincipal, params.id, params.name, payload.payload ?? null)
      }, translated),

      logs: Effect.fn(function*({ params, query }) {
        const entries = yield* executions.logs(yield* CurrentPrincipal, params.id)
        return logPage(entries, {
          level: query.level ?? "debug",
          limit: query.limit ?? Limits.pageItemsDefault,
          offset: query.cursor === undefined ? 0 : decodeLogCursor(query.cursor) ?? 0
        })
      }, translated)
    })
  })
)

/** Tells where the new execution is, and whether the answer has waited for it. */
const answerStarted = (execution: ExecutionDetail, wait: number | null) =>
  Effect.as(
    withResponseHeaders({
      location: `/api/executions/${execution.id}`,
      ...(wait === null ? {} : { "preference-applied": `wait=${wait}` })
    }),
    execution
  )
