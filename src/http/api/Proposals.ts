import { Schema } from "effect"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import { ProposalId, TenantId, WorkflowId } from "../../domain/Ids.ts"
import { pageOf } from "../../domain/Page.ts"
import { Proposal, ProposalDetail, ProposalRefusal } from "../../domain/Proposal.ts"
import { ProposalStatus } from "../../domain/ProposalStatus.ts"
import { Workflow } from "../../domain/Workflow.ts"
import { Authentication } from "./Authentication.ts"
import { documented } from "./Documentation.ts"
import { problemWith } from "./Errors.ts"
import { pageQuery } from "./Lists.ts"
import { RateLimit } from "./RateLimit.ts"
import { ScopeCheck } from "./Scopes.ts"
import { BodyProblems, OptionalBody, ValidBody, ValidParameters } from "./Validation.ts"

const params = { id: ProposalId.annotate({ description: "The proposal's id" }) }
const notFound = problemWith(404, "PROPOSAL-001")
const decided = problemWith(409, "PROPOSAL-002")

const list = HttpApiEndpoint.get("list", "/", {
  query: {
    tenantId: Schema.optionalKey(TenantId.annotate({ description: "Only those of this tenant" })),
    workflowId: Schema.optionalKey(WorkflowId.annotate({ description: "Only those of this workflow" })),
    status: Schema.optionalKey(ProposalStatus.annotate({ description: "Only those with this status" })),
    ...pageQuery
  },
  success: pageOf(Proposal).annotate({ identifier: "ProposalPage", description: "Part of the list of proposals" })
}).annotateMerge(documented({
  needs: "read",
  summary: "List proposals",
  description: "The changes that agents proposed of workflows that the key may see, newest first, without definitions."
}))

const get = HttpApiEndpoint.get("get", "/:id", { params, success: ProposalDetail, error: notFound })
  .annotateMerge(documented({
    needs: "read",
    summary: "Read a proposal",
    description: "What the workflow would be, and what of it would be new against the version that it changes."
  }))

const approve = HttpApiEndpoint.post("approve", "/:id/approve", {
  params,
  success: Workflow,
  error: [
    problemWith(400, "WORKFLOW-003"),
    notFound,
    decided,
    problemWith(412, "WORKFLOW-004")
  ]
}).middleware(ValidBody).annotateMerge(documented({
  needs: "admin",
  summary: "Approve a proposal",
  description:
    "Stores what is proposed, and answers the workflow: a creation as version 1, a change as the next version. What it " +
    "needs is checked again; if that is gone (a secret, say), the proposal stays open. If the workflow has another " +
    "version by now, or was removed, nothing is stored and the proposal is outdated.",
  headers: [{ status: 200, name: "ETag", description: "The workflow's version, in quotes" }]
}))

const refuse = HttpApiEndpoint.post("refuse", "/:id/refuse", {
  params,
  payload: ProposalRefusal,
  success: Proposal,
  error: [problemWith(400, "PROPOSAL-003"), notFound, decided]
}).middleware(ValidBody).annotate(OptionalBody, true).annotateMerge(documented({
  needs: "admin",
  summary: "Refuse a proposal",
  description: "Nothing of it is stored. The `reason` is for whoever proposed it.",
  optionalBody: true
}))

/** The calls on changes that wait for approval. */
export class ProposalsApi extends HttpApiGroup.make("proposals")
  .add(list, get, approve, refuse)
  .middleware(ValidParameters)
  .middleware(ScopeCheck)
  .middleware(RateLimit)
  .middleware(Authentication)
  .prefix("/api/proposals")
  .annotate(BodyProblems, { missing: "PROPOSAL-003", invalid: "PROPOSAL-003" })
  .annotateMerge(OpenApi.annotations({ title: "Proposals", description: "Changes that wait for approval" }))
{}
