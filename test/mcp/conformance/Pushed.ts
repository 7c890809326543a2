import { Effect } from "effect"
import type { Call } from "../../../src/mcp/Catalog.ts"
import { fixture, said, texts } from "./Tools.ts"

/** Asks the user by a request to the client, whose answer comes by a request of its own. */
const elicit = ({ context }: Call, message: string, properties: object, required: ReadonlyArray<string> = []) =>
  Effect.promise(() =>
    context.mcpReq.send({
      method: "elicitation/create",
      params: { mode: "form", message, requestedSchema: { type: "object", properties, required: [...required] } }
    })
  )

const defaults = {
  name: { type: "string", default: "John Doe" },
  age: { type: "integer", default: 30 },
  score: { type: "number", default: 95.5 },
  status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
  verified: { type: "boolean", default: true }
}

const titled = (...titles: ReadonlyArray<string>) => titles.map((title, at) => ({ const: `value${at + 1}`, title }))

const options = ["option1", "option2", "option3"]

const enums = {
  untitledSingle: { type: "string", enum: options },
  titledSingle: { type: "string", oneOf: titled("First Option", "Second Option", "Third Option") },
  legacyEnum: {
    type: "string",
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["Option One", "Option Two", "Option Three"]
  },
  untitledMulti: { type: "array", items: { type: "string", enum: options } },
  titledMulti: { type: "array", items: { anyOf: titled("First Choice", "Second Choice", "Third Choice") } }
}

/** Tools that ask the client by requests to it, as servers with sessions could before 2026-07-28. */
export const pushedTools = [
  fixture("test_sampling", ({ prompt }, { context }) =>
    Effect.map(
      Effect.promise(() =>
        context.mcpReq.send({
          method: "sampling/createMessage",
          params: { messages: [{ role: "user", content: { type: "text", text: String(prompt) } }], maxTokens: 100 }
        })
      ),
      ({ content }) => said(`LLM response: ${JSON.stringify(content)}`)
    ), texts("prompt")),
  fixture("test_elicitation", ({ message }, call) =>
    Effect.map(
      elicit(call, String(message), {
        username: { type: "string", description: "User's response" },
        email: { type: "string", description: "User's email address" }
      }, ["username", "email"]),
      (result) => said(`User response: ${JSON.stringify(result)}`)
    ), texts("message")),
  fixture("test_elicitation_sep1034_defaults", (_, call) =>
    Effect.map(
      elicit(call, "Please review", defaults),
      (result) => said(`Elicitation completed: ${JSON.stringify(result)}`)
    )),
  fixture("test_elicitation_sep1330_enums", (_, call) =>
    Effect.map(
      elicit(call, "Please choose", enums),
      (result) => said(`Elicitation completed: ${JSON.stringify(result)}`)
    ))
]
