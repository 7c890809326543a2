import { Context, Effect, Layer, Option } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type {
  KeyForbidden,
  StorageError,
  TenantForbidden,
  WorkflowInvalid,
  WorkflowNotFound,
  WorkflowVersionConflict
} from "../domain/Errors.ts"
import { ProposalDecided, ProposalNotFound, ProposalOutdated, ProposalsFull } from "../domain/Errors.ts"
import type { RequestId, WorkflowId } from "../domain/Ids.ts"
import { ProposalId } from "../domain/Ids.ts"
import { Limits } from "../domain/Limits.ts"
import type { Page } from "../domain/Page.ts"
import type { Principal } from "../domain/Principal.ts"
import { maySeeWorkflow } from "../domain/Principal.ts"
import type { Proposal, ProposalDetail } from "../domain/Proposal.ts"
import { proposedOf } from "../domain/Proposal.ts"
import type { Comparable } from "../domain/ProposalDiff.ts"
import { diffOf } from "../domain/ProposalDiff.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { Workflow, WorkflowCreate, WorkflowUpdate } from "../domain/Workflow.ts"
import { DefinitionChecker } from "./DefinitionChecker.ts"
import type { ProposalFilter, StoredProposal } from "./ProposalRepository.ts"
import { ProposalRepository } from "./ProposalRepository.ts"
import { findWorkflow, listVisible } from "./Visibility.ts"
import { changedBy, changesDefinition, checkDefinition, checkVersion, createdBy } from "./WorkflowChanges.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

const maximum = { ofTenant: Limits.openProposals, ofKey: Limits.openProposalsPerKey }

/** Why there is nothing to decide. */
type Undecidable = ProposalNotFound | ProposalDecided

/** Changes of workflows that are held back until a person approves them. A key finds none of what it may not see. */
export class Proposals extends Context.Service<Proposals, {
  /**
   * Keeps what `Workflows.create` would store; fails as that does. `requestId`: the request that proposes it. What the key
   * has proposed so already is given back as it is.
   */
  readonly proposeCreate: (
    principal: Principal,
    input: WorkflowCreate,
    requestId: RequestId | null
  ) => Effect.Effect<ProposalDetail, KeyForbidden | TenantForbidden | WorkflowInvalid | ProposalsFull | StorageError>
  /**
   * Keeps what `Workflows.update` would store; fails as that does. `expectedVersion`: only of this version; null: any. It
   * takes the place of what the key has open for the workflow; the same change is given back as it is.
   */
  readonly proposeUpdate: (
    principal: Principal,
    id: WorkflowId,
    input: WorkflowUpdate,
    expectedVersion: number | null,
    requestId: RequestId | null
  ) => Effect.Effect<
    ProposalDetail,
    WorkflowNotFound | WorkflowInvalid | WorkflowVersionConflict | ProposalsFull | StorageError
  >
  /** Newest first. */
  readonly list: (
    principal: Principal,
    filter: Omit<ProposalFilter, "workflows">
  ) => Effect.Effect<Page<Proposal>, StorageError>
  readonly get: (
    principal: Principal,
    id: ProposalId
  ) => Effect.Effect<ProposalDetail, ProposalNotFound | StorageError>
  /**
   * Stores what is proposed, and answers the workflow. What the definition needs is checked again: it stays open if that is
   * gone. It is outdated from then on if the workflow has changed since.
   */
  readonly approve: (
    principal: Principal,
    id: ProposalId
  ) => Effect.Effect<Workflow, Undecidable | ProposalOutdated | WorkflowInvalid | StorageError>
  readonly refuse: (
    principal: Principal,
    id: ProposalId,
    reason: string | null
  ) => Effect.Effect<Proposal, Undecidable | StorageError>
}>()("atlasit/services/Proposals") {
  static readonly layer = Layer.effect(
    Proposals,
    Effect.gen(function*() {
      const proposals = yield* ProposalRepository
      const workflows = yield* WorkflowRepository
      const checker = yield* DefinitionChecker
      const random = yield* SecureRandom.SecureRandom

      const detailOf = (stored: StoredProposal, before: Comparable | null): ProposalDetail => {
        const { baseStatus: _, ...proposal } = stored
        const diff = diffOf(before, stored.definition, checker.secretsOf)
        return { ...proposal, baseName: before?.name ?? null, diff }
      }

      const propose = Effect.fnUntraced(function*(
        principal: Principal,
        changed: Workflow,
        base: Workflow | null,
        requestId: RequestId | null
      ) {
        const stored: StoredProposal = {
          id: ProposalId.make(yield* random.uuidV7()),
          tenantId: changed.tenantId,
          workflowId: changed.id,
          kind: base === null ? "create" : "update",
          baseVersion: base?.version ?? null,
          name: changed.name,
          status: "open",
          proposedBy: principal.keyId,
          requestId,
          reason: null,
          decidedBy: null,
          decidedAt: null,
          version: null,
          createdAt: changed.updatedAt,
          updatedAt: changed.updatedAt,
          baseStatus: base?.status ?? null,
          definition: proposedOf(changed)
        }
        const open = yield* proposals.insert(stored, maximum)
        if (Option.isNone(open)) return yield* new ProposalsFull({ tenantId: stored.tenantId })
        return detailOf({ ...stored, ...open.value }, base)
      })

      const proposeCreate: Proposals["Service"]["proposeCreate"] = Effect.fn("Proposals.proposeCreate")(
        function*(principal, input, requestId) {
          return yield* propose(principal, yield* createdBy({ checker, random }, principal, input), null, requestId)
        }
      )

      const proposeUpdate: Proposals["Service"]["proposeUpdate"] = Effect.fn("Proposals.proposeUpdate")(
        function*(principal, id, input, expectedVersion, requestId) {
          const base = yield* findWorkflow(workflows, principal, id)
          const changed = yield* changedBy(checker, base, input)
          yield* checkVersion(base, expectedVersion)
          return yield* propose(principal, changed, base, requestId)
        }
      )

      const find = Effect.fnUntraced(function*(principal: Principal, id: ProposalId) {
        const found = yield* proposals.find(id, principal.tenantId)
        return Option.isSome(found) && maySeeWorkflow(principal, found.value.workflowId)
          ? found.value
          : yield* new ProposalNotFound({ id })
      })

      const findOpen = Effect.fnUntraced(function*(principal: Principal, id: ProposalId) {
        const found = yield* find(principal, id)
        return found.status === "open" ? found : yield* new ProposalDecided({ id, status: found.status })
      })

      /** The version that a proposal changes, as it was: versions are kept. */
      const baseOf = Effect.fnUntraced(function*({ baseStatus, baseVersion, workflowId }: StoredProposal) {
        if (baseVersion === null || baseStatus === null) return null
        const definition = yield* workflows.findVersion(workflowId, baseVersion)
        return Option.isSome(definition)
          ? { ...definition.value, status: baseStatus }
          : yield* Effect.die(new Error("The version that a proposal changes is not kept"))
      })

      const get = Effect.fn("Proposals.get")(function*(principal: Principal, id: ProposalId) {
        const found = yield* find(principal, id)
        return detailOf(found, yield* baseOf(found))
      })

      /** Fails with what has become of a proposal that this call did not decide. */
      const missed = Effect.fnUntraced(function*(principal: Principal, id: ProposalId) {
        const { status } = yield* find(principal, id)
        return yield* new ProposalDecided({ id, status })
      })

      /** Marks a proposal whose base is not the stored version any more, unless somebody was faster. */
      const outdate = Effect.fnUntraced(function*(principal: Principal, { id, tenantId, workflowId }: StoredProposal) {
        const stored = yield* workflows.find(workflowId, tenantId)
        const decision = { id, tenantId, decidedBy: principal.keyId, decidedAt: yield* Timestamp.now }
        const closed = yield* proposals.close({ ...decision, status: "outdated", reason: null })
        if (!closed) return yield* missed(principal, id)
        return yield* new ProposalOutdated({ id, version: Option.getOrNull(stored)?.version ?? null })
      })

      const approve = Effect.fn("Proposals.approve")(function*(principal: Principal, id: ProposalId) {
        const proposal = yield* findOpen(principal, id)
        const { baseVersion, definition, tenantId, workflowId } = proposal
        const base = Option.getOrUndefined(yield* workflows.find(workflowId, tenantId))
        if ((base?.version ?? null) !== baseVersion) return yield* outdate(principal, proposal)
        const now = yield* Timestamp.now
        const workflow: Workflow = {
          ...definition,
          id: workflowId,
          version: (baseVersion ?? 0) + 1,
          createdAt: base?.createdAt ?? now,
          updatedAt: now
        }
        if (base === undefined || changesDefinition(base, workflow)) yield* checkDefinition(checker, tenantId, workflow)
        const decision = { id, tenantId, decidedBy: principal.keyId, decidedAt: now }
        return (yield* proposals.approve(decision, workflow)) ? workflow : yield* outdate(principal, proposal)
      })

      const refuse = Effect.fn("Proposals.refuse")(
        function*(principal: Principal, id: ProposalId, reason: string | null) {
          const { baseStatus: _, definition: __, ...proposal } = yield* findOpen(principal, id)
          const decision = { decidedBy: principal.keyId, decidedAt: yield* Timestamp.now }
          const closing = { ...decision, status: "refused" as const, reason }
          const closed = yield* proposals.close({ id, tenantId: proposal.tenantId, ...closing })
          return closed ? { ...proposal, ...closing, updatedAt: decision.decidedAt } : yield* missed(principal, id)
        }
      )

      return Proposals.of({
        proposeCreate,
        proposeUpdate,
        list: listVisible(proposals.list),
        get,
        approve,
        refuse
      })
    })
  )
}
