import { formats } from "./Formats.ts"
import { within } from "./Problems.ts"
import type { Keyword } from "./Reader.ts"

const draft = /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/

/** The keywords of JSON Schema 2020-12 that assert or apply something, and how each is read. Others are annotations. */
export const keywords: ReadonlyMap<string, Keyword> = new Map<string, Keyword>([
  ["$schema", (reader, _, value, place) => {
    const name = reader.string(value, place)
    if (name !== undefined && !draft.test(name)) {
      reader.refuse(place, "must be \"https://json-schema.org/draft/2020-12/schema\"")
    }
  }],
  ["$id", (reader, _, value, place) => {
    reader.string(value, place)
    if (place?.parent !== undefined) reader.refuse(place, "may stand at the top of a schema alone")
  }],
  ["$anchor", (reader, rules, value, place) => reader.anchor(value, place, rules)],
  ["$dynamicAnchor", (reader, rules, value, place) => reader.anchor(value, place, rules)],
  ["$ref", (reader, rules, value, place) => reader.reference(value, place, rules)],
  ["$dynamicRef", (reader, rules, value, place) => reader.reference(value, place, rules)],
  ["$defs", (reader, _, value, place) => void reader.schemasByName(value, place)],
  ["definitions", (reader, _, value, place) => void reader.schemasByName(value, place)],

  ["type", (reader, rules, value, place) => rules.type = reader.types(value, place)],
  ["const", (reader, rules, value) => rules.const = reader.choices([value])],
  ["enum", (reader, rules, value, place) => {
    const values = reader.array(value, place)
    rules.enum = values && reader.choices(values)
  }],

  ["multipleOf", (reader, rules, value, place) => rules.multipleOf = reader.positive(value, place)],
  ["maximum", (reader, rules, value, place) => rules.maximum = reader.number(value, place)],
  ["exclusiveMaximum", (reader, rules, value, place) => rules.exclusiveMaximum = reader.number(value, place)],
  ["minimum", (reader, rules, value, place) => rules.minimum = reader.number(value, place)],
  ["exclusiveMinimum", (reader, rules, value, place) => rules.exclusiveMinimum = reader.number(value, place)],

  ["maxLength", (reader, rules, value, place) => rules.maxLength = reader.count(value, place)],
  ["minLength", (reader, rules, value, place) => rules.minLength = reader.count(value, place)],
  ["pattern", (reader, rules, value, place) => {
    const source = reader.string(value, place)
    rules.pattern = source === undefined ? undefined : reader.pattern(source, place)
  }],
  ["format", (reader, rules, value, place) => rules.format = formats.get(reader.string(value, place) ?? "")],

  ["maxItems", (reader, rules, value, place) => rules.maxItems = reader.count(value, place)],
  ["minItems", (reader, rules, value, place) => rules.minItems = reader.count(value, place)],
  ["uniqueItems", (reader, rules, value, place) => rules.uniqueItems = reader.boolean(value, place)],
  ["maxContains", (reader, rules, value, place) => rules.maxContains = reader.count(value, place)],
  ["minContains", (reader, rules, value, place) => rules.minContains = reader.count(value, place)],
  ["prefixItems", (reader, rules, value, place) => rules.prefixItems = reader.schemas(value, place)],
  ["items", (reader, rules, value, place) => {
    if (Array.isArray(value)) reader.refuse(place, "must be one schema; schemas by position stand in \"prefixItems\"")
    else rules.items = reader.schema(value, place)
  }],
  ["contains", (reader, rules, value, place) => rules.contains = reader.schema(value, place)],
  ["unevaluatedItems", (reader, rules, value, place) => rules.unevaluatedItems = reader.schema(value, place)],

  ["maxProperties", (reader, rules, value, place) => rules.maxProperties = reader.count(value, place)],
  ["minProperties", (reader, rules, value, place) => rules.minProperties = reader.count(value, place)],
  ["required", (reader, rules, value, place) => rules.required = reader.names(value, place)],
  ["dependentRequired", (reader, rules, value, place) => {
    rules.dependentRequired = reader.byName(value, place, (names, at) => reader.names(names, at))
  }],
  ["dependentSchemas", (reader, rules, value, place) => rules.dependentSchemas = reader.schemasByName(value, place)],
  ["properties", (reader, rules, value, place) => rules.properties = reader.schemasByName(value, place)],
  ["patternProperties", (reader, rules, value, place) => {
    rules.patternProperties = [...reader.schemasByName(value, place)].flatMap(([source, node]) => {
      const pattern = reader.pattern(source, within(place, source))
      return pattern === undefined ? [] : [[pattern, node] as const]
    })
  }],
  ["additionalProperties", (reader, rules, value, place) => rules.additionalProperties = reader.schema(value, place)],
  ["propertyNames", (reader, rules, value, place) => rules.propertyNames = reader.schema(value, place)],
  ["unevaluatedProperties", (reader, rules, value, place) => rules.unevaluatedProperties = reader.schema(value, place)],

  ["allOf", (reader, rules, value, place) => rules.allOf = reader.schemas(value, place)],
  ["anyOf", (reader, rules, value, place) => rules.anyOf = reader.schemas(value, place)],
  ["oneOf", (reader, rules, value, place) => rules.oneOf = reader.schemas(value, place)],
  ["not", (reader, rules, value, place) => rules.not = reader.schema(value, place)],
  ["if", (reader, rules, value, place) => rules.if = reader.schema(value, place)],
  ["then", (reader, rules, value, place) => rules.then = reader.schema(value, place)],
  ["else", (reader, rules, value, place) => rules.else = reader.schema(value, place)]
])
