import { Result, Schema } from "effect"
import * as Base64Url from "effect/encoding/Base64Url"
import { Limits } from "./Limits.ts"
import { Timestamp } from "./Timestamp.ts"

/** Part of a list. `nextCursor` asks for the part that follows; null: there is none. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly nextCursor: string | null
}

/** The schema of a page of items. */
export const pageOf = <A extends Schema.Constraint>(item: A) =>
  Schema.Struct({ items: Schema.Array(item), nextCursor: Schema.NullOr(Schema.String) })

/** How many items a page holds at most: 1 to 100, 50 by default. */
export const PageLimit = Schema.String
  .annotate({ description: `1 to ${Limits.pageItems}, ${Limits.pageItemsDefault} by default` })
  .pipe(Schema.decodeTo(Schema.NumberFromString))
  .check(Schema.makeFilter((limit: number) =>
    Number.isInteger(limit) && limit >= 1 && limit <= Limits.pageItems
      ? undefined
      : `must be a whole number from 1 to ${Limits.pageItems}`
  ))

/** The place of a row in a list that is sorted by creation, newest first. */
export const Keyset = Schema.Struct({ createdAt: Timestamp, id: Schema.NonEmptyString })
export type Keyset = typeof Keyset.Type

const KeysetJson = Schema.fromJsonString(Schema.Tuple([Keyset.fields.createdAt, Keyset.fields.id]))

/** The opaque text that names a place in a list. */
export const encodeCursor = ({ createdAt, id }: Keyset): string => Base64Url.encode(JSON.stringify([createdAt, id]))

/** Reads a cursor; fails with a schema error on any text that was not made by `encodeCursor`. */
export const decodeCursor = (cursor: string): Result.Result<Keyset, string> => {
  const text = Base64Url.decodeString(cursor)
  if (Result.isFailure(text)) return Result.fail("is not a cursor of this service")
  const place = Schema.decodeUnknownResult(KeysetJson)(text.success)
  if (Result.isFailure(place)) return Result.fail("is not a cursor of this service")
  const [createdAt, id] = place.success
  return Result.succeed({ createdAt, id })
}
