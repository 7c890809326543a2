import { Context, Effect, Layer, Option, Schema } from "effect"
import { ProposalDecided } from "../domain/Errors.ts"
import { ProposalId } from "../domain/Ids.ts"
import { Limits } from "../domain/Limits.ts"
import type { ProposalDetail } from "../domain/Proposal.ts"
import type { Workflow } from "../domain/Workflow.ts"
import { AppConfig } from "../services/AppConfig.ts"
import { Proposals } from "../services/Proposals.ts"
import type { Approval } from "./Approval.ts"
import { approvalOf } from "./Approval.ts"
import type { Call } from "./Catalog.ts"
import { changeQuestion } from "./ChangeQuestion.ts"
import { approvalSchema, ask, canAsk, decisionOf } from "./Questions.ts"
import type { Reply, ToolError } from "./Tool.ts"
import type { ChangeView } from "./views/Change.ts"
import { heldChange, noChange, refusedChange, storedChange } from "./views/Change.ts"

/** How a change of a workflow is made: at once, or as a proposal. */
export interface Change {
  readonly store: Effect.Effect<Workflow, ToolError>
  readonly propose: Effect.Effect<ProposalDetail, ToolError>
  /** The stored workflow, if there is nothing to change. */
  readonly unchanged: Effect.Effect<Option.Option<Workflow>, ToolError>
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
        const message = changeQuestion(proposal)
        return message === undefined
          ? { output: heldChange(proposal, tooMuch) }
          : yield* ask(call, { message, schema: approvalSchema, state: { proposalId: proposal.id } })
      })

      const decide = Effect.fnUntraced(function*({ principal }: Call, id: ProposalId, approval: Approval) {
        switch (approval._tag) {
          case "Approved":
            return { output: storedChange(yield* proposals.approve(principal, id)) }
          case "Refused":
            return { output: refusedChange(yield* proposals.refuse(principal, id, approval.reason)) }
          case "Undecided": {
            const proposal = yield* proposals.get(principal, id)
            if (proposal.status !== "open") return yield* new ProposalDecided({ id, status: proposal.status })
            return { output: heldChange(proposal) }
          }
        }
      })

      const make = Effect.fn("Changes.make")(function*(call: Call, change: Change) {
        const decision = decisionOf(call)
        // The state is signed, and bound to the key and to the call: it names a proposal of this very one.
        const asked = decodeState(call.context.mcpReq.requestState())
        if (requireApproval && decision._tag !== "Unasked" && Option.isSome(asked)) {
          return yield* decide(call, asked.value.proposalId, approvalOf(decision))
        }
        const unchanged = yield* change.unchanged
        if (Option.isSome(unchanged)) return { output: noChange(unchanged.value) }
        return requireApproval ? yield* propose(call, change) : { output: storedChange(yield* change.store) }
      })

      return Changes.of({ make })
    })
  )
}

const decodeState = Schema.decodeUnknownOption(Schema.Struct({ proposalId: ProposalId }))

/** Why the user was not asked. */
const tooMuch = `The user was not asked: a question names at most ${Limits.questionNames} hosts, secrets or triggers. `
