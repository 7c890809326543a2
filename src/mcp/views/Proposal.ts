import type { JsonObject } from "effect/Schema"
import type { ProposalDetail } from "../../domain/Proposal.ts"
import { untrustedNote } from "../Answers.ts"
import type { Part } from "../Parts.ts"
import { withParts } from "../Parts.ts"

/** Where the resource of a proposal is. */
export const proposalUri = (id: string): string => `proposal://${encodeURIComponent(id)}`

/** A proposal with its diff and definition, as far as there is room: what is too large is in the API alone. */
export const proposalView = (proposal: ProposalDetail) => {
  const { baseName, definition, diff, name, reason, requestId: _, ...facts } = proposal
  const uri = `/api/proposals/${encodeURIComponent(proposal.id)}`
  const parts = new Map<string, Part>()
  // SAFETY: a definition and its diff are JSON; their types only say more of it.
  for (const [member, value] of Object.entries({ diff, definition })) {
    parts.set(member, { value: value as object as JsonObject, uri })
  }
  return withParts(parts, (values) => ({
    ...facts,
    note: untrustedNote,
    untrusted: { name, baseName, reason, ...Object.fromEntries(values) }
  })).output
}
