import type { RequestId } from "@modelcontextprotocol/client"
import { StepFailure } from "../../StepHandler.ts"

/** What goes wrong while a tool is called, besides what the client itself fails with. */
export interface Trouble {
  /** The failure of the newest request. The client may get over it: it asks for a lost stream again, or as an older one. */
  last: StepFailure | undefined
  /** The requests that the server answers by a stream of events. */
  readonly streamed: Set<RequestId>
  /** Fails the step at once. */
  readonly end: (failure: StepFailure) => void
}

/** An answer came to its end, and the result was not in it. */
export const noResult = new StepFailure({
  code: "network",
  message: "The upstream ended its answer without a result"
})

/** The server asks for something that a person, or a model, would have to answer. */
export const asksForInput = (what: string): StepFailure =>
  new StepFailure({ code: "mcp-error", message: `The tool asks for input (${what}), which a step can't give` })
