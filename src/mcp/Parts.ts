import type { ContentBlock } from "@modelcontextprotocol/server"
import type { Json } from "effect/Schema"
import { jsonBytes } from "../domain/Json.ts"
import { fits } from "./Size.ts"

/** A value that may be too large for an answer, and the resource that holds it. */
export interface Part {
  readonly value: Json
  readonly uri: string
}

/** What stands in an answer in place of a value that is too large for it. */
export const elsewhere = (value: Json, uri: string): Json => ({ omittedBytes: jsonBytes(value), resource: uri })

/**
 * An answer with as many of its parts as there is room for: the largest are left out first, and stand behind links to the
 * resources that hold them.
 */
export const withParts = <Output>(
  parts: ReadonlyMap<string, Part>,
  make: (values: ReadonlyMap<string, Json>) => Output
): { readonly output: Output; readonly links: ReadonlyArray<ContentBlock> } => {
  const values = new Map([...parts].map(([name, { value }]) => [name, value]))
  const largestFirst = [...parts].sort(([, a], [, b]) => jsonBytes(b.value) - jsonBytes(a.value))
  const left = new Set<string>()
  let output = make(values)
  for (const [name, { uri, value }] of largestFirst) {
    if (fits(output)) break
    values.set(name, elsewhere(value, uri))
    left.add(uri)
    output = make(values)
  }
  const links = [...left].slice(0, linksShown).map((uri): ContentBlock => ({
    type: "resource_link",
    uri,
    name: uri,
    mimeType: "application/json"
  }))
  return { output, links }
}

/** Links beside one answer: each value that was left out names its resource anyway. */
const linksShown = 10
