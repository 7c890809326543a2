import type { InputRequiredResult } from "@modelcontextprotocol/server"
import { CLIENT_CAPABILITIES_META_KEY, inputRequired, inputResponse } from "@modelcontextprotocol/server"
import { Effect, Option, Schema } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import { isObject } from "../domain/Json.ts"
import type { Call } from "./Catalog.ts"
import { fits } from "./Size.ts"

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

/** What a form may say of a member besides what it is for: the keywords of each type, and what their values are. */
const keywords = new Map<unknown, ReadonlyArray<readonly [keyword: string, kind: "string" | "number" | "boolean"]>>([
  ["string", [["minLength", "number"], ["maxLength", "number"], ["default", "string"]]],
  ["number", [["minimum", "number"], ["maximum", "number"], ["default", "number"]]],
  ["integer", [["minimum", "number"], ["maximum", "number"], ["default", "number"]]],
  ["boolean", [["default", "boolean"]]]
])

/** The formats of texts that forms know. */
const formats = new Set<unknown>(["email", "uri", "date", "date-time"])

/** What makes a schema say more than its other keywords do. */
const combining = ["$ref", "allOf", "anyOf", "oneOf", "not", "if"]

/**
 * A schema as a form has it: an object of texts, numbers and yes or no; what need not be said and is of another kind is
 * left out. Undefined: no form can ask for what the schema wants.
 */
export const formOf = (schema: JsonObject): FlatSchema | undefined => {
  const { properties, required, type } = schema
  if (type !== "object" || !isObject(properties) || isCombined(schema)) return undefined
  const fields = Object.fromEntries(
    Object.entries(properties).flatMap(([name, member]) => {
      const field = fieldOf(member)
      return field === undefined ? [] : [[name, field]]
    })
  )
  const needed = Array.isArray(required) ? required.filter((name) => typeof name === "string") : []
  const form = { type, properties: fields, required: needed }
  if (Object.keys(fields).length === 0 || needed.some((name) => !Object.hasOwn(fields, name)) || !fits(form)) {
    return undefined
  }
  // SAFETY: each member was just made of a type and of keywords that forms have, with values of their kinds.
  return form as FlatSchema
}

/** A member of a form; undefined: forms have none of this kind. */
const fieldOf = (member: Json) => {
  if (!isObject(member) || isCombined(member)) return undefined
  const { enum: values, format, type } = member
  const own = keywords.get(type)
  if (own === undefined) return undefined
  const said = (names: typeof own) =>
    Object.fromEntries(names.flatMap(([name, kind]) => typeof member[name] === kind ? [[name, member[name]]] : []))
  const about = { type, ...said([["title", "string"], ["description", "string"]]) }
  if (values === undefined) return { ...about, ...said(own), ...(formats.has(format) ? { format } : {}) }
  const texts = type === "string" && Array.isArray(values) ? values.filter((value) => typeof value === "string") : []
  if (texts.length === 0) return undefined
  const { default: chosen } = member
  return { ...about, enum: texts, ...(typeof chosen === "string" && texts.includes(chosen) ? { default: chosen } : {}) }
}

const isCombined = (schema: JsonObject): boolean => combining.some((keyword) => Object.hasOwn(schema, keyword))
