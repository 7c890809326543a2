import { Result, Schema } from "effect"
import * as Base64Url from "effect/encoding/Base64Url"

const pattern = /^log:(\d{1,9})$/

/** The opaque text that names a place in a log: how many entries stand before it. A log only grows at its end. */
export const encodeLogCursor = (offset: number): string => Base64Url.encode(`log:${offset}`)

/** Reads a log's cursor; undefined for any text that was not made by `encodeLogCursor`. */
export const decodeLogCursor = (cursor: string): number | undefined => {
  const text = Base64Url.decodeString(cursor)
  const [, offset] = Result.isSuccess(text) ? pattern.exec(text.success) ?? [] : []
  return offset === undefined ? undefined : Number(offset)
}

/** The `nextCursor` of the page before, of a log. */
export const LogCursor = Schema.String
  .annotate({ description: "The `nextCursor` of the page before" })
  .check(
    Schema.makeFilter((cursor: string) =>
      decodeLogCursor(cursor) === undefined ? "is not a cursor of this log" : undefined
    )
  )
