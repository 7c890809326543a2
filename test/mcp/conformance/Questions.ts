import type { ClientCapabilities, InputRequest } from "@modelcontextprotocol/server"
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  ProtocolError,
  ProtocolErrorCode
} from "@modelcontextprotocol/server"
import { Effect } from "effect"
import type { Call } from "../../../src/mcp/Catalog.ts"
import { fixture, said } from "./Tools.ts"

/** A question to the user, with one text of this name as its answer. */
export const form = (message: string, name: string): InputRequest =>
  inputRequired.elicit({
    message,
    requestedSchema: { type: "object", properties: { [name]: { type: "string" } }, required: [name] }
  })

/** A question to the client's model. */
const sampling = (text: string, maxTokens: number): InputRequest =>
  inputRequired.createMessage({ messages: [{ role: "user", content: { type: "text", text } }], maxTokens })

/** What the user has answered to a form: a text, or nothing that could be used. */
export const textOf = ({ context }: Call, question: string, name: string): string | undefined => {
  const value = acceptedContent(context.mcpReq.inputResponses, question)?.[name]
  return typeof value === "string" ? value : undefined
}

const kindOf = ({ context }: Call, question: string) => inputResponse(context.mcpReq.inputResponses, question).kind

const ask = (inputRequests: Readonly<Record<string, InputRequest>>) =>
  Effect.succeed(inputRequired({ inputRequests: { ...inputRequests } }))

/** Asks, and gives the client what it has to bring back. */
const askWith = (call: Call, state: unknown, inputRequests: Readonly<Record<string, InputRequest>>) =>
  Effect.map(call.seal(state), (requestState) => inputRequired({ inputRequests: { ...inputRequests }, requestState }))

const stateOf = ({ context }: Call): unknown => context.mcpReq.requestState()

/** What the client says of itself with this request. */
const capabilitiesOf = ({ context }: Call): ClientCapabilities =>
  Object(Object(context.mcpReq.envelope)[CLIENT_CAPABILITIES_META_KEY])

const confirmation = {
  confirm: inputRequired.elicit({
    message: "Please confirm",
    requestedSchema: { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] }
  })
}

/** Tools that ask for something before they answer, by several rounds of a call. */
export const questionTools = [
  fixture("test_input_required_result_elicitation", (_, call) => {
    const name = textOf(call, "user_name", "name")
    return name === undefined
      ? ask({ user_name: form("What is your name?", "name") })
      : Effect.succeed(said(`Hello, ${name}!`))
  }),
  fixture("test_streaming_elicitation", (_, call) =>
    kindOf(call, "user_name") === "elicit"
      ? Effect.succeed(said("Answered"))
      : ask({ user_name: form("What is your name?", "name") })),
  fixture("test_input_required_result_sampling", (_, call) =>
    kindOf(call, "capital_question") === "sampling"
      ? Effect.succeed(said(JSON.stringify(call.context.mcpReq.inputResponses?.["capital_question"])))
      : ask({ capital_question: sampling("What is the capital of France?", 100) })),
  fixture("test_input_required_result_list_roots", (_, call) =>
    kindOf(call, "client_roots") === "roots"
      ? Effect.succeed(said(JSON.stringify(call.context.mcpReq.inputResponses?.["client_roots"])))
      : ask({ client_roots: inputRequired.listRoots() })),
  ...["test_input_required_result_request_state", "test_input_required_result_tampered_state"].map((tool) =>
    fixture(tool, (_, call) => {
      if (kindOf(call, "confirm") !== "elicit") return askWith(call, "confirming", confirmation)
      return stateOf(call) === "confirming"
        ? Effect.succeed(said("state-ok"))
        : Effect.die(new ProtocolError(ProtocolErrorCode.InvalidParams, "The state is missing"))
    })
  ),
  fixture(
    "test_input_required_result_multiple_inputs",
    (_, call) =>
      ["user_name", "greeting", "client_roots"].every((question) => kindOf(call, question) !== "missing") &&
        stateOf(call) === "three questions"
        ? Effect.succeed(said("All answered"))
        : askWith(call, "three questions", {
          user_name: form("What is your name?", "name"),
          greeting: sampling("Generate a greeting", 50),
          client_roots: inputRequired.listRoots()
        })
  ),
  fixture("test_input_required_result_multi_round", (_, call) => {
    const state = Object(stateOf(call))
    const name = textOf(call, "step1", "name") ?? state.name
    const color = textOf(call, "step2", "color")
    if (name === undefined) {
      return askWith(call, { round: 1 }, { step1: form("Step 1: What is your name?", "name") })
    }
    return color === undefined
      ? askWith(call, { round: 2, name }, { step2: form("Step 2: What is your favorite color?", "color") })
      : Effect.succeed(said(`${name} likes ${color}`))
  }),
  fixture("test_input_required_result_capabilities", (_, call) => {
    const { elicitation, sampling: model } = capabilitiesOf(call)
    return ask({
      ...(elicitation === undefined ? {} : { user_name: form("What is your name?", "name") }),
      ...(model === undefined ? {} : { greeting: sampling("Generate a greeting", 50) })
    })
  })
]
