import { Result, Schema } from "effect"
import { decodeCursor, PageLimit } from "../../domain/Page.ts"

/** The `nextCursor` of the page before. */
export const Cursor = Schema.String
  .annotate({ description: "The `nextCursor` of the page before" })
  .check(Schema.makeFilter((cursor: string) => {
    const place = decodeCursor(cursor)
    return Result.isSuccess(place) ? undefined : place.failure
  }))

/** The query parameters of every list. */
export const pageQuery = {
  limit: Schema.optionalKey(PageLimit),
  cursor: Schema.optionalKey(Cursor)
}
