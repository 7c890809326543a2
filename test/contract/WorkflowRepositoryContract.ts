import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Schema } from "effect"
import { WorkflowId } from "../../src/domain/Ids.ts"
import { definitionOf } from "../../src/domain/Workflow.ts"
import type { WorkflowFilter } from "../../src/services/WorkflowRepository.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { asJson, at, insertWorkflows, makeLargeWorkflow, makeWorkflow, tenantA, tenantB, WorkflowData } from "./Data.ts"
import { readPages } from "./Pages.ts"

/** What every workflow repository does. The layer begins empty each time it is built. */
export const workflowRepositoryContract = (name: string, layer: Layer.Layer<WorkflowRepository>) =>
  describe(`WorkflowRepository on ${name}`, () => {
    const listNames = Effect.fnUntraced(function*(filter: { readonly name?: string; readonly status?: "inactive" }) {
      const repository = yield* WorkflowRepository
      const { items } = yield* repository.list({ tenantId: tenantA, limit: 100, ...filter })
      return items.map((workflow) => workflow.name)
    })

    it.effect.prop(
      "finds what was inserted, and its first version",
      [WorkflowData],
      ([data]) =>
        Effect.gen(function*() {
          const repository = yield* WorkflowRepository
          const workflow = makeWorkflow("w", data)
          yield* repository.insert(workflow)
          const expected = asJson(workflow)
          assert.deepStrictEqual(yield* repository.find(workflow.id, tenantA), Option.some(expected))
          assert.deepStrictEqual(yield* repository.find(workflow.id, null), Option.some(expected))
          assert.deepStrictEqual(yield* repository.findVersion(workflow.id, 1), Option.some(definitionOf(expected)))
          assert.deepStrictEqual(yield* repository.findVersion(workflow.id, 2), Option.none())
        }).pipe(Effect.provide(layer)),
      { arbitrary: { runs: 50 } }
    )

    it.effect("refuses a second workflow of the same id and keeps the first", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const first = makeWorkflow("w")
        yield* repository.insert(first)
        const error = yield* Effect.flip(repository.insert(makeWorkflow("w", { name: "Another" })))
        assert.strictEqual(error._tag, "StorageError")
        assert.strictEqual(error.operation, "workflows.insert")
        assert.deepStrictEqual(yield* repository.find(first.id, null), Option.some(first))
        assert.deepStrictEqual(yield* repository.findVersion(first.id, 1), Option.some(definitionOf(first)))
      }).pipe(Effect.provide(layer)))

    it.effect("updates the expected version and keeps the one before", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const first = makeWorkflow("w")
        const second = { ...first, name: "Changed", status: "inactive" as const, version: 2, updatedAt: at(5) }
        yield* repository.insert(first)
        assert.isTrue(yield* repository.update(second, 1))
        assert.deepStrictEqual(yield* repository.find(first.id, tenantA), Option.some(second))
        assert.deepStrictEqual(yield* repository.findVersion(first.id, 1), Option.some(definitionOf(first)))
        assert.deepStrictEqual(yield* repository.findVersion(first.id, 2), Option.some(definitionOf(second)))
      }).pipe(Effect.provide(layer)))

    it.effect("changes nothing when another version is expected", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const first = makeWorkflow("w")
        const second = { ...first, name: "Changed", version: 2 }
        const late = { ...first, name: "Late", version: 2 }
        yield* repository.insert(first)
        assert.isTrue(yield* repository.update(second, 1))
        assert.isFalse(yield* repository.update(late, 1))
        assert.isFalse(yield* repository.update({ ...late, version: 9 }, 8))
        assert.deepStrictEqual(yield* repository.find(first.id, tenantA), Option.some(second))
        assert.deepStrictEqual(yield* repository.findVersion(first.id, 2), Option.some(definitionOf(second)))
        assert.deepStrictEqual(yield* repository.findVersion(first.id, 9), Option.none())
      }).pipe(Effect.provide(layer)))

    it.effect("lets one of several updates at the same time through", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const first = makeWorkflow("w")
        yield* repository.insert(first)
        const names = ["a", "b", "c", "d"]
        const done = yield* Effect.forEach(
          names,
          (name) => repository.update({ ...first, name, version: 2 }, 1),
          { concurrency: "unbounded" }
        )
        const winners = names.filter((_, index) => done[index])
        assert.strictEqual(winners.length, 1)
        const stored = Option.getOrThrow(yield* repository.find(first.id, null))
        const version = Option.getOrThrow(yield* repository.findVersion(first.id, 2))
        assert.deepStrictEqual([stored.name], winners)
        assert.deepStrictEqual([version.name], winners)
      }).pipe(Effect.provide(layer)))

    it.effect("neither finds nor lists nor changes a removed workflow, but keeps its versions", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const workflow = makeWorkflow("w")
        yield* repository.insert(workflow)
        assert.isTrue(yield* repository.remove(workflow.id, tenantA, at(1)))
        assert.isFalse(yield* repository.remove(workflow.id, tenantA, at(2)))
        assert.isFalse(yield* repository.update({ ...workflow, version: 2 }, 1))
        assert.deepStrictEqual(yield* repository.find(workflow.id, null), Option.none())
        assert.deepStrictEqual(yield* repository.list({ tenantId: null, limit: 9 }), { items: [], nextCursor: null })
        assert.deepStrictEqual(yield* repository.findVersion(workflow.id, 1), Option.some(definitionOf(workflow)))
        assert.deepStrictEqual(yield* repository.findVersion(workflow.id, 2), Option.none())
      }).pipe(Effect.provide(layer)))

    it.effect("shows another tenant nothing and lets it change nothing", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const workflow = makeWorkflow("w")
        yield* repository.insert(workflow)
        assert.deepStrictEqual(yield* repository.find(workflow.id, tenantB), Option.none())
        assert.deepStrictEqual(yield* repository.list({ tenantId: tenantB, limit: 9 }), { items: [], nextCursor: null })
        assert.isFalse(yield* repository.remove(workflow.id, tenantB, at(1)))
        assert.isFalse(yield* repository.update({ ...workflow, tenantId: tenantB, version: 2 }, 1))
        assert.deepStrictEqual(yield* repository.find(workflow.id, null), Option.some(workflow))
        assert.deepStrictEqual(yield* repository.findVersion(workflow.id, 2), Option.none())
      }).pipe(Effect.provide(layer)))

    it.effect("finds no workflow and no version of an unknown id", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const id = WorkflowId.make("unknown")
        assert.deepStrictEqual(yield* repository.find(id, null), Option.none())
        assert.deepStrictEqual(yield* repository.findVersion(id, 1), Option.none())
        assert.isFalse(yield* repository.update(makeWorkflow("unknown", { version: 2 }), 1))
        assert.isFalse(yield* repository.remove(id, null, at(0)))
      }).pipe(Effect.provide(layer)))

    it.effect("lists the newest first, those of the same time by their ids", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const [b1, a2, c2, d3] = [
          makeWorkflow("b", { createdAt: at(1) }),
          makeWorkflow("a", { createdAt: at(2) }),
          makeWorkflow("c", { createdAt: at(2) }),
          makeWorkflow("d", { createdAt: at(3), tenantId: tenantB })
        ]
        yield* insertWorkflows(a2, b1, d3, c2)
        const all = yield* repository.list({ tenantId: null, limit: 100 })
        assert.deepStrictEqual(all, { items: [d3, c2, a2, b1], nextCursor: null })
        const own = yield* repository.list({ tenantId: tenantA, limit: 100 })
        assert.deepStrictEqual(own, { items: [c2, a2, b1], nextCursor: null })
      }).pipe(Effect.provide(layer)))

    it.effect("filters by status and by a part of the name, taken literally, in any case", () =>
      Effect.gen(function*() {
        const long = "a name of more than fifty bytes, as D1 takes no longer pattern"
        yield* insertWorkflows(
          makeWorkflow("1", { name: "Order Import", createdAt: at(4) }),
          makeWorkflow("2", { name: "100% reorder", createdAt: at(3), status: "inactive" }),
          makeWorkflow("3", { name: "under_score \\ back", createdAt: at(2) }),
          makeWorkflow("4", { name: `Has ${long}!`, createdAt: at(1) })
        )
        assert.deepStrictEqual(yield* listNames({ name: "ORDER" }), ["Order Import", "100% reorder"])
        assert.deepStrictEqual(yield* listNames({ name: "ORDER", status: "inactive" }), ["100% reorder"])
        assert.deepStrictEqual(yield* listNames({ status: "inactive" }), ["100% reorder"])
        assert.deepStrictEqual(yield* listNames({ name: "0%" }), ["100% reorder"])
        assert.deepStrictEqual(yield* listNames({ name: "%" }), ["100% reorder"])
        assert.deepStrictEqual(yield* listNames({ name: "_" }), ["under_score \\ back"])
        assert.deepStrictEqual(yield* listNames({ name: "\\" }), ["under_score \\ back"])
        assert.deepStrictEqual(yield* listNames({ name: long.toUpperCase() }), [`Has ${long}!`])
        assert.deepStrictEqual(yield* listNames({ name: "nowhere" }), [])
      }).pipe(Effect.provide(layer)))

    it.effect.prop(
      "pages hold every row once, also while rows are added",
      [
        Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 }))).check(Schema.isMaxLength(12)),
        Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 }))
      ],
      ([times, limit]) =>
        Effect.gen(function*() {
          const repository = yield* WorkflowRepository
          yield* insertWorkflows(...times.map((time, index) => makeWorkflow(`w${index}`, { createdAt: at(time) })))
          const { items: before } = yield* repository.list({ tenantId: tenantA, limit: 100 })
          const pages = yield* readPages(
            (after) => repository.list({ tenantId: tenantA, limit, after }),
            (page) => insertWorkflows(makeWorkflow(`new${page}`, { createdAt: at(9) }))
          )
          assert.strictEqual(before.length, times.length)
          assert.deepStrictEqual(pages.flat(), before)
          assert.isTrue(pages.every((page) => page.length <= limit))
        }).pipe(Effect.provide(layer)),
      { arbitrary: { runs: 25 } }
    )

    it.effect("knows which ids are workflows of a tenant, however many are asked for", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const ids = Array.from({ length: 150 }, (_, index) => WorkflowId.make(`w${index}`))
        yield* insertWorkflows(
          ...ids.slice(0, 120).map((id) => makeWorkflow(id, { status: "inactive" })),
          makeWorkflow("other", { tenantId: tenantB })
        )
        yield* repository.remove(WorkflowId.make("w0"), tenantA, at(1))
        const known = yield* repository.known(tenantA, [...ids, WorkflowId.make("other"), WorkflowId.make("' --")])
        assert.sameMembers([...known], ids.slice(1, 120))
        assert.deepStrictEqual(yield* repository.known(tenantA, []), [])
      }).pipe(Effect.provide(layer)))

    it.effect("lists some workflows alone, page by page", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const ids = Array.from({ length: 9 }, (_, index) => `w${index}`)
        yield* insertWorkflows(
          ...ids.map((id, index) => makeWorkflow(id, { createdAt: at(index % 2), name: index < 6 ? "early" : "late" })),
          makeWorkflow("other", { tenantId: tenantB })
        )
        yield* repository.remove(WorkflowId.make("w8"), tenantA, at(1))
        const workflows = ["w7", "other", "w0", "w8", "w1", "w4", "w2", "unknown"].map((id) => WorkflowId.make(id))
        const pages = yield* readPages(
          (after) => repository.list({ tenantId: tenantA, workflows, limit: 2, after }),
          (page) => insertWorkflows(makeWorkflow(`new${page}`, { createdAt: at(9) }))
        )
        assert.deepStrictEqual(pages.map((page) => page.map(({ id }) => String(id))), [["w7", "w1"], ["w4", "w2"], [
          "w0"
        ]])
        const list = (filter: Partial<WorkflowFilter>) =>
          Effect.map(
            repository.list({ tenantId: tenantA, workflows, limit: 9, ...filter }),
            ({ items }) => items.map(({ id }) => String(id))
          )
        assert.deepStrictEqual(yield* list({ name: "late" }), ["w7"])
        assert.deepStrictEqual(yield* list({ tenantId: tenantB }), ["other"])
        assert.deepStrictEqual(yield* list({ workflows: [] }), [])
      }).pipe(Effect.provide(layer)))

    it.effect("ends a page before its JSON gets too large", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const ids = ["1", "2", "3", "4", "5", "6"]
        yield* insertWorkflows(...ids.map((id) => makeLargeWorkflow(id, 1_000_000)))
        const pages = yield* readPages(
          (after) => repository.list({ tenantId: tenantA, limit: 100, after }),
          () => Effect.void
        )
        assert.deepStrictEqual(pages.map((page) => page.map(({ id }) => String(id))), [["6", "5", "4", "3"], [
          "2",
          "1"
        ]])
      }).pipe(Effect.provide(layer)))
  })
