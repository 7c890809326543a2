import { Schema } from "effect"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import { Fire } from "../../domain/Fire.ts"
import { WorkflowId } from "../../domain/Ids.ts"
import { Limits } from "../../domain/Limits.ts"
import { pageOf } from "../../domain/Page.ts"
import { Schedule } from "../../domain/Schedule.ts"
import { Authentication } from "./Authentication.ts"
import { documented } from "./Documentation.ts"
import { problemWith } from "./Errors.ts"
import { pageQuery } from "./Lists.ts"
import { RateLimit } from "./RateLimit.ts"
import { ScopeCheck } from "./Scopes.ts"
import { ValidBody, ValidParameters } from "./Validation.ts"

const params = { id: WorkflowId.annotate({ description: "The workflow's id" }) }

/** As a path holds it: digits alone. */
const number = Schema.String
  .annotate({ description: "The schedule's place in the workflow's `triggers`, from 0" })
  .check(Schema.isPattern(/^\d{1,9}$/, { message: "must be the number of a schedule" }))
  .pipe(Schema.decodeTo(Schema.NumberFromString))

const notFound = problemWith(404, "WORKFLOW-002")

const list = HttpApiEndpoint.get("list", "/:id/schedules", {
  params,
  success: Schema.Struct({ items: Schema.Array(Schedule) }).annotate({
    identifier: "ScheduleList",
    description: "The schedules of a workflow"
  }),
  error: notFound
}).annotateMerge(documented({
  needs: "read",
  summary: "List a workflow's schedules",
  description: `Each with the next ${Limits.nextFires} times at which it fires, and with what became of the last one.`
}))

const pause = HttpApiEndpoint.post("pause", "/:id/schedules/:number/pause", {
  params: { ...params, number },
  success: Schedule,
  error: notFound
}).middleware(ValidBody).annotateMerge(documented({
  needs: "write",
  summary: "Pause a schedule",
  description:
    "Nothing fires from the answer on, until the schedule is resumed; what was about to be started is skipped. It " +
    "stays paused when the workflow is changed, as long as its cron expression and time zone stay. Pausing it " +
    "again changes nothing."
}))

const resume = HttpApiEndpoint.post("resume", "/:id/schedules/:number/resume", {
  params: { ...params, number },
  success: Schedule,
  error: notFound
}).middleware(ValidBody).annotateMerge(documented({
  needs: "write",
  summary: "Resume a schedule",
  description: "It fires again from now on. The times that passed while it was paused are not made up for."
}))

const fires = HttpApiEndpoint.get("fires", "/:id/fires", {
  params,
  query: pageQuery,
  success: pageOf(Fire).annotate({
    identifier: "FirePage",
    description: "Part of the ledger of a workflow's schedules"
  }),
  error: notFound
}).annotateMerge(documented({
  needs: "read",
  summary: "List the fires of a workflow's schedules",
  description:
    "The ledger: each time at which a schedule was to fire, and what became of it, newest first. Entries are kept as " +
    "long as the service keeps finished executions by default."
}))

/** The calls on the schedules of a workflow. */
export class SchedulesApi extends HttpApiGroup.make("schedules")
  .add(list, pause, resume, fires)
  .middleware(ValidParameters)
  .middleware(ScopeCheck)
  .middleware(RateLimit)
  .middleware(Authentication)
  .prefix("/api/workflows")
  .annotateMerge(OpenApi.annotations({ title: "Schedules", description: "When workflows are started by themselves" }))
{}
