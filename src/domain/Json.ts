import type { Json, JsonObject } from "effect/Schema"
import { utf8Bytes } from "./Text.ts"

/** Whether a value is an object of named members. */
export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A value's kind, for messages. */
export const kindOf = (value: unknown): string =>
  value === undefined
    ? "nothing"
    : value === null
    ? "null"
    : Array.isArray(value)
    ? "an array"
    : typeof value === "object"
    ? "an object"
    : `a ${typeof value}`

/** A text that is the same for equal values, whatever the order of their members. */
export const canonical = (value: Json): string =>
  JSON.stringify(value, (_, member: Json) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0))
      : member)

/** Whether two values are equal, whatever the order of their members. A member that is undefined is none. */
export const isSame = (a: Json | undefined, b: Json | undefined): boolean => {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item: Json, index) => isSame(item, b[index]))
  }
  if (!isObject(a) || !isObject(b)) return false
  return Object.keys(a).every((name) => isSame(a[name], ownMember(b, name))) &&
    Object.keys(b).every((name) => b[name] === undefined || Object.hasOwn(a, name))
}

/** What an object itself has under this name. */
export const ownMember = (value: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(value, name) ? value[name] : undefined

/** How many bytes a value takes as JSON in UTF-8. */
export const jsonBytes = (value: object | Json): number => utf8Bytes(JSON.stringify(value))

/** Whether JSON text nests deeper than `maximum`, told without parsing it. */
export const nestsDeeper = (text: string, maximum: number): boolean => {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === backslash) index++
      else if (code === quote) inString = false
    } else if (code === quote) inString = true
    else if (code === openBrace || code === openBracket) {
      depth++
      if (depth > maximum) return true
    } else if (code === closeBrace || code === closeBracket) depth--
  }
  return false
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

/** Whether JSON can say every number in a value: `JSON.parse` takes `1e400` for infinity, and sums may get there too. */
export const hasFiniteNumbers = (value: Json): boolean => {
  if (typeof value === "number") return Number.isFinite(value)
  if (typeof value !== "object" || value === null) return true
  const members: ReadonlyArray<Json> = Array.isArray(value) ? value : Object.values(value)
  return members.every(hasFiniteNumbers)
}
