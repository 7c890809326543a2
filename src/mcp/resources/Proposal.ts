import { Effect, Option } from "effect"
import { ProposalId } from "../../domain/Ids.ts"
import { Proposals } from "../../services/Proposals.ts"
import { proposalView } from "../views/Proposal.ts"
import { Completion } from "./Completion.ts"
import { templateResource } from "./Template.ts"

/** A change that waits for a person, or what has become of it. */
export const proposalResource = Effect.gen(function*() {
  const proposals = yield* Proposals
  const completion = yield* Completion
  return templateResource({
    uriTemplate: "proposal://{id}",
    name: "proposal",
    title: "A proposal",
    description:
      "A change that waits for a person's yes: whether it is approved, refused (and why) or outdated, as JSON",
    pattern: /^proposal:\/\/([^/]+)$/,
    read: ([id = ""], { principal }) =>
      id === "" ? Effect.succeedNone : proposals.get(principal, ProposalId.make(id)).pipe(
        Effect.map((proposal) => Option.some(proposalView(proposal))),
        Effect.catchTag("ProposalNotFound", () => Effect.succeedNone)
      ),
    complete: (_, value, principal) => completion.proposals(principal, value)
  })
})
