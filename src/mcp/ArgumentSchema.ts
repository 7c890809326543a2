import type { Tool } from "@modelcontextprotocol/server"
import type { Json, JsonObject } from "effect/Schema"
import { isObject } from "../domain/Json.ts"
import { utf8Bytes } from "../domain/Text.ts"

/** An input schema that a client need not see whole: the service checks the inputs in any case. */
const schemaBytesTold = 8_000

/** What a workflow's tool takes; undefined: its schema is too large to be told. */
export const argumentSchemaOf = (schema: JsonObject | null): Tool["inputSchema"] | undefined => {
  if (schema === null) return { type: "object" }
  const told = rootOf(withoutHeaders(schema))
  return utf8Bytes(JSON.stringify(told)) > schemaBytesTold ? undefined : { ...told, type: "object" }
}

/** Older clients know no `true` and `false` in the place of a member's schema. */
const rootOf = (schema: JsonObject): JsonObject => {
  const { properties } = schema
  if (!isObject(properties)) return schema
  const members = Object.entries(properties).map(([name, member]): [string, Json] => [
    name,
    member === true ? {} : member === false ? { not: {} } : member
  ])
  return { ...schema, properties: Object.fromEntries(members) }
}

/** The keywords whose members are schemas by names that the author chose. */
const byName = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"])

/** The keywords that hold values, not schemas. */
const values = new Set(["const", "enum", "default", "examples"])

/**
 * The schema without `x-mcp-header`: it would have clients repeat an argument in a header, where whoever passes the
 * request on may write it down.
 */
const withoutHeaders = (schema: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(schema).flatMap(([keyword, value]): ReadonlyArray<[string, Json]> =>
      keyword === "x-mcp-header"
        ? []
        : values.has(keyword)
        ? [[keyword, value]]
        : byName.has(keyword) && isObject(value)
        ? [[keyword, Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inside(inner)]))]]
        : [[keyword, inside(value)]]
    )
  )

const inside = (value: Json): Json =>
  Array.isArray(value) ? value.map(inside) : isObject(value) ? withoutHeaders(value) : value
