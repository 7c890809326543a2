import { ProposalId, WorkflowId } from "../../src/domain/Ids.ts"
import { proposedOf } from "../../src/domain/Proposal.ts"
import type { Workflow } from "../../src/domain/Workflow.ts"
import type { StoredProposal } from "../../src/services/ProposalRepository.ts"
import { at, makeWorkflow, tenantA } from "./Data.ts"

/** An open proposal of tenant A, made at the epoch by a key of its own, unless told otherwise: to create workflow `w`. */
export const makeProposal = (id: string, members: Partial<Omit<StoredProposal, "id">> = {}): StoredProposal => ({
  id: ProposalId.make(id),
  tenantId: tenantA,
  workflowId: WorkflowId.make("w"),
  kind: "create",
  baseVersion: null,
  name: "Workflow w",
  status: "open",
  proposedBy: `agent ${id}`,
  requestId: null,
  reason: null,
  decidedBy: null,
  decidedAt: null,
  version: null,
  createdAt: at(0),
  updatedAt: at(0),
  baseStatus: null,
  definition: proposedOf(makeWorkflow("w")),
  ...members
})

/** A proposal to make this of a workflow whose version before is stored. */
export const makeChange = (
  id: string,
  workflow: Workflow,
  members: Partial<Omit<StoredProposal, "id">> = {}
): StoredProposal =>
  makeProposal(id, {
    workflowId: workflow.id,
    tenantId: workflow.tenantId,
    kind: "update",
    baseVersion: workflow.version - 1,
    baseStatus: "active",
    name: workflow.name,
    definition: proposedOf(workflow),
    ...members
  })
