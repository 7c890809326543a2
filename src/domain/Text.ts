import { Schema } from "effect"

/** Text without half of a surrogate pair: such a half has no UTF-8, so that a store would return another text. */
export const isWellFormed = Schema.makeFilter((text: string) =>
  text.isWellFormed() ? undefined : "must be well-formed Unicode"
)

/** The beginning of a text: so many UTF-16 units, or one fewer where a surrogate pair would be cut in two. */
export const cut = (text: string, characters: number): string =>
  text.length <= characters ? text : text.slice(0, characters).replace(/[\ud800-\udbff]$/, "")

const beyondAscii = /[^\0-\x7f]/

const encoder = new TextEncoder()

/** How many bytes a text takes in UTF-8: how SQLite's `octet_length` counts it. Null takes none. */
export const utf8Bytes = (text: string | null): number =>
  text === null ? 0 : beyondAscii.test(text) ? encoder.encode(text).length : text.length
