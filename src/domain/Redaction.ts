import type { Json } from "effect/Schema"
import { isObject } from "./Json.ts"
import { needlesOf, shortestNeedle } from "./redaction/Needles.ts"
import type { Match } from "./redaction/Search.ts"
import { addMatch, makeSearch } from "./redaction/Search.ts"
import type { Decoder } from "./redaction/Views.ts"
import { form, html, json, unwrapped, url } from "./redaction/Views.ts"

/** Takes secrets out of what leaves the engine. */
export interface Redactor {
  /** The text with `[secret:NAME]` where a secret stood; the same text if none did. */
  readonly text: (text: string) => string
  /** The value with every text, key and number in it redacted; the very same value if nothing was. */
  readonly json: (value: Json) => Json
  /** There is nothing to look for. */
  readonly empty: boolean
}

/** How many escapes around each other are seen through: JSON inside of JSON, a URL inside of HTML. */
const escapeDepth = 2

/** A replacement may put together what reads like a secret again: so often it is replaced too, then all of the text. */
const rounds = 3

/**
 * Makes the redactor of these values by name. A value is found as it is and without the white space around it, in JSON,
 * URLs, forms and HTML, broken into lines, in hexadecimal, and in base64 also as a part of a longer text. Values that
 * overlap are replaced as one. A value of fewer than four characters is replaced where it is all of a text.
 *
 * Not found are parts of a value, and values that were compressed, encrypted, hashed or written in another encoding.
 */
export const makeRedactor = (secrets: ReadonlyMap<string, string>): Redactor => {
  const present = [...secrets].filter(([, value]) => value !== "")
  if (present.length === 0) return { text: (text) => text, json: (value) => value, empty: true }

  const find = makeFinder(present)
  const placeholders = new Map(present.map(([name]) => {
    const placeholder = `[secret:${name}]`
    return [name, find(placeholder).length === 0 ? placeholder : "***"]
  }))
  const placeholderOf = (name: string): string => placeholders.get(name) ?? "***"
  const short = new Map(
    present.flatMap(([name, value]) => value.length < shortestNeedle ? [[value, placeholderOf(name)] as const] : [])
  )
  const numbers = new Map(
    present.flatMap(([name, value]) => numericValue(value).map((number) => [number, placeholderOf(name)]))
  )

  const text = (original: string): string => {
    let redacted = short.get(original) ?? original
    for (let round = 0; round < rounds; round++) {
      const matches = find(redacted)
      if (matches.length === 0) return redacted
      redacted = replace(redacted, matches, placeholderOf)
    }
    return find(redacted).length === 0 ? redacted : "***"
  }

  const number = (value: number): Json => {
    const written = String(value)
    const redacted = numbers.get(value) ?? text(written)
    return redacted === written ? value : redacted
  }

  const redact = (value: Json): Json => {
    if (typeof value === "string") return text(value)
    if (typeof value === "number") return number(value)
    if (isObject(value)) return redactMembers(value)
    return Array.isArray(value) ? redactItems(value) : value
  }

  const redactItems = (items: ReadonlyArray<Json>): Json => {
    const redacted = items.map(redact)
    return redacted.some((item, index) => item !== items[index]) ? redacted : items
  }

  const redactMembers = (members: { readonly [name: string]: Json }): Json => {
    const entries = Object.entries(members)
    const redacted = entries.map(([key, value]) => [text(key), redact(value)] as const)
    return redacted.some(([key, value], index) => key !== entries[index]?.[0] || value !== entries[index]?.[1])
      ? Object.fromEntries(withUniqueKeys(redacted))
      : members
  }

  // What is found in a value's texts is found in its JSON as well, behind one more escape; looking there is faster.
  const isClean = (value: Json): boolean =>
    short.size + numbers.size === 0 && find(JSON.stringify(value), escapeDepth + 1).length === 0

  return { text, json: (value) => isClean(value) ? value : redact(value), empty: false }
}

/** Finds the secrets in a text and in each of its views. */
const makeFinder = (secrets: ReadonlyArray<readonly [name: string, value: string]>) => {
  const needles = secrets.flatMap(([name, value]) => needlesOf(name, value))
  const search = makeSearch(needles)
  const hasSpaces = needles.some(({ text }) => text.includes(" "))
  const decoders: ReadonlyArray<Decoder> = [url, json, html, unwrapped, ...(hasSpaces ? [form] : [])]

  const find = (text: string, depth = escapeDepth): ReadonlyArray<Match> => {
    const matches = search(text)
    if (depth === 0 || !mayHoldEscapes.test(text)) return matches
    return [...matches, ...decoders.flatMap((decoder) => findInView(text, decoder, depth - 1))]
  }

  const findInView = (text: string, decoder: Decoder, depth: number): ReadonlyArray<Match> => {
    const view = decoder(text)
    if (view === undefined) return []
    return find(view.text, depth)
      .filter(({ end, start }) => end - start >= view.shortestMatch)
      .map((match) => ({ ...match, ...view.placeOf(match.start, match.end) }))
  }

  return find
}

const mayHoldEscapes = /[%+\\&\r\n]/

/** Puts one placeholder for each run of matches that overlap: that of the longest. */
const replace = (text: string, matches: ReadonlyArray<Match>, placeholderOf: (name: string) => string): string => {
  const merged: Array<Match> = []
  for (const match of matches.toSorted((a, b) => a.start - b.start)) addMatch(merged, match)
  const parts: Array<string> = []
  let copied = 0
  for (const { end, name, start } of merged) {
    parts.push(text.slice(copied, start), placeholderOf(name))
    copied = end
  }
  return parts.join("") + text.slice(copied)
}

/** What a secret of digits is as a number, whose zeros and last digits JSON does not keep. */
const numericValue = (value: string): ReadonlyArray<number> => {
  const number = /^\s*-?\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : NaN
  return Number.isFinite(number) && String(number).length >= shortestNeedle ? [number] : []
}

/** Two keys that are the same once they are redacted must not become one. */
const withUniqueKeys = (entries: ReadonlyArray<readonly [key: string, value: Json]>) => {
  const seen = new Set<string>()
  return entries.map(([key, value]) => {
    let unique = key
    for (let count = 2; seen.has(unique); count++) unique = `${key} (${count})`
    seen.add(unique)
    return [unique, value] as const
  })
}
