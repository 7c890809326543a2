import { Schema } from "effect"
import { decodeVersionCursor } from "../../domain/WorkflowVersion.ts"

/** The `nextCursor` of the page before, of a workflow's versions. */
export const VersionCursor = Schema.String
  .annotate({ description: "The `nextCursor` of the page before" })
  .check(
    Schema.makeFilter((cursor: string) =>
      decodeVersionCursor(cursor) === undefined ? "is not a cursor of this list" : undefined
    )
  )
