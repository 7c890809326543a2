import { Schema } from "effect"
import { ProposalId, RequestId, TenantId, WorkflowId } from "./Ids.ts"
import { Limits } from "./Limits.ts"
import { ProposalDiff } from "./ProposalDiff.ts"
import { ProposalStatus } from "./ProposalStatus.ts"
import { isWellFormed } from "./Text.ts"
import { Timestamp } from "./Timestamp.ts"
import type { Workflow } from "./Workflow.ts"
import { Definition, optionsOf, WorkflowStatus } from "./Workflow.ts"

/** What a workflow would be: a creation, whole. */
export const ProposedWorkflow = Schema.Struct({ tenantId: TenantId, ...Definition.fields, status: WorkflowStatus })
  .annotate({ identifier: "ProposedWorkflow", description: "What the workflow would be" })
export type ProposedWorkflow = typeof ProposedWorkflow.Type

/** Why a proposal is refused. */
export const RefusalReason = Schema.String.check(Schema.isMaxLength(Limits.proposalReasonCharacters), isWellFormed)

/** A change of a workflow that waits for a person's yes, as lists show it. */
export const Proposal = Schema.Struct({
  id: ProposalId,
  tenantId: TenantId,
  workflowId: WorkflowId.annotate({
    description: "The workflow that would be changed; of a creation, the id that it gets when it is approved"
  }),
  kind: Schema.Literals(["create", "update"]),
  baseVersion: Schema.NullOr(Schema.Int).annotate({ description: "The version that it changes; null: of a creation" }),
  name: Schema.String.annotate({ description: "The workflow's name as it would be" }),
  status: ProposalStatus,
  proposedBy: Schema.String.annotate({ description: "The key that proposed it, as log lines name it" }),
  requestId: Schema.NullOr(RequestId).annotate({ description: "The request that proposed it" }),
  reason: Schema.NullOr(Schema.String).annotate({ description: "Why it was refused, if somebody said so" }),
  decidedBy: Schema.NullOr(Schema.String).annotate({
    description: "The key that approved or refused it, found it outdated, or proposed something else since"
  }),
  decidedAt: Schema.NullOr(Timestamp),
  version: Schema.NullOr(Schema.Int).annotate({ description: "The version that it became; null until it is approved" }),
  createdAt: Timestamp,
  updatedAt: Timestamp
}).annotate({ identifier: "Proposal", description: "A change of a workflow that waits for a person's yes" })
export type Proposal = typeof Proposal.Type

/** A proposal with what the workflow would be, and what of it would be new. */
export const ProposalDetail = Schema.Struct({
  ...Proposal.fields,
  baseName: Schema.NullOr(Schema.String).annotate({
    description: "The workflow's name in the version that it changes; null: of a creation"
  }),
  definition: ProposedWorkflow,
  diff: ProposalDiff
}).annotate({ identifier: "ProposalDetail", description: "A proposal with its definition and what it changes" })
export type ProposalDetail = typeof ProposalDetail.Type

/** What a client may say to refuse a proposal. */
export const ProposalRefusal = Schema.Struct({
  reason: Schema.optionalKey(RefusalReason).annotateKey({
    description: `Why, for whoever proposed it: at most ${Limits.proposalReasonCharacters} characters`
  })
}).annotate({ identifier: "ProposalRefusal" })

/** What would be stored of a workflow. */
export const proposedOf = (workflow: Workflow): ProposedWorkflow => ({
  tenantId: workflow.tenantId,
  name: workflow.name,
  description: workflow.description,
  steps: workflow.steps,
  triggers: workflow.triggers,
  ...optionsOf(workflow),
  status: workflow.status
})
