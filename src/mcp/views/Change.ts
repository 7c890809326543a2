import { Schema } from "effect"
import { ProposalId, TenantId, WorkflowId } from "../../domain/Ids.ts"
import type { Proposal, ProposalDetail } from "../../domain/Proposal.ts"
import { ProposalDiff } from "../../domain/ProposalDiff.ts"
import { ProposalStatus } from "../../domain/ProposalStatus.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import { WorkflowStatus } from "../../domain/Workflow.ts"
import { fits } from "../Size.ts"
import { proposalUri } from "./Proposal.ts"
import { untrusted } from "./Untrusted.ts"

/** What has become of a change: it is stored, or waits for a person, or was refused. */
export const ChangeView = Schema.Struct({
  stored: Schema.Boolean.annotateKey({ description: "false: nothing has changed" }),
  id: WorkflowId,
  tenantId: TenantId,
  version: Schema.NullOr(Schema.Int),
  status: Schema.NullOr(WorkflowStatus),
  proposal: Schema.optionalKey(Schema.Struct({ id: ProposalId, status: ProposalStatus })),
  note: Schema.optionalKey(Schema.String),
  untrusted: untrusted({
    name: Schema.String,
    reason: Schema.optionalKey(Schema.String),
    diff: Schema.optionalKey(ProposalDiff)
  })
})
export type ChangeView = typeof ChangeView.Type

/** A change that is stored. */
export const storedChange = ({ id, name, status, tenantId, version }: Workflow): ChangeView => ({
  stored: true,
  id,
  tenantId,
  version,
  status,
  untrusted: { name }
})

/** A change that would leave the stored workflow as it is. */
export const noChange = (workflow: Workflow): ChangeView => ({
  ...storedChange(workflow),
  stored: false,
  note: "Nothing would change: the workflow is so already"
})

/** What is told of a proposal that nothing was stored of. */
const notStored = (
  { id, status, tenantId, workflowId }: Pick<Proposal, "id" | "status" | "tenantId" | "workflowId">
) => ({
  stored: false,
  id: workflowId,
  tenantId,
  version: null,
  status: null,
  proposal: { id, status }
})

/** A change that waits for a person; `remark`: why its user was not asked, if that is to be told. */
export const heldChange = (proposal: ProposalDetail, remark = ""): ChangeView => {
  const { definition, diff, id } = proposal
  const view = {
    ...notStored(proposal),
    note: `Nothing is stored yet: a person has to approve it, at POST /api/proposals/${id}/approve. ${remark}The ` +
      `resource ${proposalUri(id)} tells what becomes of it`,
    untrusted: { name: definition.name }
  }
  const withDiff = { ...view, untrusted: { ...view.untrusted, diff } }
  if (fits(withDiff)) return withDiff
  return { ...view, note: `${view.note}. What would change is too much to be told here: see GET /api/proposals/${id}` }
}

/** A change that a person has refused. */
export const refusedChange = (proposal: Proposal): ChangeView => {
  const { name, reason } = proposal
  return {
    ...notStored(proposal),
    note: "The user has refused it: nothing was changed. Ask what to do instead",
    untrusted: { name, ...(reason === null ? {} : { reason }) }
  }
}
