import { Schema } from "effect"
import { ProposalId, TenantId, WorkflowId } from "../../domain/Ids.ts"
import type { Proposal, ProposalDetail } from "../../domain/Proposal.ts"
import { ProposalDiff } from "../../domain/ProposalDiff.ts"
import { ProposalStatus } from "../../domain/ProposalStatus.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import { WorkflowStatus } from "../../domain/Workflow.ts"
import { fits } from "../Size.ts"
import { untrusted } from "./Untrusted.ts"

/** What has become of a change: it is stored, or waits for a person, or was refused. */
export const ChangeView = Schema.Struct({
  stored: Schema.Boolean.annotateKey({ description: "false: nothing has changed" }),
  id: WorkflowId,
  tenantId: TenantId,
  version: Schema.NullOr(Schema.Int),
  status: WorkflowStatus,
  proposal: Schema.optionalKey(
    Schema.Struct({
      id: ProposalId,
      status: ProposalStatus,
      note: Schema.String
    })
  ).annotateKey({ description: "Where the change waits for a person" }),
  untrusted: untrusted({ name: Schema.String, diff: Schema.optionalKey(ProposalDiff) })
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

/** A change that waits for a person. */
export const heldChange = ({ definition, diff, id, status, tenantId, workflowId }: ProposalDetail): ChangeView => {
  const view = {
    stored: false,
    id: workflowId,
    tenantId,
    version: null,
    status: definition.status,
    proposal: {
      id,
      status,
      note: `Nothing is stored yet: a person has to approve it, at POST /api/proposals/${id}/approve`
    },
    untrusted: { name: definition.name }
  }
  const withDiff = { ...view, untrusted: { ...view.untrusted, diff } }
  if (fits(withDiff)) return withDiff
  const note = `${view.proposal.note}. What would change is too much to be told here: see GET /api/proposals/${id}`
  return { ...view, proposal: { ...view.proposal, note } }
}

/** A change that a person has refused. */
export const refusedChange = ({ id, name, status, tenantId, workflowId }: Proposal): ChangeView => ({
  stored: false,
  id: workflowId,
  tenantId,
  version: null,
  status: "inactive",
  proposal: { id, status, note: "The user has refused it: nothing was changed. Ask what to do instead" },
  untrusted: { name }
})
