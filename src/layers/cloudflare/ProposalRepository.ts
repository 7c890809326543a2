import { D1Client } from "@effect/sql-d1"
import { Effect, Layer, Option } from "effect"
import type { ProposalId, TenantId } from "../../domain/Ids.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import type { Closing, Decision, OpenProposals, StoredProposal } from "../../services/ProposalRepository.ts"
import { ProposalRepository } from "../../services/ProposalRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { proposalOf, proposalPage, rowOf, storedProposalOf } from "../ProposalRow.ts"
import { encodeWorkflow } from "../WorkflowRow.ts"
import {
  approveProposal,
  closeProposal,
  findProposal,
  insertProposal,
  listProposals,
  pruneProposals
} from "./ProposalQueries.ts"

/** Proposals in D1. */
export const layer = Layer.effect(
  ProposalRepository,
  Effect.gen(function*() {
    const sql = yield* D1Client.D1Client

    const insert = Effect.fn("ProposalRepository.insert")(function*(proposal: StoredProposal, maximum: OpenProposals) {
      const results = yield* sql.batch(insertProposal(sql, yield* rowOf(proposal), maximum))
      const row = results.at(-1)?.[0]
      return row === undefined ? Option.none() : Option.some(yield* proposalOf(row))
    }, storageErrorOf("proposals.insert"))

    const find = Effect.fn("ProposalRepository.find")(function*(id: ProposalId, tenantId: TenantId | null) {
      const [row] = yield* findProposal(sql, id, tenantId)
      return row === undefined ? Option.none() : Option.some(yield* storedProposalOf(row))
    }, storageErrorOf("proposals.find"))

    const list: ProposalRepository["Service"]["list"] = Effect.fn("ProposalRepository.list")(function*(filter) {
      return yield* proposalPage(yield* listProposals(sql, filter), filter.limit)
    }, storageErrorOf("proposals.list"))

    const approve = Effect.fn("ProposalRepository.approve")(function*(decision: Decision, workflow: Workflow) {
      const results = yield* sql.batch(approveProposal(sql, decision, workflow, yield* encodeWorkflow(workflow)))
      return results[0]?.length === 1
    }, storageErrorOf("proposals.approve"))

    const close = Effect.fn("ProposalRepository.close")(function*(closing: Closing) {
      return (yield* closeProposal(sql, closing)).length === 1
    }, storageErrorOf("proposals.close"))

    const prune: ProposalRepository["Service"]["prune"] = Effect.fn("ProposalRepository.prune")(function*(options) {
      return (yield* pruneProposals(sql, options)).length
    }, storageErrorOf("proposals.prune"))

    return ProposalRepository.of({ insert, find, list, approve, close, prune })
  })
)
