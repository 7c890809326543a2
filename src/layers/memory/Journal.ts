import { Effect, Layer, Option, Schema } from "effect"
import type { Json } from "effect/Schema"
import type { ExecutionEnd, Outcome, Snapshot } from "../../domain/ExecutionState.ts"
import type { ExecutionId } from "../../domain/Ids.ts"
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
import { Faults } from "./Faults.ts"

interface Entry {
  readonly snapshot: string
  readonly inputs: string
  /** By their paths, in the order of recording. */
  readonly records: Map<string, string>
  /** By their paths. */
  readonly waits: Map<string, string>
  readonly signals: Array<string>
  slot: string | undefined
  /** Undefined: not parked. */
  parkedUntil: number | undefined
  readonly parkedLogs: Array<string>
  cancelRequested: boolean
  outcome: string | undefined
  resumes: number
  end: string | undefined
}

/** A journal in the memory of this process. It outlives the executor, so that a test can let one crash. */
export const layer = Layer.effect(
  Journal,
  Effect.gen(function*() {
    const faults = yield* Faults
    const entries = new Map<ExecutionId, Entry>()

    const create = Effect.fn("Journal.create")(function*(
      { inputs, ...snapshot }: Snapshot,
      records: ReadonlyArray<JournalRecord> = []
    ) {
      yield* faults.check("journal.create")
      if (entries.has(snapshot.executionId)) return false
      const encoded = yield* Effect.forEach(records, (record) => Schema.encodeEffect(RecordJson)(record))
      entries.set(snapshot.executionId, {
        snapshot: yield* Schema.encodeEffect(SnapshotJson)(snapshot),
        inputs: yield* Schema.encodeEffect(InputsJson)(inputs),
        records: new Map(records.map(({ path }, index) => [path, encoded[index] ?? ""])),
        waits: new Map(),
        signals: [],
        slot: undefined,
        parkedUntil: undefined,
        parkedLogs: [],
        cancelRequested: false,
        outcome: undefined,
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
        waits: yield* Effect.forEach(entry.waits.values(), (json) => Schema.decodeEffect(WaitJson)(json)),
        signals: yield* Effect.forEach(entry.signals, (json) => Schema.decodeEffect(SignalJson)(json)),
        ...(entry.slot === undefined ? {} : { slot: yield* Schema.decodeEffect(SlotJson)(entry.slot) }),
        parkedLogs: (yield* Effect.forEach(entry.parkedLogs, (json) => Schema.decodeEffect(LogsJson)(json))).flat(),
        parked: entry.parkedUntil !== undefined,
        cancelRequested: entry.cancelRequested,
        outcome: entry.outcome === undefined
          ? Option.none()
          : Option.some(yield* Schema.decodeEffect(OutcomeJson)(entry.outcome)),
        resumes: entry.resumes,
        end: entry.end === undefined ? Option.none() : Option.some(yield* Schema.decodeEffect(EndJson)(entry.end))
      })
    }, storageErrorOf("journal.load"))

    const due = Effect.fn("Journal.due")(function*(millis: number) {
      yield* faults.check("journal.due")
      return [...entries].flatMap(([id, { parkedUntil }]) =>
        parkedUntil === undefined || parkedUntil <= millis ? [id] : []
      )
    })

    const nextDue = Effect.sync(() => {
      const times = [...entries.values()].flatMap(({ parkedUntil }) => parkedUntil ?? [])
      return times.length === 0 ? Option.none<number>() : Option.some(Math.min(...times))
    })

    const wait = Effect.fn("Journal.wait")(function*(id: ExecutionId, wait: WaitRecord) {
      yield* faults.check("journal.wait")
      entries.get(id)?.waits.set(wait.path, yield* Schema.encodeEffect(WaitJson)(wait))
    }, storageErrorOf("journal.wait"))

    const slot = Effect.fn("Journal.slot")(function*(id: ExecutionId, slot: SlotRecord) {
      yield* faults.check("journal.slot")
      const json = yield* Schema.encodeEffect(SlotJson)(slot)
      const entry = entries.get(id)
      if (entry !== undefined) entry.slot = json
    }, storageErrorOf("journal.slot"))

    const signal = Effect.fn("Journal.signal")(function*(id: ExecutionId, name: string, payload: Json) {
      yield* faults.check("journal.signal")
      const entry = entries.get(id)
      if (entry === undefined || entry.end !== undefined) return Option.none()
      const sent = { number: entry.signals.length + 1, name, payload }
      entry.signals.push(yield* Schema.encodeEffect(SignalJson)(sent))
      if (entry.parkedUntil !== undefined) entry.parkedUntil = 0
      return Option.some(sent)
    }, storageErrorOf("journal.signal"))

    const park = Effect.fn("Journal.park")(
      function*(id: ExecutionId, until: number, logs: ReadonlyArray<LogEntry>) {
        yield* faults.check("journal.park")
        const json = yield* Schema.encodeEffect(LogsJson)(logs)
        const entry = entries.get(id)
        if (entry === undefined) return
        entry.parkedUntil = until
        entry.parkedLogs.push(json)
      },
      storageErrorOf("journal.park")
    )

    const record = Effect.fnUntraced(function*(id: ExecutionId, record: JournalRecord) {
      yield* faults.check("journal.record")
      const json = encodeRecord(record)
      const entry = entries.get(id)
      if (entry === undefined) return
      // A step that was tried again, with the step around it, was recorded before: the last record counts.
      entry.records.delete(record.path)
      entry.records.set(record.path, json)
      entry.resumes = 0
    }, storageErrorOf("journal.record"))

    const requestCancel = Effect.fn("Journal.requestCancel")(function*(id: ExecutionId) {
      yield* faults.check("journal.requestCancel")
      const entry = entries.get(id)
      if (entry !== undefined) entry.cancelRequested = true
    })

    const unwind = Effect.fn("Journal.unwind")(function*(id: ExecutionId, outcome: Outcome) {
      yield* faults.check("journal.unwind")
      const json = yield* Schema.encodeEffect(OutcomeJson)(outcome)
      const entry = entries.get(id)
      if (entry !== undefined) entry.outcome ??= json
    }, storageErrorOf("journal.unwind"))

    const countResume = Effect.fn("Journal.countResume")(function*(id: ExecutionId) {
      yield* faults.check("journal.countResume")
      const entry = entries.get(id)
      if (entry === undefined) return 0
      if (entry.parkedUntil === undefined) return ++entry.resumes
      entry.parkedUntil = undefined
      return entry.resumes
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

    const isEmpty = Effect.sync(() => entries.size === 0)

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
