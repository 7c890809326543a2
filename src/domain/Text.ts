import { Schema } from "effect"

/** Text without half of a surrogate pair: such a half has no UTF-8, so that a store would return another text. */
export const isWellFormed = Schema.makeFilter((text: string) =>
  text.isWellFormed() ? undefined : "must be well-formed Unicode"
)

const beyondAscii = /[^\0-\x7f]/

const encoder = new TextEncoder()

/** How many bytes a text takes in UTF-8: how SQLite's `octet_length` counts it. Null takes none. */
export const utf8Bytes = (text: string | null): number =>
  text === null ? 0 : beyondAscii.test(text) ? encoder.encode(text).length : text.length
