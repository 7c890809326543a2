import { Effect, Option } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { version } from "../../domain/Version.ts"
import { Api } from "../api/Api.ts"
import { CurrentCaller } from "../api/Authentication.ts"
import { HealthReport } from "../HealthReport.ts"

/** Answers the calls on the service itself. */
export const layer = HttpApiBuilder.group(
  Api,
  "system",
  Effect.fnUntraced(function*(handlers) {
    const reports = yield* HealthReport

    return handlers.handleAll({
      health: Effect.fn(function*() {
        const { checks, status } = yield* reports.latest
        return Option.isSome(yield* CurrentCaller) ? { status, version, checks } : { status, version }
      })
    })
  })
)
