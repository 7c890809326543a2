import { Effect, Option } from "effect"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { version } from "../../domain/Version.ts"
import { Api } from "../api/Api.ts"
import { Callers } from "../Callers.ts"
import { HealthReport } from "../HealthReport.ts"
import { Quota } from "../Quota.ts"

/** Answers the calls on the service itself. */
export const layer = HttpApiBuilder.group(
  Api,
  "system",
  Effect.fnUntraced(function*(handlers) {
    const callers = yield* Callers
    const quota = yield* Quota
    const reports = yield* HealthReport

    return handlers.handleAll({
      health: Effect.fn(function*() {
        const { headers } = yield* HttpServerRequest
        const caller = yield* Effect.option(callers.identify(headers))
        if (Option.isSome(caller)) yield* quota.consume(caller.value)
        const { checks, status } = yield* reports.latest
        return Option.isSome(caller) ? { status, version, checks } : { status, version }
      })
    })
  })
)
