import type { InputRequiredResult } from "@modelcontextprotocol/server"
import { CLIENT_CAPABILITIES_META_KEY, inputRequired, inputResponse } from "@modelcontextprotocol/server"
import { Effect, Option, Schema } from "effect"
import type { JsonObject } from "effect/Schema"
import { isObject } from "../domain/Json.ts"
import type { Call } from "./Catalog.ts"

/** The name of the one question of a call. */
const key = "decision"

/** What the user has said to the question of a call; `Cancelled`: nothing, as when a dialog is closed. */
export type Decision =
  | { readonly _tag: "Unasked" }
  | { readonly _tag: "Accepted"; readonly content: JsonObject }
  | { readonly _tag: "Declined" }
  | { readonly _tag: "Cancelled" }

/** Whether the client can ask its user. Clients of the older revisions say so at a handshake that is not kept. */
export const canAsk = ({ context }: Call): boolean => {
  const capabilities: unknown = Object(context.mcpReq.envelope)[CLIENT_CAPABILITIES_META_KEY]
  const elicitation = Option.getOrUndefined(decodeCapabilities(capabilities))?.elicitation
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined)
}

const decodeCapabilities = Schema.decodeUnknownOption(Schema.Struct({
  elicitation: Schema.optionalKey(Schema.Struct({
    form: Schema.optionalKey(Schema.Unknown),
    url: Schema.optionalKey(Schema.Unknown)
  }))
}))

/** What came of a question; what the client says is data, to be checked as such. */
export const decisionOf = ({ context }: Call): Decision => {
  const response = inputResponse(context.mcpReq.inputResponses, key)
  if (response.kind !== "elicit") return { _tag: "Unasked" }
  switch (response.action) {
    case "accept":
      // SAFETY: it was read from a JSON text.
      return { _tag: "Accepted", content: (response.content as JsonObject | undefined) ?? {} }
    case "decline":
      return { _tag: "Declined" }
    case "cancel":
      return { _tag: "Cancelled" }
  }
}

/** Asks the user; the client calls again with the answer, and with the state. */
export const ask = (
  { seal }: Call,
  { message, schema, state }: { readonly message: string; readonly schema: FlatSchema; readonly state: unknown }
): Effect.Effect<{ readonly question: InputRequiredResult }> =>
  Effect.map(seal(state), (requestState) => ({
    question: inputRequired({
      inputRequests: { [key]: inputRequired.elicit({ message, requestedSchema: schema }) },
      requestState
    })
  }))

type FlatSchema = Exclude<
  Parameters<typeof inputRequired.elicit>[0]["requestedSchema"],
  { readonly "~standard": unknown }
>

/** What to ask where a workflow does not say: yes or no, and why. */
export const approvalSchema: FlatSchema = {
  type: "object",
  properties: {
    approved: { type: "boolean", title: "Approve" },
    comment: { type: "string", title: "Comment" }
  },
  required: ["approved"]
}

const primitives = new Set(["string", "number", "integer", "boolean"])

/** A schema as a form has it: an object of texts, numbers and yes or no. Undefined: it is not of this kind. */
export const formOf = (schema: JsonObject | null): FlatSchema | undefined => {
  const properties = schema?.["properties"]
  if (schema?.["type"] !== "object" || !isObject(properties)) return undefined
  const flat: Record<string, { readonly [member: string]: unknown }> = {}
  for (const [name, member] of Object.entries(properties)) {
    if (!isObject(member) || typeof member["type"] !== "string" || !primitives.has(member["type"])) return undefined
    const { description, enum: values, title, type } = member
    flat[name] = {
      type,
      ...(typeof title === "string" ? { title } : {}),
      ...(typeof description === "string" ? { description } : {}),
      ...(type === "string" && Array.isArray(values) ? { enum: values } : {})
    }
  }
  const required = Array.isArray(schema["required"])
    ? schema["required"].filter((name): name is string => typeof name === "string")
    : []
  // SAFETY: each member was just made of a primitive type and texts, as a form's schema wants it.
  return { type: "object", properties: flat, required } as FlatSchema
}
