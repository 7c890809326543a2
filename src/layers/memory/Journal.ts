import { Effect, Layer, Option, Schema } from "effect"
import type { ExecutionEnd, Snapshot } from "../../domain/ExecutionState.ts"
import type { ExecutionId } from "../../domain/Ids.ts"
import type { LogEntry } from "../../domain/LogEntry.ts"
import type { JournalRecord } from "../../services/Journal.ts"
import { Journal } from "../../services/Journal.ts"
import { EndJson, InputsJson, RecordJson, SnapshotJson } from "../JournalRow.ts"
import { storageErrorOf } from "../Operation.ts"
import { Faults } from "./Faults.ts"

interface Entry {
  readonly snapshot: string
  readonly inputs: string
  /** By their paths, in the order of recording. */
  readonly records: Map<string, string>
  cancelRequested: boolean
  resumes: number
  end: string | undefined
}

/** A journal in the memory of this process. It outlives the executor, so that a test can let one crash. */
export const layer = Layer.effect(
  Journal,
  Effect.gen(function*() {
    const faults = yield* Faults
    const entries = new Map<ExecutionId, Entry>()

    const create = Effect.fn("Journal.create")(function*({ inputs, ...snapshot }: Snapshot) {
      yield* faults.check("journal.create")
      if (entries.has(snapshot.executionId)) return false
      entries.set(snapshot.executionId, {
        snapshot: yield* Schema.encodeEffect(SnapshotJson)(snapshot),
        inputs: yield* Schema.encodeEffect(InputsJson)(inputs),
        records: new Map(),
        cancelRequested: false,
        resumes: 0,
        end: undefined
      })
      return true
    }, storageErrorOf("journal.create"))

    const load = Effect.fn("Journal.load")(function*(id: ExecutionId) {
      yield* faults.check("journal.load")
      const entry = entries.get(id)
      if (entry === undefined) return Option.none()
      const snapshot = yield* Schema.decodeEffect(SnapshotJson)(entry.snapshot)
      const inputs = yield* Schema.decodeEffect(InputsJson)(entry.inputs)
      return Option.some({
        snapshot: { ...snapshot, inputs },
        records: yield* Effect.forEach(entry.records.values(), (json) => Schema.decodeEffect(RecordJson)(json)),
        cancelRequested: entry.cancelRequested,
        resumes: entry.resumes,
        end: entry.end === undefined ? Option.none() : Option.some(yield* Schema.decodeEffect(EndJson)(entry.end))
      })
    }, storageErrorOf("journal.load"))

    const ids = Effect.sync(() => [...entries.keys()]).pipe(
      Effect.tap(faults.check("journal.ids")),
      Effect.withSpan("Journal.ids")
    )

    const record = Effect.fn("Journal.record")(function*(id: ExecutionId, record: JournalRecord) {
      yield* faults.check("journal.record")
      const json = yield* Schema.encodeEffect(RecordJson)(record)
      const entry = entries.get(id)
      if (entry === undefined) return
      if (!entry.records.has(record.path)) entry.records.set(record.path, json)
      entry.resumes = 0
    }, storageErrorOf("journal.record"))

    const requestCancel = Effect.fn("Journal.requestCancel")(function*(id: ExecutionId) {
      yield* faults.check("journal.requestCancel")
      const entry = entries.get(id)
      if (entry !== undefined) entry.cancelRequested = true
    })

    const countResume = Effect.fn("Journal.countResume")(function*(id: ExecutionId) {
      yield* faults.check("journal.countResume")
      const entry = entries.get(id)
      return entry === undefined ? 0 : ++entry.resumes
    })

    const end = Effect.fn("Journal.end")(
      function*(id: ExecutionId, end: ExecutionEnd, logs: ReadonlyArray<LogEntry>) {
        yield* faults.check("journal.end")
        const json = yield* Schema.encodeEffect(EndJson)({ end, logs })
        const entry = entries.get(id)
        if (entry !== undefined) entry.end ??= json
      },
      storageErrorOf("journal.end")
    )

    const remove = Effect.fn("Journal.remove")(function*(id: ExecutionId) {
      yield* faults.check("journal.remove")
      entries.delete(id)
    })

    return Journal.of({ create, load, ids, record, requestCancel, countResume, end, remove })
  })
)
