import type { CallToolResult } from "@modelcontextprotocol/client"
import { Limits } from "../../../domain/Limits.ts"
import { cut } from "../../../domain/Text.ts"
import type { StepContext } from "../../StepHandler.ts"
import { StepFailure } from "../../StepHandler.ts"
import type { Trouble } from "./Trouble.ts"
import { asksForInput } from "./Trouble.ts"

/** The client's package. It is loaded when a step needs it. */
export type Sdk = typeof import("./Sdk.ts")

/** What a tool says of its failure. */
export const toolFailure = ({ content }: CallToolResult, redact: StepContext["redact"]): StepFailure => {
  const text = content.flatMap((block) => block.type === "text" ? [block.text] : []).join("\n")
  return new StepFailure({
    code: "mcp-error",
    message: text.trim() === "" ? "The tool failed" : bounded(text, redact)
  })
}

/** Why the client gave up. */
export const clientFailure = (
  sdk: Sdk,
  error: unknown,
  trouble: Trouble,
  redact: StepContext["redact"]
): StepFailure => {
  if (error instanceof StepFailure) return error
  if (error instanceof sdk.ProtocolError) {
    return new StepFailure({
      code: "mcp-error",
      message: bounded(error.message, redact),
      details: { code: error.code }
    })
  }
  if (trouble.last !== undefined) return trouble.last
  const reason = error instanceof sdk.SdkError && error.cause instanceof Error ? error.cause : error
  if (reason instanceof sdk.SdkError && isInputRequired(reason.data)) return asksForInput("input_required")
  // What a parser says of an answer depends on the platform, and may be as long as the answer.
  return reason instanceof sdk.SdkError || (reason instanceof Error && reason.name === "Error")
    ? notUnderstood(bounded(reason.message, redact))
    : notUnderstood("it is no message of the protocol")
}

const notUnderstood = (why: string): StepFailure =>
  new StepFailure({ code: "invalid-response", message: `The answer is not what MCP asks for: ${why}` })

const isInputRequired = (data: unknown): boolean =>
  typeof data === "object" && data !== null && "resultType" in data && data.resultType === "input_required"

const bounded = (text: string, redact: StepContext["redact"]): string =>
  cut(redact(text), Limits.errorMessageCharacters)
