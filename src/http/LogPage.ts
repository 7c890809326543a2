import type { LogEntry, LogLevel } from "../domain/LogEntry.ts"
import { isAtLeast } from "../domain/LogEntry.ts"
import type { Page } from "../domain/Page.ts"
import { encodeLogCursor } from "./api/LogCursor.ts"

/** The entries from `offset` on that are of this level or above, at most `limit` of them. */
export const logPage = (entries: ReadonlyArray<LogEntry>, { level, limit, offset }: {
  readonly level: LogLevel
  readonly limit: number
  readonly offset: number
}): Page<LogEntry> => {
  const items: Array<LogEntry> = []
  for (let index = offset; index < entries.length; index++) {
    const entry = entries[index]
    if (entry === undefined || !isAtLeast(entry, level)) continue
    if (items.length === limit) return { items, nextCursor: encodeLogCursor(index) }
    items.push(entry)
  }
  return { items, nextCursor: null }
}
