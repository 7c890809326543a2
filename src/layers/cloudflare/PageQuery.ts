import type { D1Client } from "@effect/sql-d1"
import { Effect, Schema } from "effect"
import type { Fragment } from "effect/sql/Statement"
import { Limits } from "../../domain/Limits.ts"

/**
 * The rows of one page, newest first, each with how many there were to choose from (`available`, one more than `limit`
 * at most). A page ends before its JSON passes `Limits.pageBytes`, but never before its first row. The sizes are summed
 * up over the index's order without reading the large columns of rows that don't make it into the page.
 */
export const pageQuery = (sql: D1Client.D1Client, options: {
  readonly table: "workflows" | "executions"
  /** What of a row counts, as an SQL expression. */
  readonly bytes: string
  readonly where: ReadonlyArray<Fragment>
  readonly limit: number
}) => {
  const table = sql(options.table)
  return sql`
    WITH candidates AS (
      SELECT id, created_at, ${sql.literal(options.bytes)} AS bytes FROM ${table}
      WHERE ${sql.and(options.where)}
      ORDER BY created_at DESC, id DESC LIMIT ${options.limit + 1}
    ), page AS (
      SELECT id, SUM(bytes) OVER newest AS total, ROW_NUMBER() OVER newest AS position, COUNT(*) OVER () AS available
      FROM candidates
      WINDOW newest AS (ORDER BY created_at DESC, id DESC ROWS UNBOUNDED PRECEDING)
    )
    SELECT ${table}.*, page.available FROM page JOIN ${table} ON ${table}.id = page.id
    WHERE page.position <= ${options.limit} AND (page.total <= ${Limits.pageBytes} OR page.position = 1)
    ORDER BY page.position`
}

/** How many rows there were for a page, of which these are the first. */
export const availableOf = (rows: ReadonlyArray<unknown>) =>
  Effect.map(decodeAvailable(rows), ([first]) => first?.available ?? 0)

const decodeAvailable = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ available: Schema.Int })))
