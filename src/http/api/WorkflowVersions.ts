import { Schema } from "effect"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import { WorkflowId } from "../../domain/Ids.ts"
import { PageLimit, pageOf } from "../../domain/Page.ts"
import { Workflow } from "../../domain/Workflow.ts"
import { WorkflowVersion, WorkflowVersionDetail } from "../../domain/WorkflowVersion.ts"
import { Authentication } from "./Authentication.ts"
import { documented } from "./Documentation.ts"
import { EntityTags } from "./EntityTags.ts"
import { problemWith } from "./Errors.ts"
import { RateLimit } from "./RateLimit.ts"
import { ScopeCheck } from "./Scopes.ts"
import { ValidBody, ValidParameters } from "./Validation.ts"
import { VersionCursor } from "./VersionCursor.ts"

const params = { id: WorkflowId.annotate({ description: "The workflow's id" }) }

/** As a path holds it: digits alone. */
const versionParam = Schema.String
  .annotate({ description: "The version's number" })
  .check(Schema.isPattern(/^\d{1,9}$/, { message: "must be the number of a version" }))
  .pipe(Schema.decodeTo(Schema.NumberFromString))
const notFound = problemWith(404, "WORKFLOW-002")

const list = HttpApiEndpoint.get("list", "/:id/versions", {
  params,
  query: { limit: Schema.optionalKey(PageLimit), cursor: Schema.optionalKey(VersionCursor) },
  success: pageOf(WorkflowVersion).annotate({
    identifier: "WorkflowVersionPage",
    description: "Part of the list of a workflow's versions"
  }),
  error: notFound
}).annotateMerge(documented({
  needs: "read",
  summary: "List a workflow's versions",
  description: "Every version that the workflow has had, newest first."
}))

const get = HttpApiEndpoint.get("get", "/:id/versions/:version", {
  params: { ...params, version: versionParam },
  success: WorkflowVersionDetail,
  error: notFound
}).annotateMerge(documented({
  needs: "read",
  summary: "Read a version of a workflow",
  description: "The version with its definition: what an execution that started with it runs."
}))

const restore = HttpApiEndpoint.post("restore", "/:id/versions/:version/restore", {
  params: { ...params, version: versionParam },
  headers: {
    "if-match": Schema.optionalKey(EntityTags.annotate({ description: "Change only this version, as `ETag` gave it" }))
  },
  success: Workflow,
  error: [problemWith(400, "WORKFLOW-003"), notFound, problemWith(412, "WORKFLOW-004")]
}).middleware(ValidBody).annotateMerge(documented({
  needs: "write",
  summary: "Restore a version of a workflow",
  description:
    "Stores the version's definition once more, as the next version; the versions between stay. The status " +
    "of the workflow does not change, and executions that have started go on with the version they started with.",
  headers: [{ status: 200, name: "ETag", description: "The new version, in quotes" }]
}))

/** The calls on the versions of a workflow. */
export class WorkflowVersionsApi extends HttpApiGroup.make("workflowVersions")
  .add(list, get, restore)
  .middleware(ValidParameters)
  .middleware(ScopeCheck)
  .middleware(RateLimit)
  .middleware(Authentication)
  .prefix("/api/workflows")
  .annotateMerge(OpenApi.annotations({ title: "Workflow versions", description: "What a workflow was before" }))
{}
