import { Effect, Layer, Option, Schema } from "effect"
import type { ExecutionEnd, Snapshot } from "../../domain/ExecutionState.ts"
import { ExecutionId } from "../../domain/Ids.ts"
import type { LogEntry } from "../../domain/LogEntry.ts"
import type { JournalRecord } from "../../services/Journal.ts"
import { Journal } from "../../services/Journal.ts"
import { EndJson, InputsJson, RecordJson, SnapshotJson } from "../JournalRow.ts"
import { storageErrorOf } from "../Operation.ts"
import { ObjectStorage } from "./Bindings.ts"
import * as JournalRows from "./JournalRows.ts"

/** A journal in a Durable Object's SQLite. What it has written is on disk before anything leaves the object. */
export const layer = Layer.effect(
  Journal,
  Effect.gen(function*() {
    const rows = JournalRows.make(yield* ObjectStorage)

    const create = Effect.fn("Journal.create")(function*({ inputs, ...snapshot }: Snapshot) {
      const documents = {
        snapshot: yield* Schema.encodeEffect(SnapshotJson)(snapshot),
        inputs: yield* Schema.encodeEffect(InputsJson)(inputs)
      }
      return yield* Effect.try(() => rows.create(snapshot.executionId, documents))
    }, storageErrorOf("journal.create"))

    const load = Effect.fn("Journal.load")(function*(id: ExecutionId) {
      const found = yield* Effect.try(() => rows.load(id))
      if (found === undefined) return Option.none()
      const snapshot = yield* Schema.decodeUnknownEffect(SnapshotJson)(found.documents.get("snapshot"))
      const inputs = yield* Schema.decodeUnknownEffect(InputsJson)(found.documents.get("inputs"))
      const records = yield* Effect.forEach(found.records, (json) => Schema.decodeEffect(RecordJson)(json))
      const end = found.documents.get("end")
      return Option.some({
        snapshot: { ...snapshot, inputs },
        records: firstOfEachPath(records),
        cancelRequested: found.cancelRequested,
        resumes: found.resumes,
        end: end === undefined ? Option.none() : Option.some(yield* Schema.decodeEffect(EndJson)(end))
      })
    }, storageErrorOf("journal.load"))

    const ids = Effect.try(() => rows.ids()).pipe(
      Effect.flatMap(Schema.decodeEffect(Schema.Array(ExecutionId))),
      storageErrorOf("journal.ids"),
      Effect.withSpan("Journal.ids")
    )

    const record = Effect.fn("Journal.record")(function*(id: ExecutionId, record: JournalRecord) {
      const json = yield* Schema.encodeEffect(RecordJson)(record)
      yield* Effect.try(() => rows.record(id, json))
    }, storageErrorOf("journal.record"))

    const requestCancel = Effect.fn("Journal.requestCancel")(
      (id: ExecutionId) => Effect.try(() => rows.requestCancel(id)),
      storageErrorOf("journal.requestCancel")
    )

    const countResume = Effect.fn("Journal.countResume")(
      (id: ExecutionId) => Effect.try(() => rows.countResume(id)),
      storageErrorOf("journal.countResume")
    )

    const end = Effect.fn("Journal.end")(
      function*(id: ExecutionId, end: ExecutionEnd, logs: ReadonlyArray<LogEntry>) {
        const json = yield* Schema.encodeEffect(EndJson)({ end, logs })
        yield* Effect.try(() => rows.addDocument(id, "end", json))
      },
      storageErrorOf("journal.end")
    )

    const remove = Effect.fn("Journal.remove")(
      (id: ExecutionId) => Effect.try(() => rows.remove(id)),
      storageErrorOf("journal.remove")
    )

    return Journal.of({ create, load, ids, record, requestCancel, countResume, end, remove })
  })
)

/** A step's first record stays. */
const firstOfEachPath = (records: ReadonlyArray<JournalRecord>): ReadonlyArray<JournalRecord> => {
  const paths = new Set<string>()
  return records.filter(({ path }) => !paths.has(path) && paths.add(path))
}
