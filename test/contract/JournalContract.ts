import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Schema } from "effect"
import { Inputs } from "../../src/domain/Execution.ts"
import { ExecutionId } from "../../src/domain/Ids.ts"
import { definitionOf } from "../../src/domain/Workflow.ts"
import { Journal } from "../../src/services/Journal.ts"
import { asJson, makeLargeWorkflow } from "./Data.ts"
import { makeEnd, makeRecord, makeSnapshot, RecordData } from "./JournalData.ts"

const e = ExecutionId.make("e")
const fresh = { records: [], cancelRequested: false, resumes: 0, end: Option.none() }

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

    it.effect("names its executions in the order of their creation", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        assert.deepStrictEqual(yield* journal.ids, [])
        for (const id of ["c", "a", "b"]) yield* journal.create(makeSnapshot(id))
        assert.deepStrictEqual((yield* journal.ids).map(String), ["c", "a", "b"])
        yield* journal.remove(ExecutionId.make("a"))
        yield* journal.create(makeSnapshot("a"))
        assert.deepStrictEqual((yield* journal.ids).map(String), ["c", "b", "a"])
      }).pipe(Effect.provide(layer)))

    it.effect("keeps the first record of a path", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.create(makeSnapshot("e"))
        yield* journal.record(e, makeRecord("1", "first"))
        yield* journal.record(e, makeRecord("2"))
        yield* journal.record(e, makeRecord("1", "second"))
        const entry = Option.getOrThrow(yield* journal.load(e))
        assert.deepStrictEqual(entry.records, [makeRecord("1", "first"), makeRecord("2")])
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
        }
        yield* journal.requestCancel(e)
        yield* journal.countResume(e)
        yield* journal.end(e, makeEnd(null), [])
        yield* journal.remove(e)
        assert.deepStrictEqual(yield* journal.load(e), Option.none())
        assert.isTrue(yield* journal.create(makeSnapshot("e")))
        assert.deepStrictEqual(yield* journal.load(e), Option.some({ ...fresh, snapshot: makeSnapshot("e") }))
        const expected = { ...fresh, snapshot: other, records: [makeRecord("1")] }
        assert.deepStrictEqual(yield* journal.load(other.executionId), Option.some(expected))
      }).pipe(Effect.provide(layer)))

    it.effect("takes nothing for an execution that it does not hold", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.record(e, makeRecord("1"))
        yield* journal.requestCancel(e)
        yield* journal.end(e, makeEnd(null), [])
        yield* journal.remove(e)
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
        yield* journal.create(snapshot)
        yield* Effect.forEach(records, (record) => journal.record(e, record))
        yield* journal.end(e, end, [])
        const entry = Option.getOrThrow(yield* journal.load(e))
        assert.deepStrictEqual(entry, { ...fresh, snapshot, records, end: Option.some({ end, logs: [] }) })
      }).pipe(Effect.provide(layer)))
  })
