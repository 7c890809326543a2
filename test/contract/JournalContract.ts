import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Schema } from "effect"
import { Inputs } from "../../src/domain/Execution.ts"
import { ExecutionId } from "../../src/domain/Ids.ts"
import { definitionOf } from "../../src/domain/Workflow.ts"
import { Journal } from "../../src/services/Journal.ts"
import { asJson, makeLargeWorkflow } from "./Data.ts"
import { makeEnd, makeRecord, makeSnapshot, makeWait, RecordData } from "./JournalData.ts"

const e = ExecutionId.make("e")
const fresh = {
  records: [],
  waits: [],
  signals: [],
  parkedLogs: [],
  parked: false,
  cancelRequested: false,
  outcome: Option.none(),
  resumes: 0,
  end: Option.none()
}

/** What every journal does. The layer begins empty each time it is built. */
export const journalContract = (name: string, layer: Layer.Layer<Journal>) =>
  describe(`Journal on ${name}`, () => {
    it.effect.prop(
      "loads what was created and recorded, in the order of recording",
      [Inputs, Schema.Array(RecordData).check(Schema.isMaxLength(4))],
      ([inputs, data]) =>
        Effect.gen(function*() {
          const journal = yield* Journal
          const snapshot = makeSnapshot("e", { inputs: asJson(inputs) })
          const records = asJson(data.map((record, index) => ({ path: `${9 - index}`, ...record })))
          assert.isTrue(yield* journal.create(snapshot))
          yield* Effect.forEach(records, (record) => journal.record(e, record))
          assert.deepStrictEqual(yield* journal.load(e), Option.some({ ...fresh, snapshot, records }))
        }).pipe(Effect.provide(layer)),
      { arbitrary: { runs: 30 } }
    )

    it.effect("creates an execution once", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const snapshot = makeSnapshot("e")
        assert.isTrue(yield* journal.create(snapshot))
        yield* journal.record(e, makeRecord("1"))
        assert.isFalse(yield* journal.create({ ...snapshot, trigger: "again" }))
        const expected = { ...fresh, snapshot, records: [makeRecord("1")] }
        assert.deepStrictEqual(yield* journal.load(e), Option.some(expected))
      }).pipe(Effect.provide(layer)))

    it.effect.prop(
      "begins with the records that it was created with, and goes on after them",
      [Schema.Array(RecordData).check(Schema.isMaxLength(4))],
      ([data]) =>
        Effect.gen(function*() {
          const journal = yield* Journal
          const snapshot = makeSnapshot("e", { retryOf: ExecutionId.make("first") })
          const taken = asJson(data.map((record, index) => ({ path: `${9 - index}`, ...record })))
          assert.isTrue(yield* journal.create(snapshot, taken))
          assert.deepStrictEqual(yield* journal.load(e), Option.some({ ...fresh, snapshot, records: taken }))
          assert.strictEqual(yield* journal.countResume(e), 1)
          yield* journal.record(e, makeRecord("own"))
          const records = [...taken, makeRecord("own")]
          assert.deepStrictEqual(yield* journal.load(e), Option.some({ ...fresh, snapshot, records }))
        }).pipe(Effect.provide(layer)),
      { arbitrary: { runs: 20 } }
    )

    it.effect("leaves an execution as it is that is created again with other records", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const snapshot = makeSnapshot("e")
        yield* journal.create(snapshot, [makeRecord("1")])
        assert.isFalse(yield* journal.create(snapshot, [makeRecord("1"), makeRecord("2")]))
        const expected = { ...fresh, snapshot, records: [makeRecord("1")] }
        assert.deepStrictEqual(yield* journal.load(e), Option.some(expected))
        yield* journal.remove(e)
        assert.isTrue(yield* journal.create(snapshot))
        assert.deepStrictEqual(yield* journal.load(e), Option.some({ ...fresh, snapshot }))
      }).pipe(Effect.provide(layer)))

    it.effect("begins with as many and as large records as the limits let there be", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const large = Array.from({ length: 5 }, (_, index) => makeRecord(`${index}`, "é".repeat(949_999)))
        const many = Array.from({ length: 10_000 }, (_, index) => makeRecord(`loop[${index}].call`))
        yield* journal.create(makeSnapshot("e"), [...large, ...many])
        const { records } = Option.getOrThrow(yield* journal.load(e))
        assert.deepStrictEqual(records, [...large, ...many])
      }).pipe(Effect.provide(layer)))

    it.effect("names its executions in the order of their creation", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        assert.deepStrictEqual(yield* journal.due(0), [])
        for (const id of ["c", "a", "b"]) yield* journal.create(makeSnapshot(id))
        assert.deepStrictEqual((yield* journal.due(0)).map(String), ["c", "a", "b"])
        yield* journal.remove(ExecutionId.make("a"))
        yield* journal.create(makeSnapshot("a"))
        assert.deepStrictEqual((yield* journal.due(0)).map(String), ["c", "b", "a"])
      }).pipe(Effect.provide(layer)))

    it.effect("is empty before the first execution and after the last, whatever they wait for", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        assert.isTrue(yield* journal.isEmpty)
        yield* journal.create(makeSnapshot("e"))
        assert.isFalse(yield* journal.isEmpty)
        yield* journal.park(e, 5_000, [])
        assert.isFalse(yield* journal.isEmpty)
        yield* journal.end(e, makeEnd(null), [])
        assert.isFalse(yield* journal.isEmpty)
        yield* journal.remove(e)
        assert.isTrue(yield* journal.isEmpty)
        assert.deepStrictEqual(yield* journal.nextDue, Option.none())
      }).pipe(Effect.provide(layer)))

    it.effect("keeps how it stands with the slot, the last that was said", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const slot = { scope: "tenant/w", askedAt: 1_000, heldSince: null }
        yield* journal.slot(e, slot)
        assert.deepStrictEqual(yield* journal.load(e), Option.none())
        const snapshot = makeSnapshot("e")
        yield* journal.create(snapshot)
        yield* journal.slot(e, slot)
        assert.deepStrictEqual(yield* journal.load(e), Option.some({ ...fresh, snapshot, slot }))
        const held = { ...slot, heldSince: 2_000 }
        yield* journal.slot(e, held)
        assert.deepStrictEqual(yield* journal.load(e), Option.some({ ...fresh, snapshot, slot: held }))
        yield* journal.remove(e)
        yield* journal.create(snapshot)
        assert.deepStrictEqual(yield* journal.load(e), Option.some({ ...fresh, snapshot }))
      }).pipe(Effect.provide(layer)))

    it.effect("keeps the last record of a path, at its own place among the others", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.create(makeSnapshot("e"))
        yield* journal.record(e, makeRecord("1", "first"))
        yield* journal.record(e, makeRecord("2"))
        yield* journal.record(e, makeRecord("1", "second"))
        const entry = Option.getOrThrow(yield* journal.load(e))
        assert.deepStrictEqual(entry.records, [makeRecord("2"), makeRecord("1", "second")])
      }).pipe(Effect.provide(layer)))

    it.effect("keeps which signal a step took", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const record = { ...makeRecord("1"), signal: 3 }
        yield* journal.create(makeSnapshot("e"))
        yield* journal.record(e, record)
        assert.deepStrictEqual(Option.getOrThrow(yield* journal.load(e)).records, [record])
      }).pipe(Effect.provide(layer)))

    it.effect("keeps the last wait of a path", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const snapshot = makeSnapshot("e")
        yield* journal.create(snapshot)
        yield* journal.wait(e, makeWait("a", 1_000))
        yield* journal.wait(e, makeWait("loop[3].b", 2_000, { kind: "retry" }))
        assert.deepStrictEqual(
          yield* journal.load(e),
          Option.some({
            ...fresh,
            snapshot,
            waits: [makeWait("a", 1_000), makeWait("loop[3].b", 2_000, { kind: "retry" })]
          })
        )
        yield* journal.wait(e, makeWait("a", 3_000, { kind: "retry" }))
        const { waits } = Option.getOrThrow(yield* journal.load(e))
        assert.deepStrictEqual(
          waits.toSorted((one, other) => one.path < other.path ? -1 : 1),
          [makeWait("a", 3_000, { kind: "retry" }), makeWait("loop[3].b", 2_000, { kind: "retry" })]
        )
      }).pipe(Effect.provide(layer)))

    it.effect("keeps the first outcome of an execution that undoes its steps", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const outcome = { status: "failed" as const, error: { code: "x", message: "\u0000ü😀" } }
        yield* journal.unwind(e, outcome)
        assert.deepStrictEqual(yield* journal.load(e), Option.none())
        const snapshot = makeSnapshot("e")
        yield* journal.create(snapshot)
        yield* journal.unwind(e, outcome)
        yield* journal.unwind(e, { status: "cancelled", error: null })
        const expected = { ...fresh, snapshot, outcome: Option.some(outcome) }
        assert.deepStrictEqual(yield* journal.load(e), Option.some(expected))
      }).pipe(Effect.provide(layer)))

    it.effect("a wait leaves the records, the resumes and what is due as they are", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.create(makeSnapshot("e"))
        yield* journal.record(e, makeRecord("1"))
        yield* journal.countResume(e)
        yield* journal.wait(e, makeWait("2", 9_000))
        const { records, resumes } = Option.getOrThrow(yield* journal.load(e))
        assert.deepStrictEqual({ records, resumes }, { records: [makeRecord("1")], resumes: 1 })
        assert.deepStrictEqual(yield* journal.due(0), [e])
        assert.deepStrictEqual(yield* journal.nextDue, Option.none())
      }).pipe(Effect.provide(layer)))

    it.effect("numbers the signals of an execution in their order, whatever their names", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const other = ExecutionId.make("other")
        yield* journal.create(makeSnapshot("e"))
        yield* journal.create(makeSnapshot("other"))
        const expected = Array.from({ length: 12 }, (_, index) => ({
          number: index + 1,
          name: index % 2 === 0 ? "approved" : "signal:1",
          payload: { at: index, text: "\u0000ü😀" }
        }))
        for (const { name, number, payload } of expected) {
          assert.deepStrictEqual(yield* journal.signal(e, name, payload), Option.some({ number, name, payload }))
        }
        assert.deepStrictEqual(
          yield* journal.signal(other, "approved", null),
          Option.some({ number: 1, name: "approved", payload: null })
        )
        assert.deepStrictEqual(Option.getOrThrow(yield* journal.load(e)).signals, expected)
      }).pipe(Effect.provide(layer)))

    it.effect("takes no signal after the end", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.create(makeSnapshot("e"))
        yield* journal.signal(e, "before", 1)
        yield* journal.end(e, makeEnd(null), [])
        assert.deepStrictEqual(yield* journal.signal(e, "after", 2), Option.none())
        const { signals } = Option.getOrThrow(yield* journal.load(e))
        assert.deepStrictEqual(signals, [{ number: 1, name: "before", payload: 1 }])
      }).pipe(Effect.provide(layer)))

    it.effect("a signal makes a parked execution due at once", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.create(makeSnapshot("e"))
        yield* journal.create(makeSnapshot("other"))
        yield* journal.park(e, 5_000, [])
        yield* journal.park(ExecutionId.make("other"), 6_000, [])
        yield* journal.signal(e, "go", 1)
        assert.deepStrictEqual(yield* journal.due(1), [e])
        assert.isTrue(Option.getOrThrow(yield* journal.load(e)).parked)
        yield* journal.countResume(e)
        assert.deepStrictEqual(yield* journal.nextDue, Option.some(6_000))
      }).pipe(Effect.provide(layer)))

    it.effect("a parked execution is due at its time, and no earlier", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        for (const id of ["late", "e", "busy"]) yield* journal.create(makeSnapshot(id))
        assert.deepStrictEqual(yield* journal.nextDue, Option.none())
        yield* journal.park(ExecutionId.make("late"), 9_000, [])
        assert.deepStrictEqual(yield* journal.nextDue, Option.some(9_000))
        yield* journal.park(e, 5_000, [])
        assert.deepStrictEqual(yield* journal.nextDue, Option.some(5_000))
        const dueAt = (millis: number) => Effect.map(journal.due(millis), (ids) => ids.map(String))
        assert.deepStrictEqual(yield* dueAt(4_999), ["busy"])
        assert.deepStrictEqual(yield* dueAt(5_000), ["e", "busy"])
        assert.deepStrictEqual(yield* dueAt(9_000), ["late", "e", "busy"])
        assert.isTrue(Option.getOrThrow(yield* journal.load(e)).parked)
        yield* journal.park(e, 9_500, [])
        assert.deepStrictEqual(yield* journal.nextDue, Option.some(9_000))
        assert.deepStrictEqual(yield* dueAt(9_000), ["late", "busy"])
        // Years away: more than 32 bits of milliseconds.
        yield* journal.park(ExecutionId.make("late"), 4_102_444_800_000, [])
        yield* journal.remove(e)
        assert.deepStrictEqual(yield* journal.nextDue, Option.some(4_102_444_800_000))
      }).pipe(Effect.provide(layer)))

    it.effect("taking up a parked execution is no resume, and makes it due at once", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.create(makeSnapshot("e"))
        assert.strictEqual(yield* journal.countResume(e), 1)
        yield* journal.park(e, 5_000, [])
        assert.strictEqual(yield* journal.countResume(e), 1)
        const entry = Option.getOrThrow(yield* journal.load(e))
        assert.deepStrictEqual([entry.parked, entry.resumes], [false, 1])
        assert.deepStrictEqual(yield* journal.due(0), [e])
        assert.deepStrictEqual(yield* journal.nextDue, Option.none())
        assert.strictEqual(yield* journal.countResume(e), 2)
        for (let times = 0; times < 30; times++) {
          yield* journal.park(e, 5_000 + times, [])
          assert.strictEqual(yield* journal.countResume(e), 2)
        }
        yield* journal.record(e, makeRecord("1"))
        yield* journal.park(e, 6_000, [])
        assert.strictEqual(yield* journal.countResume(e), 0)
      }).pipe(Effect.provide(layer)))

    it.effect("keeps what was logged before each park, in order", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.create(makeSnapshot("e"))
        const logs = Array.from({ length: 12 }, (_, index) => makeRecord(`${index}`).logs)
        for (const [index, lines] of logs.entries()) {
          yield* journal.park(e, 5_000 + index, lines)
          yield* journal.countResume(e)
          yield* journal.record(e, makeRecord(`${index}`))
        }
        const entry = Option.getOrThrow(yield* journal.load(e))
        assert.deepStrictEqual(entry.parkedLogs, logs.flat())
        assert.deepStrictEqual(entry.records.length, 12)
      }).pipe(Effect.provide(layer)))

    it.effect("counts the resumes since the last record", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const resumes = Effect.map(journal.load(e), (entry) => Option.getOrThrow(entry).resumes)
        yield* journal.create(makeSnapshot("e"))
        assert.strictEqual(yield* journal.countResume(e), 1)
        assert.strictEqual(yield* journal.countResume(e), 2)
        assert.strictEqual(yield* resumes, 2)
        yield* journal.record(e, makeRecord("1"))
        assert.strictEqual(yield* resumes, 0)
        assert.strictEqual(yield* journal.countResume(e), 1)
        assert.strictEqual(yield* resumes, 1)
      }).pipe(Effect.provide(layer)))

    it.effect("remembers that a cancel was requested", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const snapshot = makeSnapshot("e")
        yield* journal.create(snapshot)
        yield* journal.requestCancel(e)
        yield* journal.requestCancel(e)
        assert.deepStrictEqual(yield* journal.load(e), Option.some({ ...fresh, snapshot, cancelRequested: true }))
      }).pipe(Effect.provide(layer)))

    it.effect("keeps the first end, with the log since the last record", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const { logs } = makeRecord("1")
        yield* journal.create(makeSnapshot("e"))
        yield* journal.end(e, makeEnd({ a: 1 }), logs)
        yield* journal.end(e, makeEnd({ a: 2 }), [])
        const entry = Option.getOrThrow(yield* journal.load(e))
        assert.deepStrictEqual(entry.end, Option.some({ end: makeEnd({ a: 1 }), logs }))
      }).pipe(Effect.provide(layer)))

    it.effect("removes all of an execution, and nothing of another", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const other = makeSnapshot("other")
        for (const snapshot of [makeSnapshot("e"), other]) {
          yield* journal.create(snapshot)
          yield* journal.record(snapshot.executionId, makeRecord("1"))
          yield* journal.wait(snapshot.executionId, makeWait("2", 5_000))
          yield* journal.signal(snapshot.executionId, "go", 1)
          yield* journal.park(snapshot.executionId, 5_000, makeRecord("2").logs)
        }
        yield* journal.requestCancel(e)
        yield* journal.countResume(e)
        yield* journal.end(e, makeEnd(null), [])
        yield* journal.remove(e)
        assert.deepStrictEqual(yield* journal.load(e), Option.none())
        assert.isTrue(yield* journal.create(makeSnapshot("e")))
        assert.deepStrictEqual(yield* journal.load(e), Option.some({ ...fresh, snapshot: makeSnapshot("e") }))
        const expected = {
          ...fresh,
          snapshot: other,
          records: [makeRecord("1")],
          waits: [makeWait("2", 5_000)],
          signals: [{ number: 1, name: "go", payload: 1 }],
          parkedLogs: makeRecord("2").logs,
          parked: true
        }
        assert.deepStrictEqual(yield* journal.load(other.executionId), Option.some(expected))
      }).pipe(Effect.provide(layer)))

    it.effect("takes nothing for an execution that it does not hold", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.record(e, makeRecord("1"))
        yield* journal.wait(e, makeWait("1", 5_000))
        yield* journal.park(e, 5_000, makeRecord("1").logs)
        assert.deepStrictEqual(yield* journal.signal(e, "go", 1), Option.none())
        yield* journal.requestCancel(e)
        yield* journal.end(e, makeEnd(null), [])
        yield* journal.remove(e)
        assert.isTrue(yield* journal.isEmpty)
        assert.deepStrictEqual(yield* journal.due(9_000), [])
        assert.deepStrictEqual(yield* journal.nextDue, Option.none())
        assert.strictEqual(yield* journal.countResume(e), 0)
        assert.deepStrictEqual(yield* journal.load(e), Option.none())
        yield* journal.create(makeSnapshot("e"))
        assert.deepStrictEqual(yield* journal.load(e), Option.some({ ...fresh, snapshot: makeSnapshot("e") }))
      }).pipe(Effect.provide(layer)))

    it.effect("holds what is as large as the limits let it be", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const text = (length: number) => `x${"😀".repeat(length / 4)}`
        const snapshot = makeSnapshot("e", {
          definition: definitionOf(makeLargeWorkflow("w", 1_000_000)),
          inputs: { text: text(1_000_000) }
        })
        const records = [makeRecord("1", text(1_900_000)), makeRecord("2", "x".repeat(1_899_998))]
        const end = makeEnd({ text: text(20_000_000) })
        const signals = [1, 2].map((number) => ({ number, name: "large", payload: text(1_000_000) }))
        yield* journal.create(snapshot)
        yield* Effect.forEach(records, (record) => journal.record(e, record))
        yield* Effect.forEach(signals, ({ name, payload }) => journal.signal(e, name, payload))
        yield* journal.end(e, end, [])
        const entry = Option.getOrThrow(yield* journal.load(e))
        assert.deepStrictEqual(entry, { ...fresh, snapshot, records, signals, end: Option.some({ end, logs: [] }) })
      }).pipe(Effect.provide(layer)))
  })
