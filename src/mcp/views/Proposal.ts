import type { ProposalDetail } from "../../domain/Proposal.ts"
import { untrustedNote } from "../Answers.ts"

/** Where the resource of a proposal is. */
export const proposalUri = (id: string): string => `proposal://${encodeURIComponent(id)}`

/** A proposal with its diff and its whole definition. */
export const proposalView = (proposal: ProposalDetail) => {
  const { baseName, definition, diff, name, reason, requestId: _, ...facts } = proposal
  return { ...facts, note: untrustedNote, untrusted: { name, baseName, reason, diff, definition } }
}
