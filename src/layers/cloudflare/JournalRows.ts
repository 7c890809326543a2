import { Schema } from "effect"
import * as JournalTables from "./JournalTables.ts"

const Flag = Schema.Literals([0, 1])
const ExecutionRows = Schema.Array(Schema.Struct({
  cancel_requested: Flag,
  parked: Flag,
  resumes: Schema.Int,
  /** How many records there were when the resumes were counted. */
  resumed_at: Schema.Int
}))
const IdRows = Schema.Array(Schema.Struct({ id: Schema.String }))
const DueRows = Schema.Tuple([Schema.Struct({ value: Schema.NullOr(Schema.Finite) })])
const NumberRows = Schema.Tuple([Schema.Struct({ value: Schema.Int })])
const DocumentRows = Schema.Array(Schema.Struct({ name: Schema.String, json: Schema.String }))
const RecordRows = Schema.Array(Schema.Struct({ position: Schema.Int, json: Schema.String }))

/** The rows of a journal, read and written at once: each function is one turn, in which nothing else happens. */
export const make = (storage: DurableObjectStorage) => {
  const rows = <S extends Schema.Codec<unknown, unknown>>(schema: S, query: string, ...bindings: Array<unknown>) =>
    Schema.decodeUnknownSync(schema)(storage.sql.exec(query, ...bindings).toArray())

  const execution = (id: string) =>
    JournalTables.exist(storage)
      ? rows(
        ExecutionRows,
        "SELECT cancel_requested, parked, resumes, resumed_at FROM journal_executions WHERE id = ?",
        id
      )[0]
      : undefined

  const number = (query: string, ...bindings: Array<unknown>) => rows(NumberRows, query, ...bindings)[0].value

  const recordCount = (id: string) =>
    number("SELECT coalesce(max(position), 0) AS value FROM journal_records WHERE id = ?", id)

  const putDocument = (id: string, name: string, json: string) =>
    JournalTables.toParts(json).forEach((part, index) =>
      storage.sql.exec(
        "INSERT INTO journal_documents (id, name, part, json) VALUES (?, ?, ?, ?)",
        id,
        name,
        index,
        part
      )
    )

  const putRecord = (id: string, position: number, json: string) =>
    JournalTables.toParts(json).forEach((part, index) =>
      storage.sql.exec(
        "INSERT INTO journal_records (id, position, part, json) VALUES (?, ?, ?, ?)",
        id,
        position,
        index,
        part
      )
    )

  const hasDocument = (id: string, name: string) =>
    rows(IdRows, "SELECT id FROM journal_documents WHERE id = ? AND name = ? LIMIT 1", id, name).length > 0

  /** Adds a numbered document while there is no end; answers its number; undefined: it was not added. */
  const addNumbered = (id: string, prefix: string, json: (number: number) => string): number | undefined => {
    if (execution(id) === undefined || hasDocument(id, "end")) return undefined
    const next = number(
      "SELECT count(*) AS value FROM journal_documents WHERE id = ? AND name GLOB ? AND part = 0",
      id,
      `${prefix}*`
    ) + 1
    putDocument(id, `${prefix}${next}`, json(next))
    return next
  }

  const join = <Row extends { readonly json: string }>(parts: ReadonlyArray<Row>) =>
    parts.map(({ json }) => json).join("")

  return {
    create: (
      id: string,
      documents: Readonly<Record<string, string>>,
      records: ReadonlyArray<string>
    ): boolean =>
      storage.transactionSync(() => {
        JournalTables.create(storage)
        if (execution(id) !== undefined) return false
        const last = number("SELECT coalesce(max(position), 0) AS value FROM journal_executions")
        storage.sql.exec("INSERT INTO journal_executions (id, position) VALUES (?, ?)", id, last + 1)
        for (const [name, json] of Object.entries(documents)) putDocument(id, name, json)
        records.forEach((json, index) => putRecord(id, index + 1, json))
        return true
      }),

    load: (id: string) => {
      const found = execution(id)
      if (found === undefined) return undefined
      const documents = Map.groupBy(
        rows(DocumentRows, "SELECT name, json FROM journal_documents WHERE id = ? ORDER BY name, part", id),
        ({ name }) => name
      )
      const records = Map.groupBy(
        rows(RecordRows, "SELECT position, json FROM journal_records WHERE id = ? ORDER BY position, part", id),
        ({ position }) => position
      )
      return {
        documents: new Map([...documents].map(([name, parts]) => [name, join(parts)])),
        records: [...records.values()].map(join),
        cancelRequested: found.cancel_requested === 1,
        parked: found.parked === 1,
        resumes: found.resumed_at === recordCount(id) ? found.resumes : 0
      }
    },

    due: (millis: number): ReadonlyArray<string> =>
      JournalTables.exist(storage)
        ? rows(
          IdRows,
          "SELECT id FROM journal_executions WHERE parked = 0 OR parked_until <= ? ORDER BY position",
          millis
        ).map(({ id }) => id)
        : [],

    nextDue: (): number | null =>
      JournalTables.exist(storage)
        ? rows(DueRows, "SELECT min(parked_until) AS value FROM journal_executions WHERE parked = 1")[0].value
        : null,

    park: (id: string, until: number, logs: string): void =>
      storage.transactionSync(() => {
        if (addNumbered(id, "logs:", () => logs) === undefined) return
        storage.sql.exec("UPDATE journal_executions SET parked = 1, parked_until = ? WHERE id = ?", until, id)
      }),

    /** Sets a document, whether there was one of that name or not. */
    setDocument: (id: string, name: string, json: string): void =>
      storage.transactionSync(() => {
        if (execution(id) === undefined) return
        storage.sql.exec("DELETE FROM journal_documents WHERE id = ? AND name = ?", id, name)
        putDocument(id, name, json)
      }),

    /** Adds a signal, and makes a parked execution due; answers its number; undefined: it was not added. */
    addSignal: (id: string, json: (number: number) => string): number | undefined =>
      storage.transactionSync(() => {
        const added = addNumbered(id, "signal:", json)
        if (added !== undefined && execution(id)?.parked === 1) {
          storage.sql.exec("UPDATE journal_executions SET parked_until = 0 WHERE id = ?", id)
        }
        return added
      }),

    record: (id: string, json: string): void =>
      storage.transactionSync(() => {
        if (execution(id) === undefined) return
        putRecord(id, recordCount(id) + 1, json)
      }),

    requestCancel: (id: string): void => {
      if (execution(id) === undefined) return
      storage.sql.exec("UPDATE journal_executions SET cancel_requested = 1 WHERE id = ? AND cancel_requested = 0", id)
    },

    countResume: (id: string): number => {
      const found = execution(id)
      if (found === undefined) return 0
      const records = recordCount(id)
      const sinceRecord = found.resumed_at === records ? found.resumes : 0
      if (found.parked === 1) {
        storage.sql.exec("UPDATE journal_executions SET parked = 0, parked_until = NULL WHERE id = ?", id)
        return sinceRecord
      }
      const resumes = sinceRecord + 1
      storage.sql.exec("UPDATE journal_executions SET resumes = ?, resumed_at = ? WHERE id = ?", resumes, records, id)
      return resumes
    },

    /** Adds a document, once: a later one of the same name is not stored. */
    addDocument: (id: string, name: string, json: string): void =>
      storage.transactionSync(() => {
        if (execution(id) !== undefined && !hasDocument(id, name)) putDocument(id, name, json)
      }),

    remove: (id: string): void =>
      storage.transactionSync(() => {
        if (!JournalTables.exist(storage)) return
        for (const table of ["journal_records", "journal_documents", "journal_executions"]) {
          storage.sql.exec(`DELETE FROM ${table} WHERE id = ?`, id)
        }
      })
  }
}
