import { Effect, Layer, Option, Semaphore } from "effect"
import type { ProposalId, TenantId } from "../../domain/Ids.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import type {
  Closing,
  Decision,
  OpenProposals,
  ProposalFilter,
  StoredProposal
} from "../../services/ProposalRepository.ts"
import { ProposalRepository } from "../../services/ProposalRepository.ts"
import { WorkflowRepository } from "../../services/WorkflowRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { compareText, isAfter, newestFirst } from "../Paging.ts"
import type { EncodedProposalRow } from "../ProposalRow.ts"
import { proposalOf, proposalPage, rowOf, storedProposalOf } from "../ProposalRow.ts"
import { Faults } from "./Faults.ts"
import { WorkflowTable } from "./WorkflowTable.ts"

/** Proposals in the memory of this process. */
export const layer = Layer.effect(
  ProposalRepository,
  Effect.gen(function*() {
    const faults = yield* Faults
    const workflows = yield* WorkflowRepository
    const table = yield* WorkflowTable
    const rows = new Map<string, EncodedProposalRow>()
    /** Held while a proposal is decided: an approval is two writes. */
    const mutex = yield* Semaphore.make(1)

    const openRow = ({ id, tenantId }: Decision) => {
      const row = rows.get(id)
      return row?.status === "open" && row.tenantId === tenantId ? row : undefined
    }

    const insert = Effect.fn("ProposalRepository.insert")(
      function*(proposal: StoredProposal, maximum: OpenProposals) {
        yield* faults.check("proposals.insert")
        const row = yield* rowOf(proposal)
        const open = [...rows.values()].filter(({ status, tenantId }) => status === "open" && tenantId === row.tenantId)
        const ofKey = open.filter(({ proposedBy }) => proposedBy === row.proposedBy)
        const same = ofKey.find((other) => isSameProposal(other, row))
        if (same !== undefined) return Option.some(yield* proposalOf(same))
        const replaced = ofKey.filter(({ workflowId }) => workflowId === row.workflowId)
        const hasRoom = open.length < maximum.ofTenant && ofKey.length < maximum.ofKey
        if (replaced.length === 0 && !hasRoom) return Option.none()
        const decision = decided({ decidedBy: row.proposedBy, decidedAt: row.createdAt })
        for (const other of replaced) rows.set(other.id, { ...other, ...decision, status: "outdated" })
        rows.set(row.id, row)
        return Option.some(yield* proposalOf(row))
      },
      mutex.withPermit,
      storageErrorOf("proposals.insert")
    )

    const find = Effect.fn("ProposalRepository.find")(function*(id: ProposalId, tenantId: TenantId | null) {
      yield* faults.check("proposals.find")
      const row = rows.get(id)
      return row === undefined || (tenantId !== null && row.tenantId !== tenantId)
        ? Option.none()
        : Option.some(yield* storedProposalOf(row))
    }, storageErrorOf("proposals.find"))

    const list = Effect.fn("ProposalRepository.list")(function*(filter: ProposalFilter) {
      yield* faults.check("proposals.list")
      const found = [...rows.values()].filter((row) => matches(row, filter) && isAfter(row, filter.after))
      return yield* proposalPage(found.sort(newestFirst).slice(0, filter.limit + 1), filter.limit)
    }, storageErrorOf("proposals.list"))

    const write = (row: EncodedProposalRow, workflow: Workflow) => {
      if (row.workflowId !== workflow.id || (row.baseVersion ?? 0) !== workflow.version - 1) {
        return Effect.succeed(false)
      }
      if (row.baseVersion !== null) return workflows.update(workflow, row.baseVersion)
      return table.rows.has(workflow.id) ? Effect.succeed(false) : Effect.as(workflows.insert(workflow), true)
    }

    const approve = Effect.fn("ProposalRepository.approve")(
      function*(decision: Decision, workflow: Workflow) {
        yield* faults.check("proposals.approve")
        const row = openRow(decision)
        if (row === undefined || !(yield* write(row, workflow))) return false
        rows.set(row.id, { ...row, ...decided(decision), status: "approved", version: workflow.version })
        return true
      },
      mutex.withPermit,
      storageErrorOf("proposals.approve")
    )

    const close = Effect.fn("ProposalRepository.close")(
      function*(closing: Closing) {
        yield* faults.check("proposals.close")
        const row = openRow(closing)
        if (row === undefined) return false
        rows.set(row.id, { ...row, ...decided(closing), status: closing.status, reason: closing.reason })
        return true
      },
      mutex.withPermit,
      storageErrorOf("proposals.close")
    )

    const prune: ProposalRepository["Service"]["prune"] = Effect.fn("ProposalRepository.prune")(
      function*({ before, limit }) {
        yield* faults.check("proposals.prune")
        const past = [...rows.values()]
          .filter(({ updatedAt }) => updatedAt < before)
          .sort((a, b) => compareText(a.updatedAt, b.updatedAt))
          .slice(0, limit)
        for (const { id } of past) rows.delete(id)
        return past.length
      },
      storageErrorOf("proposals.prune")
    )

    return ProposalRepository.of({ insert, find, list, approve, close, prune })
  })
)

const matches = (row: EncodedProposalRow, filter: ProposalFilter): boolean =>
  (filter.tenantId === null || row.tenantId === filter.tenantId) &&
  (filter.workflowId === undefined || row.workflowId === filter.workflowId) &&
  (filter.workflows === undefined || filter.workflows.some((id) => id === row.workflowId)) &&
  (filter.status === undefined || row.status === filter.status)

/** Whether two proposals of one key would store the same. */
const isSameProposal = (a: EncodedProposalRow, b: EncodedProposalRow): boolean =>
  a.kind === b.kind && a.definition === b.definition &&
  (a.kind === "create" || (a.workflowId === b.workflowId && a.baseVersion === b.baseVersion))

const decided = ({ decidedAt, decidedBy }: { readonly decidedAt: string; readonly decidedBy: string }) => ({
  decidedBy,
  decidedAt,
  updatedAt: decidedAt
})
