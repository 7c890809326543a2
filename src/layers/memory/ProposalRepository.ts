import { Effect, Layer, Option, Semaphore } from "effect"
import type { ProposalId, TenantId } from "../../domain/Ids.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import type { Closing, Decision, ProposalFilter, StoredProposal } from "../../services/ProposalRepository.ts"
import { ProposalRepository } from "../../services/ProposalRepository.ts"
import { WorkflowRepository } from "../../services/WorkflowRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { compareText, isAfter, newestFirst } from "../Paging.ts"
import type { EncodedProposalRow } from "../ProposalRow.ts"
import { proposalPage, rowOf, storedProposalOf } from "../ProposalRow.ts"
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

    const insert = Effect.fn("ProposalRepository.insert")(function*(proposal: StoredProposal, maximum: number) {
      yield* faults.check("proposals.insert")
      const row = yield* rowOf(proposal)
      const open = [...rows.values()].filter(({ status, tenantId }) => status === "open" && tenantId === row.tenantId)
      if (open.length >= maximum) return false
      rows.set(row.id, row)
      return true
    }, storageErrorOf("proposals.insert"))

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

const decided = ({ decidedAt, decidedBy }: Decision) => ({ decidedBy, decidedAt, updatedAt: decidedAt })
