import { Limits } from "../domain/Limits.ts"
import type { Keyset, Page } from "../domain/Page.ts"
import { encodeCursor } from "../domain/Page.ts"
import type { WorkflowVersion } from "../domain/WorkflowVersion.ts"
import { encodeVersionCursor } from "../domain/WorkflowVersion.ts"

/** What a list is sorted by. */
interface Place {
  readonly createdAt: string
  readonly id: string
}

/** A page of these items; there is another one if more were available. */
export const makePage = <Item extends Keyset>(items: ReadonlyArray<Item>, available: number): Page<Item> => {
  const last = items.at(-1)
  return { items, nextCursor: last !== undefined && available > items.length ? encodeCursor(last) : null }
}

/** A page of at most `limit` versions; there is another one if more were found. */
export const makeVersionPage = (found: ReadonlyArray<WorkflowVersion>, limit: number): Page<WorkflowVersion> => {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: last !== undefined && found.length > limit ? encodeVersionCursor(last.version) : null }
}

/** How many of these sizes fit into a page: always one, if there is any. */
export const countWithinPage = (sizes: ReadonlyArray<number>): number => {
  let total = 0
  const over = sizes.findIndex((size) => (total += size) > Limits.pageBytes)
  return over === -1 ? sizes.length : Math.max(over, 1)
}

/** Orders newest first; rows of the same millisecond by their ids. */
export const newestFirst = (a: Place, b: Place): number =>
  compareText(b.createdAt, a.createdAt) || compareText(b.id, a.id)

/** Whether a row comes after this place in a list that shows the newest first. */
export const isAfter = (row: Place, place: Place | undefined): boolean =>
  place === undefined || newestFirst(place, row) < 0

/** Orders texts as SQLite does. */
export const compareText = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0
