import { Context, Effect, Layer, Option, Schema } from "effect"
import { ProposalId } from "../domain/Ids.ts"
import type { ProposalDetail } from "../domain/Proposal.ts"
import type { Workflow } from "../domain/Workflow.ts"
import { AppConfig } from "../services/AppConfig.ts"
import { Proposals } from "../services/Proposals.ts"
import type { Call } from "./Catalog.ts"
import { approvalSchema, ask, canAsk, decisionOf } from "./Questions.ts"
import { clipped } from "./Size.ts"
import type { Reply, ToolError } from "./Tool.ts"
import type { ChangeView } from "./views/Change.ts"
import { heldChange, refusedChange, storedChange } from "./views/Change.ts"

/** How a change of a workflow is made: at once, or as a proposal. */
export interface Change {
  readonly store: Effect.Effect<Workflow, ToolError>
  readonly propose: Effect.Effect<ProposalDetail, ToolError>
}

/** Makes the changes that agents ask for, or holds them back until a person approves. */
export class Changes extends Context.Service<Changes, {
  readonly make: (call: Call, change: Change) => Effect.Effect<Reply<ChangeView>, ToolError>
}>()("atlasit/mcp/Changes") {
  static readonly layer = Layer.effect(
    Changes,
    Effect.gen(function*() {
      const { mcp: { requireApproval } } = yield* AppConfig
      const proposals = yield* Proposals

      const propose = Effect.fnUntraced(function*(call: Call, change: Change) {
        const proposal = yield* change.propose
        if (!canAsk(call)) return { output: heldChange(proposal) }
        return yield* ask(call, {
          message: questionOf(proposal),
          schema: approvalSchema,
          state: { proposalId: proposal.id }
        })
      })

      const decide = Effect.fnUntraced(
        function*({ principal }: Call, id: ProposalId, approved: boolean, comment?: string) {
          return approved
            ? { output: storedChange(yield* proposals.approve(principal, id)) }
            : { output: refusedChange(yield* proposals.refuse(principal, id, comment ?? null)) }
        }
      )

      const make = Effect.fn("Changes.make")(function*(call: Call, change: Change) {
        if (!requireApproval) return { output: storedChange(yield* change.store) }
        const decision = decisionOf(call)
        // The state is signed and bound to the key: it names a proposal of this very call.
        const asked = decodeState(call.context.mcpReq.requestState())
        if (decision._tag === "Unasked" || Option.isNone(asked)) return yield* propose(call, change)
        const { proposalId } = asked.value
        if (decision._tag === "Declined") return yield* decide(call, proposalId, false)
        const { approved, comment } = decision.content
        const said = typeof comment === "string" && comment !== "" ? comment.slice(0, commentCharacters) : undefined
        return yield* decide(call, proposalId, approved === true, said)
      })

      return Changes.of({ make })
    })
  )
}

/** Characters of what a user says to a refusal. */
const commentCharacters = 1_000

const decodeState = Schema.decodeUnknownOption(Schema.Struct({ proposalId: ProposalId }))

/** Names that a question shows of each kind; how many more there are is told. */
const namesShown = 10

/** Characters of each of them. */
const nameCharacters = 500

/** What a person is asked: what would change, in words of the service's own. */
const questionOf = ({ definition, diff, kind }: ProposalDetail): string => {
  const { newHosts, newSecrets, other, steps } = diff
  const lines = [
    kind === "create"
      ? `An agent wants to create the workflow ${JSON.stringify(definition.name)}.`
      : `An agent wants to change the workflow ${JSON.stringify(definition.name)}.`,
    line("Steps added", steps.added.map(({ path, type }) => `${path} (${type})`)),
    line("Steps removed", steps.removed.map(({ path, type }) => `${path} (${type})`)),
    line(
      "Steps changed",
      steps.changed.map(({ members, path }) => `${path}: ${members.join(", ")}`)
    ),
    line("New hosts", newHosts.map(({ dynamic, host }) => dynamic ? `${host} (only known when it runs)` : host)),
    line("New secrets", newSecrets),
    line("Also different", kind === "create" ? [] : other)
  ]
  return lines.filter((text) => text !== "").join("\n")
}

const line = (title: string, names: ReadonlyArray<string>): string =>
  names.length === 0
    ? ""
    : `${title}: ${names.slice(0, namesShown).map((name) => clipped(name, nameCharacters)).join("; ")}${
      names.length > namesShown ? ` and ${names.length - namesShown} more` : ""
    }`
