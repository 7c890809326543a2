import { Effect, Layer, Option, Schema } from "effect"
import type { Json } from "effect/Schema"
import type { ExecutionEnd, Outcome, Snapshot } from "../../domain/ExecutionState.ts"
import { ExecutionId } from "../../domain/Ids.ts"
import type { LogEntry } from "../../domain/LogEntry.ts"
import type { JournalRecord, SlotRecord, WaitRecord } from "../../services/Journal.ts"
import { Journal } from "../../services/Journal.ts"
import {
  encodeRecord,
  EndJson,
  InputsJson,
  LogsJson,
  OutcomeJson,
  RecordJson,
  SignalJson,
  SlotJson,
  SnapshotJson,
  WaitJson
} from "../JournalRow.ts"
import { storageErrorOf } from "../Operation.ts"
import { ObjectStorage } from "./Bindings.ts"
import * as JournalRows from "./JournalRows.ts"
import * as JournalTables from "./JournalTables.ts"

/** A journal in a Durable Object's SQLite. What it has written is on disk before anything leaves the object. */
export const layer = Layer.effect(
  Journal,
  Effect.gen(function*() {
    const storage = yield* ObjectStorage
    const rows = JournalRows.make(storage)

    const create = Effect.fn("Journal.create")(function*(
      { inputs, ...snapshot }: Snapshot,
      records: ReadonlyArray<JournalRecord> = []
    ) {
      const documents = {
        snapshot: yield* Schema.encodeEffect(SnapshotJson)(snapshot),
        inputs: yield* Schema.encodeEffect(InputsJson)(inputs)
      }
      const encoded = yield* Effect.forEach(records, (record) => Schema.encodeEffect(RecordJson)(record))
      return yield* Effect.try(() => rows.create(snapshot.executionId, documents, encoded))
    }, storageErrorOf("journal.create"))

    const load = Effect.fn("Journal.load")(function*(id: ExecutionId) {
      const found = yield* Effect.try(() => rows.load(id))
      if (found === undefined) return Option.none()
      const snapshot = yield* Schema.decodeUnknownEffect(SnapshotJson)(found.documents.get("snapshot"))
      const inputs = yield* Schema.decodeUnknownEffect(InputsJson)(found.documents.get("inputs"))
      const records = yield* Effect.forEach(found.records, (json) => Schema.decodeEffect(RecordJson)(json))
      const end = found.documents.get("end")
      const outcome = found.documents.get("outcome")
      const slot = found.documents.get("slot")
      return Option.some({
        snapshot: { ...snapshot, inputs },
        records: lastOfEachPath(records),
        waits: yield* decodeAll(found.documents, "wait:", WaitJson),
        signals: yield* decodeAll(found.documents, "signal:", SignalJson),
        ...(slot === undefined ? {} : { slot: yield* Schema.decodeEffect(SlotJson)(slot) }),
        parkedLogs: (yield* decodeAll(found.documents, "logs:", LogsJson)).flat(),
        parked: found.parked,
        cancelRequested: found.cancelRequested,
        outcome: outcome === undefined
          ? Option.none()
          : Option.some(yield* Schema.decodeEffect(OutcomeJson)(outcome)),
        resumes: found.resumes,
        end: end === undefined ? Option.none() : Option.some(yield* Schema.decodeEffect(EndJson)(end))
      })
    }, storageErrorOf("journal.load"))

    const due = Effect.fn("Journal.due")(
      (millis: number) =>
        Effect.flatMap(Effect.try(() => rows.due(millis)), Schema.decodeEffect(Schema.Array(ExecutionId))),
      storageErrorOf("journal.due")
    )

    const nextDue = Effect.try(() => Option.fromNullOr(rows.nextDue())).pipe(storageErrorOf("journal.due"))

    const isEmpty = Effect.try(() => JournalTables.areEmpty(storage)).pipe(storageErrorOf("journal.due"))

    const wait = Effect.fn("Journal.wait")(function*(id: ExecutionId, wait: WaitRecord) {
      const json = yield* Schema.encodeEffect(WaitJson)(wait)
      yield* Effect.try(() => rows.setDocument(id, `wait:${wait.path}`, json))
    }, storageErrorOf("journal.wait"))

    const slot = Effect.fn("Journal.slot")(function*(id: ExecutionId, slot: SlotRecord) {
      const json = yield* Schema.encodeEffect(SlotJson)(slot)
      yield* Effect.try(() => rows.setDocument(id, "slot", json))
    }, storageErrorOf("journal.slot"))

    const signal = Effect.fn("Journal.signal")(function*(id: ExecutionId, name: string, payload: Json) {
      const encode = Schema.encodeSync(SignalJson)
      const number = yield* Effect.try(() => rows.addSignal(id, (number) => encode({ number, name, payload })))
      return Option.map(Option.fromUndefinedOr(number), (number) => ({ number, name, payload }))
    }, storageErrorOf("journal.signal"))

    const park = Effect.fn("Journal.park")(
      function*(id: ExecutionId, until: number, logs: ReadonlyArray<LogEntry>) {
        const json = yield* Schema.encodeEffect(LogsJson)(logs)
        yield* Effect.try(() => rows.park(id, until, json))
      },
      storageErrorOf("journal.park")
    )

    const record = Effect.fnUntraced(function*(id: ExecutionId, record: JournalRecord) {
      const json = encodeRecord(record)
      yield* Effect.try(() => rows.record(id, json))
    }, storageErrorOf("journal.record"))

    const requestCancel = Effect.fn("Journal.requestCancel")(
      (id: ExecutionId) => Effect.try(() => rows.requestCancel(id)),
      storageErrorOf("journal.requestCancel")
    )

    const unwind = Effect.fn("Journal.unwind")(function*(id: ExecutionId, outcome: Outcome) {
      const json = yield* Schema.encodeEffect(OutcomeJson)(outcome)
      yield* Effect.try(() => rows.addDocument(id, "outcome", json))
    }, storageErrorOf("journal.unwind"))

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

    return Journal.of({
      create,
      load,
      due,
      nextDue,
      isEmpty,
      wait,
      slot,
      signal,
      park,
      record,
      requestCancel,
      unwind,
      countResume,
      end,
      remove
    })
  })
)

/** A step that was tried again, with the step around it, has several records: the last one counts. */
const lastOfEachPath = (records: ReadonlyArray<JournalRecord>): ReadonlyArray<JournalRecord> => {
  const last = new Map(records.map(({ path }, index) => [path, index]))
  return records.filter(({ path }, index) => last.get(path) === index)
}

/** Numbered documents in the order of their numbers, others in that of their names. */
const decodeAll = <A>(documents: ReadonlyMap<string, string>, prefix: string, codec: Schema.Codec<A, string>) =>
  Effect.forEach(
    [...documents]
      .filter(([name]) => name.startsWith(prefix))
      .sort(([one], [other]) => Number(one.slice(prefix.length)) - Number(other.slice(prefix.length)) || 0),
    ([, json]) => Schema.decodeEffect(codec)(json)
  )
