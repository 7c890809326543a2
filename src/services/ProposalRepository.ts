import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { ProposalId, TenantId, WorkflowId } from "../domain/Ids.ts"
import type { Keyset, Page } from "../domain/Page.ts"
import type { Proposal, ProposedWorkflow } from "../domain/Proposal.ts"
import type { ProposalStatus } from "../domain/ProposalStatus.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { Workflow, WorkflowStatus } from "../domain/Workflow.ts"

/** A proposal with all that is kept of it. */
export interface StoredProposal extends Proposal {
  /** The status of the version that it changes; null: of a creation. */
  readonly baseStatus: WorkflowStatus | null
  readonly definition: ProposedWorkflow
}

/** Which proposals a list shows. `tenantId` null: of every tenant. */
export interface ProposalFilter {
  readonly tenantId: TenantId | null
  /** Only those of these workflows; undefined: of whichever. */
  readonly workflows?: ReadonlyArray<WorkflowId> | undefined
  readonly workflowId?: WorkflowId | undefined
  readonly status?: ProposalStatus | undefined
  readonly limit: number
  readonly after?: Keyset | undefined
}

/** How many open proposals there may be. */
export interface OpenProposals {
  readonly ofTenant: number
  /** Of one key, among those of the tenant. */
  readonly ofKey: number
}

/** Who decides, and when. */
export interface Decision {
  readonly id: ProposalId
  readonly tenantId: TenantId
  readonly decidedBy: string
  readonly decidedAt: Timestamp
}

/** What becomes of a proposal that is not approved. */
export interface Closing extends Decision {
  readonly status: "refused" | "outdated"
  readonly reason: string | null
}

/** Stores proposals. Nothing but an approval makes workflows of them. */
export class ProposalRepository extends Context.Service<ProposalRepository, {
  /**
   * Stores it, in the place of what its key has open for the same workflow: that is outdated then. Answers what is open
   * now: the one that the key made before where nothing of it differs; none when there are as many as there may be.
   */
  readonly insert: (
    proposal: StoredProposal,
    maximum: OpenProposals
  ) => Effect.Effect<Option.Option<Proposal>, StorageError>
  /** The proposal, if it is there and of this tenant (null: of any). */
  readonly find: (
    id: ProposalId,
    tenantId: TenantId | null
  ) => Effect.Effect<Option.Option<StoredProposal>, StorageError>
  /** Newest first. */
  readonly list: (filter: ProposalFilter) => Effect.Effect<Page<Proposal>, StorageError>
  /**
   * Stores the workflow as it is proposed and marks the proposal as approved, both or neither: only while the proposal is
   * open and the stored version the one that it changes (a creation: there is no such workflow).
   */
  readonly approve: (decision: Decision, workflow: Workflow) => Effect.Effect<boolean, StorageError>
  /** Ends an open proposal; false when it is open no more. */
  readonly close: (closing: Closing) => Effect.Effect<boolean, StorageError>
  /** Removes the oldest of those that nothing has become of since this time; answers how many. */
  readonly prune: (
    options: { readonly before: Timestamp; readonly limit: number }
  ) => Effect.Effect<number, StorageError>
}>()("atlasit/services/ProposalRepository") {}
