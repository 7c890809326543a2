import { specTypeSchemas } from "@modelcontextprotocol/server"
import type { JsonObject } from "effect/Schema"
import { describe, expect, it } from "vitest"
import { formOf } from "../../src/mcp/Questions.ts"

const object = (properties: JsonObject, more: JsonObject = {}) => ({ type: "object", properties, ...more })

/** The form, which is one that the protocol knows. */
const validFormOf = (schema: JsonObject) => {
  const form = formOf(schema)
  const request = { method: "elicitation/create", params: { mode: "form", message: "?", requestedSchema: form } }
  if (form !== undefined) {
    expect(specTypeSchemas.ElicitRequest["~standard"].validate(request)).toEqual({ value: request })
  }
  return form
}

describe("the form of a schema", () => {
  it("says of its members what forms can say", () => {
    const properties = {
      amount: { type: "integer", title: "Amount", description: "In euros", minimum: 1, maximum: 9, default: 5 },
      share: { type: "number", minimum: 0.5 },
      mail: { type: "string", format: "email", minLength: 3, maxLength: 80, default: "a@b.c" },
      on: { type: "string", format: "date" },
      sure: { type: "boolean", default: false },
      way: { type: "string", enum: ["in", "out"], default: "in" }
    }
    expect(validFormOf(object(properties, { required: ["amount"] }))).toEqual({
      type: "object",
      properties,
      required: ["amount"]
    })
  })

  it("leaves out what forms can't say", () => {
    const odd = object({
      text: { type: "string", format: "uuid", pattern: "^a", minLength: "3", default: 1, title: 2 },
      way: { type: "string", enum: ["in", 1, null], default: "out", minLength: 1 },
      count: { type: "integer", exclusiveMinimum: 1, multipleOf: 2, default: "1" }
    }, { required: ["text", 1] })
    expect(validFormOf(odd)).toEqual({
      type: "object",
      properties: { text: { type: "string" }, way: { type: "string", enum: ["in"] }, count: { type: "integer" } },
      required: ["text"]
    })
  })

  const list = { type: "array" }
  const text = { type: "string" }

  it.each([
    ["a list", list],
    ["an object", { type: "object" }],
    ["one of two types", { type: ["string", "null"] }],
    ["one of some numbers", { type: "integer", enum: [1, 2] }],
    ["no text of those", { type: "string", enum: [1] }],
    ["what another schema says", { type: "string", $ref: "#/$defs/a" }],
    ["of any type", {}]
  ])("leaves out a member that is %s, if it need not be there", (_, member) => {
    expect(validFormOf(object({ text, member }))).toEqual({ type: "object", properties: { text }, required: [] })
    expect(formOf(object({ text, member }, { required: ["member"] }))).toBeUndefined()
    expect(formOf(object({ member }))).toBeUndefined()
  })

  it("is none where the schema wants more than its members say", () => {
    const properties = { text }
    expect(formOf(object(properties, { required: ["other"] }))).toBeUndefined()
    for (const keyword of ["allOf", "anyOf", "oneOf"]) {
      expect(formOf(object(properties, { [keyword]: [{ required: ["other"] }] }))).toBeUndefined()
    }
    expect(formOf({ type: "string" })).toBeUndefined()
    expect(formOf({ properties })).toBeUndefined()
  })

  it("is none where it would be larger than an answer may be", () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`member-${index}`, text]))
    expect(formOf(object(many))).toBeUndefined()
  })
})
