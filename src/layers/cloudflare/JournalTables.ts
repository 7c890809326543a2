/**
 * The tables of a journal in a Durable Object's SQLite. They are made with the first execution and go, with all that the
 * object stores, after the last one: an object that is only asked for an execution leaves nothing that has to be paid.
 *
 * A row holds 2 MB, so a text is stored in parts; only large ones have more than one. Without rowid a table has no index
 * beside it: one more row is then one row written.
 */
const tables = [
  `CREATE TABLE IF NOT EXISTS journal_executions (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, cancel_requested INTEGER NOT NULL DEFAULT 0,
    resumes INTEGER NOT NULL DEFAULT 0, resumed_at INTEGER NOT NULL DEFAULT 0,
    parked INTEGER NOT NULL DEFAULT 0, parked_until INTEGER
  ) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS journal_documents (
    id TEXT NOT NULL, name TEXT NOT NULL, part INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (id, name, part)
  ) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS journal_records (
    id TEXT NOT NULL, position INTEGER NOT NULL, part INTEGER NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (id, position, part)
  ) WITHOUT ROWID`
]

/** Makes the tables that are not there yet. */
export const create = (storage: DurableObjectStorage): void => {
  for (const table of tables) storage.sql.exec(table)
}

/** Whether there are tables to read from. */
export const exist = (storage: DurableObjectStorage): boolean =>
  storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'journal_executions'").toArray().length > 0

/** Whether no execution is in the journal. */
export const areEmpty = (storage: DurableObjectStorage): boolean =>
  !exist(storage) || storage.sql.exec("SELECT 1 FROM journal_executions LIMIT 1").toArray().length === 0

/** UTF-16 units of one part: no more than 1.8 MB in UTF-8. */
const partLength = 600_000

/** Cuts a text into parts that fit into a row each, never through a character. */
export const toParts = (text: string): ReadonlyArray<string> => {
  const parts: Array<string> = []
  for (let start = 0; start < text.length || parts.length === 0;) {
    const end = start + partLength
    const last = text.charCodeAt(end - 1)
    const whole = last >= 0xd800 && last <= 0xdbff ? end - 1 : end
    parts.push(text.slice(start, whole))
    start = whole
  }
  return parts
}
