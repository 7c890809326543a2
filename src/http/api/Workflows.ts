import { Schema } from "effect"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import { orderIssues } from "../../domain/DefinitionCheck.ts"
import { ExecutionPlan } from "../../domain/ExecutionPlan.ts"
import { TenantId, WorkflowId } from "../../domain/Ids.ts"
import { Issue } from "../../domain/Issues.ts"
import { Limits } from "../../domain/Limits.ts"
import { pageOf } from "../../domain/Page.ts"
import { ScheduleForecast } from "../../domain/Schedule.ts"
import { Workflow, WorkflowCreate, WorkflowStatus, WorkflowUpdate } from "../../domain/Workflow.ts"
import { Authentication } from "./Authentication.ts"
import { documented } from "./Documentation.ts"
import { EntityTags } from "./EntityTags.ts"
import { problemWith } from "./Errors.ts"
import { pageQuery } from "./Lists.ts"
import { RateLimit } from "./RateLimit.ts"
import { ScopeCheck } from "./Scopes.ts"
import { BodyProblems, ValidBody, ValidParameters } from "./Validation.ts"

const params = { id: WorkflowId.annotate({ description: "The workflow's id" }) }
const notFound = problemWith(404, "WORKFLOW-002")
const invalid = problemWith(400, "WORKFLOW-001", "WORKFLOW-003")
const etag = { status: 200, name: "ETag", description: "The version, in quotes" }

const create = HttpApiEndpoint.post("create", "/", {
  payload: WorkflowCreate,
  success: Workflow.pipe(HttpApiSchema.status(201)),
  error: invalid
}).middleware(ValidBody).annotateMerge(documented({
  needs: "write",
  summary: "Create a workflow",
  description: "Stores a workflow as version 1. It is active unless `status` says otherwise.",
  headers: [
    { status: 201, name: "Location", description: "The workflow's path" },
    { ...etag, status: 201 }
  ]
}))

const Valid = Schema.Struct({
  valid: Schema.Literal(true),
  plan: ExecutionPlan,
  schedules: Schema.Array(ScheduleForecast).annotate({ description: "When each of its schedules would fire next" })
})
  .annotate({ identifier: "ValidDefinition", description: "The definition could be stored" })

const Invalid = Schema.Struct({
  valid: Schema.Literal(false),
  issues: Schema.Array(Issue).annotate({
    description: `Every problem of the definition, and where it is; the first ${Limits.issues}, if there are more`
  })
}).annotate({ identifier: "InvalidDefinition", description: "Creating a workflow of it would be refused" })

const validate = HttpApiEndpoint.post("validate", "/validate", {
  payload: Schema.Json.annotate({
    description:
      "A definition as for creating a workflow (`WorkflowCreate`), whose `tenantId` may be missing; but any " +
      "JSON is answered"
  }),
  success: Schema.Union([Valid, Invalid])
    .annotate({ description: "The plan of the definition, or every problem of it" })
}).middleware(ValidBody).annotateMerge(documented({
  needs: "read",
  summary: "Validate a definition",
  description:
    "Tells whether a workflow could be created of it, and stores nothing. Of a valid definition the answer " +
    "shows the plan: which steps run at the same time, which wait for which, the steps inside steps, " +
    "and when its schedules would fire next. Of an invalid one it names every problem, with status 200. The definition's JSON Schema is at " +
    "[/schemas/workflow.json](/schemas/workflow.json)."
}))

const list = HttpApiEndpoint.get("list", "/", {
  query: {
    tenantId: Schema.optionalKey(TenantId.annotate({ description: "Only those of this tenant" })),
    status: Schema.optionalKey(WorkflowStatus.annotate({ description: "Only those with this status" })),
    name: Schema.optionalKey(
      Schema.String.check(Schema.isMaxLength(Limits.nameCharacters))
        .annotate({ description: "Only those with this in their name, whatever the case of ASCII letters" })
    ),
    ...pageQuery
  },
  success: pageOf(Workflow).annotate({ identifier: "WorkflowPage", description: "Part of the list of workflows" })
}).annotateMerge(documented({
  needs: "read",
  summary: "List workflows",
  description: "The workflows that the key may see, newest first."
}))

const get = HttpApiEndpoint.get("get", "/:id", {
  params,
  headers: {
    "if-none-match": Schema.optionalKey(EntityTags.annotate({ description: "Answer 304 when this is the version" }))
  },
  success: Workflow,
  error: notFound
}).annotateMerge(documented({
  needs: "read",
  summary: "Read a workflow",
  description: "The workflow in its stored version.",
  also: { 304: "The caller has this version already" },
  headers: [etag]
}))

const ifMatch = (effect: string) => ({
  "if-match": Schema.optionalKey(
    EntityTags.annotate({ description: `${effect} only this version, as \`ETag\` gave it` })
  )
})

const update = HttpApiEndpoint.put("update", "/:id", {
  params,
  headers: ifMatch("Change"),
  payload: WorkflowUpdate,
  success: Workflow,
  error: [invalid, notFound, problemWith(412, "WORKFLOW-004")]
}).middleware(ValidBody).annotateMerge(documented({
  needs: "write",
  summary: "Change a workflow",
  description: "Changes the members that stand in the body, as the next version. Executions that have started go on " +
    "with the version they started with. `id` and `tenantId` can't change.",
  headers: [etag]
}))

const remove = HttpApiEndpoint.delete("remove", "/:id", {
  params,
  headers: ifMatch("Remove"),
  success: HttpApiSchema.NoContent.annotate({ description: "The workflow is gone" }),
  error: [notFound, problemWith(412, "WORKFLOW-004")]
}).annotateMerge(documented({
  needs: "write",
  summary: "Remove a workflow",
  description: "It disappears from reads and can't be started any more. Its running executions go on, and all of its " +
    "executions stay readable."
}))

/** The calls on workflows. */
export class WorkflowsApi extends HttpApiGroup.make("workflows")
  .add(create, validate, list, get, update, remove)
  .middleware(ValidParameters)
  .middleware(ScopeCheck)
  .middleware(RateLimit)
  .middleware(Authentication)
  .prefix("/api/workflows")
  .annotate(BodyProblems, { missing: "WORKFLOW-001", invalid: "WORKFLOW-003", further: orderIssues })
  .annotateMerge(OpenApi.annotations({ title: "Workflows", description: "Definitions of what is to be run" }))
{}
