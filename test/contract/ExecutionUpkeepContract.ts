import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option } from "effect"
import { untaken } from "../../src/domain/Execution.ts"
import { untakenEnd } from "../../src/domain/ExecutionState.ts"
import { ExecutionId } from "../../src/domain/Ids.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import type { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { at, insertWorkflows, makeDraft, makeWorkflow } from "./Data.ts"

const idsOf = (stored: ReadonlyArray<{ readonly execution: { readonly id: string } }>) =>
  stored.map(({ execution }) => execution.id)

/** How every execution repository is swept and pruned. The layer begins empty each time it is built. */
export const executionUpkeepContract = (
  name: string,
  layer: Layer.Layer<ExecutionRepository | WorkflowRepository>
) =>
  describe(`Upkeep of ExecutionRepository on ${name}`, () => {
    /** Inserts an execution for each time of creation, named by it. */
    const insertAt = Effect.fnUntraced(function*(...times: ReadonlyArray<number>) {
      const repository = yield* ExecutionRepository
      yield* insertWorkflows(makeWorkflow("w"))
      yield* Effect.forEach(times, (time) => repository.insert(makeDraft(`e${time}`, { createdAt: at(time) })))
      return repository
    })

    const end = (completedAt: number) => ({
      status: "cancelled" as const,
      outputs: null,
      error: null,
      startedAt: at(0),
      completedAt: at(completedAt)
    })

    it.effect("claims the pending and the running that nobody touched, and touches them", () =>
      Effect.gen(function*() {
        const repository = yield* insertAt(1, 2, 3, 4, 5)
        yield* repository.progress(ExecutionId.make("e2"), "running", at(12))
        yield* repository.progress(ExecutionId.make("e3"), "waiting", at(13))
        yield* repository.finish(ExecutionId.make("e4"), end(14), null)
        yield* repository.progress(ExecutionId.make("e5"), "running", at(20))
        const claimed = yield* repository.claimStale({ before: at(20), now: at(30), limit: 100 })
        assert.deepStrictEqual(idsOf(claimed), ["e1", "e2"])
        assert.deepStrictEqual(claimed.map(({ execution }) => execution.updatedAt), [at(30), at(30)])
        assert.deepStrictEqual(claimed.map(({ placement }) => placement), ["name:object-1", "name:object-1"])
        const found = yield* repository.find(ExecutionId.make("e2"), null)
        assert.deepStrictEqual(found, Option.fromUndefinedOr(claimed[1]))
        assert.deepStrictEqual(yield* repository.claimStale({ before: at(20), now: at(31), limit: 100 }), [])
        const later = yield* repository.claimStale({ before: at(21), now: at(32), limit: 100 })
        assert.deepStrictEqual(idsOf(later), ["e5"])
      }).pipe(Effect.provide(layer)))

    it.effect("leaves those alone that wait for a slot, and shows them as pending", () =>
      Effect.gen(function*() {
        const repository = yield* insertAt(1, 2)
        yield* repository.progress(ExecutionId.make("e1"), "queued", at(3))
        const claimed = yield* repository.claimStale({ before: at(20), now: at(30), limit: 100 })
        assert.deepStrictEqual(idsOf(claimed), ["e2"])
        const found = Option.getOrThrow(yield* repository.find(ExecutionId.make("e1"), null))
        assert.strictEqual(found.execution.status, "pending")
        const { items } = yield* repository.list({ tenantId: null, status: "pending", limit: 10 })
        assert.deepStrictEqual(items.map(({ id }) => String(id)), ["e2", "e1"])
        yield* repository.progress(ExecutionId.make("e1"), "running", at(31))
        assert.deepStrictEqual(
          (yield* repository.list({ tenantId: null, status: "running", limit: 10 })).items.length,
          1
        )
        yield* repository.progress(ExecutionId.make("e1"), "queued", at(32))
        assert.isTrue(yield* repository.finish(ExecutionId.make("e1"), end(33), null))
      }).pipe(Effect.provide(layer)))

    it.effect("names those that have not ended, of as many as it is asked for", () =>
      Effect.gen(function*() {
        const repository = yield* insertAt(1, 2, 3, 4, 5, 6)
        const ids = [1, 2, 3, 4, 5, 6].map((n) => ExecutionId.make(`e${n}`))
        const [, second, third, fourth, fifth, sixth] = ids
        if (second === undefined || third === undefined || fourth === undefined) return assert.fail()
        if (fifth === undefined || sixth === undefined) return assert.fail()
        yield* repository.progress(second, "running", at(12))
        yield* repository.progress(third, "queued", at(12))
        yield* repository.finish(fourth, end(14), null)
        yield* repository.finish(fifth, untakenEnd(at(0), at(14)), null)
        yield* repository.finish(sixth, { ...untakenEnd(at(0), at(14)), error: { code: "x", message: "y" } }, null)
        const unknown = Array.from({ length: 2_000 }, (_, n) => ExecutionId.make(`unknown ${n} "'é`))
        const unfinished = yield* repository.unfinished([...unknown, ...ids])
        assert.sameMembers(unfinished.map(String), ["e1", "e2", "e3", "e5"])
        assert.deepStrictEqual(yield* repository.unfinished([]), [])
      }).pipe(Effect.provide(layer)))

    it.effect("claims no more than asked for, those untouched for the longest first", () =>
      Effect.gen(function*() {
        const repository = yield* insertAt(3, 1, 4, 2)
        yield* repository.progress(ExecutionId.make("e1"), "running", at(10))
        const options = { before: at(20), now: at(30), limit: 2 }
        assert.deepStrictEqual(idsOf(yield* repository.claimStale(options)), ["e2", "e3"])
        assert.deepStrictEqual(idsOf(yield* repository.claimStale(options)), ["e1", "e4"])
        assert.deepStrictEqual(idsOf(yield* repository.claimStale(options)), [])
      }).pipe(Effect.provide(layer)))

    it.effect("claims no more than a page of bytes at a time", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        yield* insertWorkflows(makeWorkflow("w"))
        const inputs = { text: "é".repeat(500_000) }
        for (const time of [1, 2, 3, 4, 5, 6]) {
          yield* repository.insert(makeDraft(`e${time}`, { createdAt: at(time), inputs }))
        }
        const options = { before: at(20), now: at(30), limit: 100 }
        assert.deepStrictEqual(idsOf(yield* repository.claimStale(options)), ["e1", "e2", "e3", "e4"])
        assert.deepStrictEqual(idsOf(yield* repository.claimStale(options)), ["e5", "e6"])
      }).pipe(Effect.provide(layer)))

    it.effect("gives an execution to one of several claims at the same time", () =>
      Effect.gen(function*() {
        const repository = yield* insertAt(1, 2, 3, 4, 5, 6)
        const options = { before: at(20), now: at(30), limit: 3 }
        const claims = yield* Effect.all(
          [repository.claimStale(options), repository.claimStale(options), repository.claimStale(options)],
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(claims.flatMap(idsOf).sort(), ["e1", "e2", "e3", "e4", "e5", "e6"])
      }).pipe(Effect.provide(layer)))

    it.effect("prunes what ended before a time, the oldest first, no more than asked for", () =>
      Effect.gen(function*() {
        const repository = yield* insertAt(1, 2, 3, 4, 5)
        for (const [id, time] of [["e1", 15], ["e2", 11], ["e3", 12], ["e4", 20]] as const) {
          yield* repository.finish(ExecutionId.make(id), end(time), null)
        }
        const left = () =>
          Effect.map(repository.list({ tenantId: null, limit: 9 }), ({ items }) => items.map(({ id }) => String(id)))
        assert.strictEqual(yield* repository.prune({ now: at(30), endedBefore: at(20), limit: 2 }), 2)
        assert.deepStrictEqual(yield* left(), ["e5", "e4", "e1"])
        assert.strictEqual(yield* repository.prune({ now: at(30), endedBefore: at(20), limit: 2 }), 1)
        assert.deepStrictEqual(yield* left(), ["e5", "e4"])
        assert.strictEqual(yield* repository.prune({ now: at(30), endedBefore: at(20), limit: 2 }), 0)
      }).pipe(Effect.provide(layer)))

    it.effect("prunes what has a time of its own at that time, whenever it ended, and lets nobody wait for the others", () =>
      Effect.gen(function*() {
        const repository = yield* insertAt(1, 2, 3, 4, 5, 6, 7, 8)
        const ends = [
          ["e1", 10, null],
          ["e2", 11, 40],
          ["e3", 12, 31],
          ["e4", 29, 30],
          ["e5", 28, 29],
          ["e6", 27, 31],
          ["e7", 19, null]
        ] as const
        for (const [id, time, expiry] of ends) {
          yield* repository.finish(ExecutionId.make(id), end(time), expiry === null ? null : at(expiry))
        }
        const left = () =>
          Effect.map(repository.list({ tenantId: null, limit: 9 }), ({ items }) => items.map(({ id }) => String(id)))
        assert.strictEqual(yield* repository.prune({ now: at(28), endedBefore: at(10), limit: 9 }), 0)
        assert.strictEqual(yield* repository.prune({ now: at(30), endedBefore: at(20), limit: 1 }), 2)
        assert.deepStrictEqual(yield* left(), ["e8", "e7", "e6", "e4", "e3", "e2"])
        assert.strictEqual(yield* repository.prune({ now: at(30), endedBefore: at(20), limit: 9 }), 2)
        assert.deepStrictEqual(yield* left(), ["e8", "e6", "e3", "e2"])
        // Of the same time that which ended first.
        assert.strictEqual(yield* repository.prune({ now: at(39), endedBefore: at(39), limit: 1 }), 1)
        assert.deepStrictEqual(yield* left(), ["e8", "e6", "e2"])
        assert.strictEqual(yield* repository.prune({ now: at(39), endedBefore: at(39), limit: 9 }), 1)
        assert.deepStrictEqual(yield* left(), ["e8", "e2"])
        assert.strictEqual(yield* repository.prune({ now: at(40), endedBefore: at(39), limit: 9 }), 1)
        assert.deepStrictEqual(yield* left(), ["e8"])
      }).pipe(Effect.provide(layer)))

    it.effect("lets an end that replaces another set when it may go", () =>
      Effect.gen(function*() {
        const repository = yield* insertAt(1)
        const id = ExecutionId.make("e1")
        const refused = { ...end(3), status: "failed" as const, error: untaken }
        yield* repository.finish(id, refused, at(5))
        assert.isTrue(yield* repository.finish(id, end(4), at(9)))
        assert.isFalse(yield* repository.finish(id, end(4), at(6)))
        assert.strictEqual(yield* repository.prune({ now: at(8), endedBefore: at(8), limit: 9 }), 0)
        assert.strictEqual(yield* repository.prune({ now: at(9), endedBefore: at(0), limit: 9 }), 1)
      }).pipe(Effect.provide(layer)))
  })
