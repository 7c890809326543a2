import type { Json, JsonObject } from "effect/Schema"
import { Limits } from "../../domain/Limits.ts"
import { keywords } from "./Keywords.ts"
import type { Place } from "./Problems.ts"
import { Reader } from "./Reader.ts"
import type { Node, Reference, Rules, SchemaProblem } from "./Rules.ts"
import { appliedInPlace } from "./Rules.ts"
import type { Work } from "./Work.ts"

/** A schema that was read. It may be applied when it has no problems. */
export interface Reading {
  readonly root: Node
  readonly problems: ReadonlyArray<SchemaProblem>
}

/** Reads a schema: the shape of its keywords, its patterns, and where its references point. */
export const readSchema = (schema: JsonObject, work: Work): Reading => {
  const reader = new Reader(keywords, work)
  const root = reader.schema(schema, undefined)
  for (const reference of reader.references) {
    work.spend(1 + (reference.text.length >> 3))
    const target = targetOf(reference, schema, reader)
    if (target === undefined) reader.refuse(reference.place, unknownReference)
    else reference.target = target
  }
  const endless = reader.problems.length > 0 ? undefined : findEndless(reader.rules.values(), work)
  if (endless !== undefined) reader.refuse(endless.place, endless.message)
  return { root, problems: reader.problems }
}

const unknownReference =
  "must point to a schema inside this one: \"#\", \"#/$defs/name\" or such a path, or \"#\" and the name of an anchor"

/** The schema at the end of a JSON pointer or of that anchor, if one was read there. */
const targetOf = ({ text }: Reference, schema: JsonObject, reader: Reader): Node | undefined => {
  const fragment = text.startsWith("#") ? decode(text.slice(1)) : undefined
  if (fragment === undefined) return undefined
  if (fragment !== "" && !fragment.startsWith("/")) return reader.anchors.get(fragment)
  const value = fragment.split("/").slice(1).map(unescape).reduce(memberOf, schema)
  return typeof value === "boolean" ? value : value === undefined ? undefined : reader.rules.get(value)
}

const decode = (fragment: string): string | undefined => {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return undefined
  }
}

const unescape = (segment: string): string => segment.replaceAll("~1", "/").replaceAll("~0", "~")

const memberOf = (value: Json | undefined, key: string): Json | undefined => {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined
  return Array.isArray(value) ? arrayIndex.test(key) ? value[Number(key)] : undefined : Reflect.get(value, key)
}

const arrayIndex = /^(?:0|[1-9]\d*)$/

/** A schema that leads back to itself on the same value, or through too many others. Each schema is visited once. */
const findEndless = (
  all: Iterable<Rules>,
  work: Work
): { readonly place: Place; readonly message: string } | undefined => {
  const done = new Set<Rules>()
  const open = new Set<Rules>()
  const visit = (rules: Rules): string | undefined => {
    if (done.has(rules)) return undefined
    if (open.has(rules)) return "leads back to itself without going into the value"
    if (open.size >= Limits.schemaDepth) return `leads through more than ${Limits.schemaDepth} schemas`
    open.add(rules)
    for (const node of appliedInPlace(rules)) {
      work.spend(1)
      const message = typeof node === "boolean" ? undefined : visit(node)
      if (message !== undefined) return message
    }
    open.delete(rules)
    done.add(rules)
    return undefined
  }
  for (const rules of all) {
    const message = visit(rules)
    // Schemas nest as deep as JSON alone: whatever leads on for ever has a reference on its way.
    const reference = message === undefined ? undefined : [...open].flatMap(({ references }) => references).at(-1)
    if (message !== undefined) return { place: reference?.place, message }
  }
  return undefined
}
