import { Effect, Schema } from "effect"
import type { Page } from "../domain/Page.ts"
import { Proposal, ProposedWorkflow } from "../domain/Proposal.ts"
import { WorkflowStatus } from "../domain/Workflow.ts"
import type { StoredProposal } from "../services/ProposalRepository.ts"
import { makePage } from "./Paging.ts"

/** A proposal as a row holds it: what nests is JSON. */
const ProposalRow = Schema.Struct({
  ...Proposal.fields,
  baseStatus: Schema.NullOr(WorkflowStatus),
  definition: Schema.fromJsonString(ProposedWorkflow)
})
export type EncodedProposalRow = typeof ProposalRow.Encoded

/** The row of a proposal. */
export const rowOf = Schema.encodeEffect(ProposalRow)

/** What a row tells without its large column. */
export const proposalOf = Schema.decodeUnknownEffect(Proposal)

const decodeRow = Schema.decodeUnknownEffect(ProposalRow)

/** All that a row tells. */
export const storedProposalOf = (row: unknown): Effect.Effect<StoredProposal, Schema.SchemaError> => decodeRow(row)

/** A page of the proposals of these rows, of which the last was asked for only to see whether there is another page. */
export const proposalPage = (rows: ReadonlyArray<unknown>, limit: number) =>
  Effect.map(
    Effect.forEach(rows.slice(0, limit), (row) => proposalOf(row)),
    (items): Page<Proposal> => makePage(items, rows.length)
  )
