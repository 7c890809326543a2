import { Schema } from "effect"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import { Limits } from "../../domain/Limits.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import { OptionalAuthentication } from "./Authentication.ts"
import { documented } from "./Documentation.ts"

const Check = Schema.Struct({
  status: Schema.Literals(["ok", "failed"]),
  latencyMs: Schema.Finite.annotate({ description: "Milliseconds until it answered" })
}).annotate({ identifier: "HealthCheck" })

const ScheduleCheck = Schema.Struct({
  status: Schema.Literals(["ok", "degraded", "failed"]),
  latencyMs: Check.fields.latencyMs,
  behind: Schema.Int.annotate({
    description: `Schedules and fires of theirs that are overdue by more than ${
      Limits.fireGraceMillis / 60_000
    } minutes`
  }),
  since: Schema.NullOr(Timestamp).annotate({ description: "The oldest time that is overdue" })
}).annotate({ identifier: "ScheduleCheck", description: "Degraded: schedules are behind. The service goes on" })

const members = {
  version: Schema.String.annotate({ description: "The service's version" }),
  checks: Schema.optionalKey(
    Schema.Struct({ database: Check, kv: Check, engine: Check, schedules: ScheduleCheck })
      .annotate({ description: "The state of each dependency; only with a valid key" })
  )
}

/** The service can do its work. */
export const Healthy = Schema.Struct({ status: Schema.Literal("ok"), ...members })
  .annotate({ identifier: "Healthy", description: "Every dependency answers" })

/** A dependency fails. */
export const Degraded = Schema.Struct({ status: Schema.Literal("degraded"), ...members })
  .annotate({ identifier: "Degraded", description: "A dependency fails" })
  .pipe(HttpApiSchema.status(503))

const health = HttpApiEndpoint.get("health", "/health", {
  success: [Healthy, Degraded]
}).middleware(OptionalAuthentication).annotateMerge(documented({
  needs: null,
  summary: "Check the service",
  description: "Needs no key. With a valid one the answer shows the state of each dependency."
}))

/** The service itself. */
export class SystemApi extends HttpApiGroup.make("system", { topLevel: true })
  .add(health)
  .annotateMerge(OpenApi.annotations({ title: "System", description: "The service itself" }))
{}
