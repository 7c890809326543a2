import { Limits } from "../domain/Limits.ts"
import { cut } from "../domain/Text.ts"
import type { Decision } from "./Questions.ts"

/** What a user says to the question whether a change may be made; `Undecided`: nothing, so that it may be made later. */
export type Approval =
  | { readonly _tag: "Approved" }
  | { readonly _tag: "Refused"; readonly reason: string | null }
  | { readonly _tag: "Undecided" }

/** Reads the answer to `approvalSchema`: only what says yes or no is one. */
export const approvalOf = (decision: Exclude<Decision, { readonly _tag: "Unasked" }>): Approval => {
  switch (decision._tag) {
    case "Cancelled":
      return { _tag: "Undecided" }
    case "Declined":
      return { _tag: "Refused", reason: null }
    case "Accepted": {
      const { approved, comment } = decision.content
      if (approved === true) return { _tag: "Approved" }
      return approved === false ? { _tag: "Refused", reason: reasonOf(comment) } : { _tag: "Undecided" }
    }
  }
}

const reasonOf = (comment: unknown): string | null =>
  typeof comment === "string" && comment !== ""
    ? cut(comment.toWellFormed(), Limits.proposalReasonCharacters)
    : null
