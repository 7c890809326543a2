import { Schema } from "effect"

/**
 * `open` until a person decides; `outdated`: the workflow was changed or removed before anybody approved it, or its key has
 * proposed something else of the workflow since.
 */
export const ProposalStatus = Schema.Literals(["open", "approved", "refused", "outdated"])
export type ProposalStatus = typeof ProposalStatus.Type
