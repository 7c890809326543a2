import { Schema } from "effect"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import {
  Execution,
  ExecutionCreate,
  ExecutionDetail,
  ExecutionRetry,
  ExecutionStatus,
  TriggerName
} from "../../domain/Execution.ts"
import { ExecutionId, TenantId, WorkflowId } from "../../domain/Ids.ts"
import { Limits } from "../../domain/Limits.ts"
import { LogEntry, LogLevel } from "../../domain/LogEntry.ts"
import { PageLimit, pageOf } from "../../domain/Page.ts"
import { SignalName } from "../../domain/steps/WaitForEvent.ts"
import { TimestampFromAnyOffset } from "../../domain/Timestamp.ts"
import { Authentication } from "./Authentication.ts"
import { documented } from "./Documentation.ts"
import { problemWith } from "./Errors.ts"
import { pageQuery } from "./Lists.ts"
import { LogCursor } from "./LogCursor.ts"
import { RateLimit } from "./RateLimit.ts"
import { ScopeCheck } from "./Scopes.ts"
import { BodyProblems, OptionalBody, ValidBody, ValidParameters } from "./Validation.ts"

const params = { id: ExecutionId.annotate({ description: "The execution's id" }) }
const triggerFilter = Schema.String
  .annotate({ description: "Only those started by this trigger" })
  .pipe(Schema.decodeTo(TriggerName))
const notFound = problemWith(404, "EXECUTION-002")
const unavailable = problemWith(503, "EXECUTION-001")
const retryAfter = { status: 503, name: "Retry-After", description: "Seconds to wait before the call is repeated" }

const headers = {
  prefer: Schema.optionalKey(Schema.String.annotate({
    description: `\`wait=N\`: answer after the end, or after N seconds (1 to ${Limits.waitSeconds})`
  }))
}
const startedHeaders = [
  { status: 201, name: "Location", description: "The execution's path" },
  { status: 201, name: "Preference-Applied", description: "`wait=N`, when the answer has waited" },
  retryAfter
]

const start = HttpApiEndpoint.post("start", "/", {
  headers,
  payload: ExecutionCreate,
  success: ExecutionDetail.pipe(HttpApiSchema.status(201)),
  error: [
    problemWith(400, "EXECUTION-003"),
    problemWith(404, "WORKFLOW-002"),
    problemWith(409, "EXECUTION-001"),
    unavailable
  ]
}).middleware(ValidBody).annotateMerge(documented({
  needs: "run",
  summary: "Start an execution",
  description:
    "Runs the stored version of an active workflow. With `Prefer: wait=N` the answer shows the state at the " +
    "end, or after N seconds; else the execution as it begins.",
  headers: startedHeaders
}))

const list = HttpApiEndpoint.get("list", "/", {
  query: {
    workflowId: Schema.optionalKey(WorkflowId.annotate({ description: "Only those of this workflow" })),
    tenantId: Schema.optionalKey(TenantId.annotate({ description: "Only those of this tenant" })),
    status: Schema.optionalKey(ExecutionStatus.annotate({ description: "Only those with this status" })),
    trigger: Schema.optionalKey(triggerFilter),
    from: Schema.optionalKey(TimestampFromAnyOffset),
    to: Schema.optionalKey(TimestampFromAnyOffset),
    ...pageQuery
  },
  success: pageOf(Execution).annotate({ identifier: "ExecutionPage", description: "Part of the list of executions" })
}).annotateMerge(documented({
  needs: "read",
  summary: "List executions",
  description: "The executions that the key may see, newest first, without their steps. With `from` and `to` those " +
    "made at `from` or later, and before `to`."
}))

const get = HttpApiEndpoint.get("get", "/:id", { params, success: ExecutionDetail, error: notFound })
  .annotateMerge(documented({
    needs: "read",
    summary: "Read an execution",
    description: "The execution with its steps; while it runs, their live state."
  }))

const cancel = HttpApiEndpoint.post("cancel", "/:id/cancel", {
  params,
  success: ExecutionDetail,
  error: [notFound, problemWith(409, "EXECUTION-004"), unavailable]
}).middleware(ValidBody).annotateMerge(documented({
  needs: "run",
  summary: "Cancel an execution",
  description: "Interrupts the running step and answers after its clean-up, or after " +
    `${Limits.cancelWaitMillis / 1000} seconds.`,
  headers: [retryAfter]
}))

const retry = HttpApiEndpoint.post("retry", "/:id/retry", {
  params,
  headers,
  payload: ExecutionRetry,
  success: ExecutionDetail.pipe(HttpApiSchema.status(201)),
  error: [
    problemWith(400, "EXECUTION-003"),
    problemWith(404, "EXECUTION-002", "WORKFLOW-002"),
    problemWith(409, "EXECUTION-001", "EXECUTION-004"),
    unavailable
  ]
}).middleware(ValidBody).annotate(OptionalBody, true).annotateMerge(documented({
  needs: "run",
  summary: "Retry an execution",
  description:
    "Starts a new execution of the same version, inputs and trigger, which takes over the steps that came to " +
    "a good end and goes on where the first one failed or was cancelled. With `fromStep` that step of the workflow is " +
    "run again as well, with all that follow it; only so can a completed execution be retried. The first execution " +
    "stays as it is; `retryOf` names it.",
  optionalBody: true,
  headers: startedHeaders
}))

const signal = HttpApiEndpoint.post("signal", "/:id/signals/:name", {
  params: { ...params, name: SignalName.annotate({ description: "The signal's name" }) },
  payload: Schema.Struct({
    payload: Schema.optionalKey(Schema.Json.annotate({ description: "The output of the step that takes the signal" }))
  }),
  success: ExecutionDetail.pipe(HttpApiSchema.status(202)),
  error: [problemWith(400, "EXECUTION-003"), notFound, problemWith(409, "EXECUTION-004"), unavailable]
}).middleware(ValidBody).annotateMerge(documented({
  needs: "run",
  summary: "Send a signal",
  description: "Delivered to a `wait-for-event` step of that name, also when it comes before the step waits. " +
    "Its payload must fit the schema of such a step.",
  headers: [retryAfter]
}))

const logs = HttpApiEndpoint.get("logs", "/:id/logs", {
  params,
  query: {
    level: Schema.optionalKey(LogLevel.annotate({ description: "Only entries of this level and above" })),
    limit: Schema.optionalKey(PageLimit),
    cursor: Schema.optionalKey(LogCursor)
  },
  success: pageOf(LogEntry).annotate({ identifier: "LogPage", description: "Part of an execution's log" }),
  error: notFound
}).annotateMerge(documented({
  needs: "read",
  summary: "Read an execution's log",
  description: "What was logged so far, oldest first."
}))

/** The calls on executions. */
export class ExecutionsApi extends HttpApiGroup.make("executions")
  .add(start, list, get, cancel, retry, signal, logs)
  .middleware(ValidParameters)
  .middleware(ScopeCheck)
  .middleware(RateLimit)
  .middleware(Authentication)
  .prefix("/api/executions")
  .annotate(BodyProblems, { missing: "EXECUTION-003", invalid: "EXECUTION-003" })
  .annotateMerge(OpenApi.annotations({ title: "Executions", description: "Runs of workflows" }))
{}
