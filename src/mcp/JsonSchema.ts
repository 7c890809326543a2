import { Schema, SchemaAST } from "effect"
import { withNotesBeside } from "../domain/DefinitionSchema.ts"
import { Timestamp } from "../domain/Timestamp.ts"

/** A JSON Schema, or a part of one. */
export type Node = Readonly<Record<string, unknown>>

/** The schema of an object, as tools have it. */
export interface ObjectNode {
  readonly [key: string]: unknown
  readonly type: "object"
}

/**
 * A schema as the JSON Schema of a tool's input: an object at its root, without references, and with what is said of a
 * member beside it.
 */
export const inputSchemaOf = (schema: Schema.Constraint): ObjectNode => {
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
  return { ...flat(shortly(inlined(withNotesBeside(root), definitions), obvious)), type: "object" }
}

/** What stands alone in an `allOf` stands beside it: simpler clients don't look inside. What is said already stays. */
const flat = (node: Node): Node => {
  const visit = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(visit) : isNode(value) ? flat(value) : value
  const { allOf, ...rest } = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, visit(value)]))
  const only: unknown = Array.isArray(allOf) && allOf.length === 1 ? allOf[0] : undefined
  if (isNode(only)) return { ...only, ...rest }
  return allOf === undefined ? rest : { ...rest, allOf }
}

/** The same of a tool's output: which members it has, and of what kind. What they keep to takes tokens, and tells little. */
export const outputSchemaOf = (schema: Schema.Constraint): ObjectNode => {
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema)
  return { ...kindsAlone(shortly(inlined(withNotesBeside(root), definitions), assurances), 0), type: "object" }
}

/** How deep in an output what holds others is told with them. */
const deepest = 5

/**
 * The members by name and kind, without the values that they may have; what is said of them, too, unless they stand deeper
 * inside.
 */
const kindsAlone = (node: Node, level: number): Node => {
  const { description, enum: _values, required: _required, ...rest } = node
  const isTold = (key: string) => level <= deepest || (key !== "items" && key !== "properties")
  const visit = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(visit) : isNode(value) ? kindsAlone(value, level + 1) : value
  return {
    ...Object.fromEntries(Object.entries(rest).flatMap(([key, value]) => isTold(key) ? [[key, visit(value)]] : [])),
    ...(level > 2 || description === undefined || description === timeNote ? {} : { description })
  }
}

/** What is said of every time. */
const timeNote = SchemaAST.resolveDescription(Timestamp.ast)

/** What goes without saying: that a number is one that JSON can say, and that a name is not empty. */
const obvious = (key: string, value: unknown): boolean =>
  ((key === "minimum" || key === "maximum") && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER) ||
  (key === "minLength" && value === 1)

const assurances = (key: string): boolean =>
  ["additionalProperties", "format", "maximum", "maxLength", "minimum", "minLength", "pattern"].includes(key)

/** The schema without the members that are left out; a type or null in one line. */
const shortly = (node: Node, isLeftOut: (key: string, value: unknown) => boolean): Node => {
  const { anyOf, ...rest } = node
  const visit = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(visit) : isNode(value) ? shortly(value, isLeftOut) : value
  const kept = Object.fromEntries(
    Object.entries(rest).flatMap(([key, value]) => isLeftOut(key, value) ? [] : [[key, visit(value)]])
  )
  if (!Array.isArray(anyOf)) return kept
  const [first, second, ...others] = anyOf.map(visit).filter(isNode)
  if (others.length > 0 || second?.["type"] !== "null" || typeof first?.["type"] !== "string") {
    return { ...kept, anyOf: anyOf.map(visit) }
  }
  const { enum: values, type } = first
  return { ...first, ...kept, type: [type, "null"], ...(Array.isArray(values) ? { enum: [...values, null] } : {}) }
}

const reference = "#/$defs/"

/** The schema with its references written out. Those that hold themselves stay objects of any kind. */
const inlined = (
  node: Node,
  definitions: Readonly<Record<string, unknown>>,
  around: ReadonlyArray<string> = []
): Node => {
  const { $ref, ...rest } = node
  if (typeof $ref === "string") {
    const name = $ref.slice(reference.length)
    const target = definitions[name]
    if (around.includes(name) || !isNode(target)) return rest
    return { ...inlined(withNotesBeside(target), definitions, [...around, name]), ...rest }
  }
  const visit = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(visit) : isNode(value) ? inlined(value, definitions, around) : value
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, visit(value)]))
}

export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * What a large schema says, in short: the members of its objects down to `depth`, their kinds and what is said of them.
 * Of alternatives that a `type` tells apart the types are named. It admits whatever the schema admits.
 */
export const summaryOf = (schema: Schema.Constraint, depth: number): Node => {
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
  const resolve = (node: Node): Node => {
    const { $ref, ...rest } = node
    const target = typeof $ref === "string" ? definitions[$ref.slice(reference.length)] : undefined
    return isNode(target) ? { ...resolve(target), ...rest } : node
  }
  return shortened(withNotesBeside(root), depth, (node) => resolve(withNotesBeside(node)))
}

/** What is said before the details: `The id: 1 to 64 characters` says `The id`. */
const inShort = (description: string): string => description.split(": ", 1)[0] ?? description

const shortened = (node: Node, depth: number, resolve: (node: Node) => Node): Node => {
  const { anyOf, default: fallback, description, enum: values, items, properties, required, type } = resolve(node)
  const said = {
    ...(typeof description === "string" ? { description: inShort(description) } : {}),
    ...(fallback === undefined ? {} : { default: fallback })
  }
  if (Array.isArray(anyOf)) return { ...said, ...kindsOf(anyOf.filter(isNode).map(resolve), depth, resolve) }
  if (type === "array") {
    const item = isNode(items) && depth > 0 ? shortened(items, depth, resolve) : {}
    return { ...said, type, ...(isNode(item["properties"]) ? { items: item } : {}) }
  }
  if (type !== "object") {
    return { ...said, ...(type === undefined ? {} : { type }), ...(values === undefined ? {} : { enum: values }) }
  }
  if (depth === 0 || !isNode(properties)) return { ...said, type }
  return {
    ...said,
    type,
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [
        name,
        isNode(member) ? shortened(member, depth - 1, resolve) : {}
      ])
    ),
    ...(required === undefined ? {} : { required })
  }
}

/** Alternatives: objects that a `type` tells apart become one with the members that all of them have. */
const kindsOf = (kinds: ReadonlyArray<Node>, depth: number, resolve: (node: Node) => Node): Node => {
  const objects = kinds.filter((kind) => isNode(kind["properties"]) && isNode(kind["properties"]["type"]))
  const [first, ...others] = objects.map((kind) => Object(kind["properties"]))
  if (first === undefined || depth === 0 || objects.length < kinds.length) return {}
  const common = Object.keys(first).filter((name) => others.every((members) => Object.hasOwn(members, name)))
  const types = objects.flatMap((kind) => Object(Object(kind["properties"])["type"])["enum"] ?? [])
  return {
    type: "object",
    properties: Object.fromEntries(common.map((name) => [
      name,
      name === "type" ? { type: "string", enum: types } : name === "config"
        ? { type: "object" }
        : shortened(Object(first[name]), 0, resolve)
    ])),
    required: Object(objects[0])["required"]
  }
}
