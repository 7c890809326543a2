import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Schema } from "effect"
import type { Execution } from "../../src/domain/Execution.ts"
import { Inputs } from "../../src/domain/Execution.ts"
import { untaken } from "../../src/domain/Execution.ts"
import { ExecutionId, RequestId, StepId, WorkflowId } from "../../src/domain/Ids.ts"
import { Limits } from "../../src/domain/Limits.ts"
import type { ExecutionDraft, ExecutionFilter } from "../../src/services/ExecutionRepository.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { asJson, at, insertWorkflows, makeDraft, makeWorkflow, tenantA, tenantB } from "./Data.ts"
import { readPages } from "./Pages.ts"

type Repositories = ExecutionRepository | WorkflowRepository

const pending = (draft: ExecutionDraft, members: Partial<Execution> = {}): Execution => ({
  id: draft.id,
  workflowId: draft.workflowId,
  workflowVersion: 1,
  tenantId: tenantA,
  status: "pending",
  trigger: draft.trigger,
  inputs: draft.inputs,
  outputs: null,
  error: null,
  requestId: draft.requestId,
  retryOf: null,
  parentId: draft.parent?.id ?? null,
  startedAt: draft.createdAt,
  completedAt: null,
  createdAt: draft.createdAt,
  updatedAt: draft.createdAt,
  ...members
})

const completed = (completedAt: number) => ({
  status: "completed" as const,
  outputs: { total: 3 },
  error: null,
  startedAt: at(1),
  completedAt: at(completedAt)
})

const insertDrafts = (...drafts: ReadonlyArray<ExecutionDraft>) =>
  ExecutionRepository.use((repository) => Effect.forEach(drafts, repository.insert, { discard: true }))

const listIds = (filter: Partial<ExecutionFilter>) =>
  ExecutionRepository.use((repository) => repository.list({ tenantId: null, limit: 100, ...filter })).pipe(
    Effect.map(({ items }) => items.map(({ id }) => String(id)))
  )

/** What every execution repository does. The layer begins empty each time it is built. */
export const executionRepositoryContract = (name: string, layer: Layer.Layer<Repositories>) =>
  describe(`ExecutionRepository on ${name}`, () => {
    it.effect.prop(
      "inserts an execution of the workflow's tenant and version",
      [Inputs],
      ([inputs]) =>
        Effect.gen(function*() {
          const repository = yield* ExecutionRepository
          const workflow = makeWorkflow("w", { version: 7 })
          const draft = makeDraft("e", { inputs: asJson(inputs) })
          yield* insertWorkflows(workflow)
          assert.deepStrictEqual(yield* repository.insert(draft), Option.some({ workflow, inserted: true }))
          const stored = {
            execution: pending(draft, { workflowVersion: 7 }),
            placement: "name:object-1",
            retryFrom: null
          }
          assert.deepStrictEqual(yield* repository.find(draft.id, tenantA), Option.some(stored))
          assert.deepStrictEqual(yield* repository.find(draft.id, null), Option.some(stored))
        }).pipe(Effect.provide(layer)),
      { arbitrary: { runs: 50 } }
    )

    it.effect("stores a draft without a request id", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const draft = makeDraft("e", { requestId: null, trigger: "schedule" })
        yield* insertWorkflows(makeWorkflow("w"))
        yield* repository.insert(draft)
        const stored = Option.getOrThrow(yield* repository.find(draft.id, tenantA))
        assert.deepStrictEqual(stored.execution, pending(draft))
      }).pipe(Effect.provide(layer)))

    it.effect("answers an inactive workflow and stores nothing", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const workflow = makeWorkflow("w", { status: "inactive" })
        yield* insertWorkflows(workflow)
        assert.deepStrictEqual(yield* repository.insert(makeDraft("e")), Option.some({ workflow, inserted: false }))
        assert.deepStrictEqual(yield* listIds({}), [])
      }).pipe(Effect.provide(layer)))

    it.effect("stores an execution of a workflow with an input schema only of the version that was checked", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const workflows = yield* WorkflowRepository
        const workflow = makeWorkflow("w", { version: 2, inputSchema: {} })
        const insert = (id: string, checkedVersion: number | null) =>
          Effect.map(repository.insert(makeDraft(id, { checkedVersion })), Option.getOrThrow)
        yield* insertWorkflows(workflow)
        assert.deepStrictEqual(yield* insert("unchecked", null), { workflow, inserted: false })
        assert.deepStrictEqual(yield* insert("former", 1), { workflow, inserted: false })
        assert.deepStrictEqual(yield* listIds({}), [])
        assert.deepStrictEqual(yield* insert("checked", 2), { workflow, inserted: true })
        const { inputSchema: _, ...without } = workflow
        const free = { ...without, version: 3 }
        assert.isTrue(yield* workflows.update(free, 2))
        assert.deepStrictEqual(yield* insert("free", null), { workflow: free, inserted: true })
        assert.deepStrictEqual(yield* insert("free, checked before", 2), { workflow: free, inserted: true })
        assert.sameMembers(yield* listIds({}), ["checked", "free", "free, checked before"])
      }).pipe(Effect.provide(layer)))

    it.effect("stores nothing of an inactive workflow with an input schema, whichever version was checked", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const workflow = makeWorkflow("w", { status: "inactive", inputSchema: { type: "object" } })
        yield* insertWorkflows(workflow)
        const answer = yield* repository.insert(makeDraft("e", { checkedVersion: 1 }))
        assert.deepStrictEqual(answer, Option.some({ workflow, inserted: false }))
        assert.deepStrictEqual(yield* listIds({}), [])
      }).pipe(Effect.provide(layer)))

    it.effect("stores a retry of the version and the inputs of the first execution, whatever the workflow is now", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const workflow = makeWorkflow("w", { version: 3, inputSchema: { type: "object", required: ["other"] } })
        const retry = { of: ExecutionId.make("first"), version: 2, from: StepId.make("only") }
        yield* insertWorkflows(workflow)
        const draft = makeDraft("e", { retry })
        assert.deepStrictEqual(yield* repository.insert(draft), Option.some({ workflow, inserted: true }))
        const members = { workflowVersion: 2, retryOf: retry.of }
        const stored = { execution: pending(draft, members), placement: draft.placement, retryFrom: retry.from }
        assert.deepStrictEqual(yield* repository.find(draft.id, tenantA), Option.some(stored))
        const whole = makeDraft("whole", { retry: { ...retry, from: null } })
        yield* repository.insert(whole)
        assert.strictEqual(Option.getOrThrow(yield* repository.find(whole.id, null)).retryFrom, null)
        const claimed = yield* repository.claimStale({ before: at(1), now: at(2), limit: 1 })
        assert.deepStrictEqual(claimed.map(({ retryFrom }) => String(retryFrom)), ["only"])
        const { items } = yield* repository.list({ tenantId: tenantA, limit: 9 })
        assert.deepStrictEqual(items.map(({ retryOf }) => String(retryOf)), ["first", "first"])
      }).pipe(Effect.provide(layer)))

    it.effect("stores no retry of an inactive, a removed or another tenant's workflow", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const workflows = yield* WorkflowRepository
        const retry = { of: ExecutionId.make("first"), version: 1, from: null }
        const inactive = makeWorkflow("inactive", { status: "inactive" })
        yield* insertWorkflows(makeWorkflow("w"), inactive, makeWorkflow("removed"))
        yield* workflows.remove(WorkflowId.make("removed"), null, at(1))
        const insert = (id: string, workflowId: string, tenantId = tenantA) =>
          repository.insert(makeDraft(id, { retry, tenantId, workflowId: WorkflowId.make(workflowId) }))
        assert.deepStrictEqual(yield* insert("1", "inactive"), Option.some({ workflow: inactive, inserted: false }))
        assert.deepStrictEqual(yield* insert("2", "removed"), Option.none())
        assert.deepStrictEqual(yield* insert("3", "w", tenantB), Option.none())
        assert.deepStrictEqual(yield* listIds({}), [])
      }).pipe(Effect.provide(layer)))

    it.effect("answers none for a workflow that is unknown, removed or another tenant's, and stores nothing", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const workflows = yield* WorkflowRepository
        yield* insertWorkflows(makeWorkflow("w"), makeWorkflow("removed"))
        yield* workflows.remove(WorkflowId.make("removed"), null, at(1))
        const drafts = [
          makeDraft("1", { workflowId: WorkflowId.make("unknown") }),
          makeDraft("2", { workflowId: WorkflowId.make("removed") }),
          makeDraft("3", { tenantId: tenantB })
        ]
        const answers = yield* Effect.forEach(drafts, repository.insert)
        assert.deepStrictEqual(answers, [Option.none(), Option.none(), Option.none()])
        assert.deepStrictEqual(yield* listIds({}), [])
      }).pipe(Effect.provide(layer)))

    it.effect("keeps the execution of an id that is there already, and says so", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const workflows = yield* WorkflowRepository
        const draft = makeDraft("e")
        const workflow = makeWorkflow("w")
        yield* insertWorkflows(workflow)
        yield* repository.insert(draft)
        const again = { ...draft, trigger: "again", placement: "name:other", createdAt: at(5) }
        const known = { workflow, inserted: false, known: true as const }
        assert.deepStrictEqual(yield* repository.insert(again), Option.some(known))
        assert.isTrue(yield* repository.finish(draft.id, completed(3), null))
        const inactive = { ...workflow, version: 2, status: "inactive" as const, inputSchema: { type: "object" } }
        assert.isTrue(yield* workflows.update(inactive, 1))
        assert.deepStrictEqual(yield* repository.insert(again), Option.some({ ...known, workflow: inactive }))
        const stored = Option.getOrThrow(yield* repository.find(draft.id, null))
        assert.deepStrictEqual(stored, {
          execution: pending(draft, { ...completed(3), updatedAt: at(3) }),
          placement: draft.placement,
          retryFrom: null
        })
      }).pipe(Effect.provide(layer)))

    it.effect("stores which execution started it, and tells the sweep", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const parent = { id: ExecutionId.make("p"), depth: 2, awaited: true }
        const draft = makeDraft("e", { parent, trigger: "workflow" })
        yield* insertWorkflows(makeWorkflow("w"))
        yield* repository.insert(draft)
        const stored = { execution: pending(draft), placement: draft.placement, retryFrom: null, parent }
        assert.strictEqual(stored.execution.parentId, "p")
        assert.deepStrictEqual(yield* repository.find(draft.id, tenantA), Option.some(stored))
        const { items } = yield* repository.list({ tenantId: tenantA, limit: 10 })
        assert.deepStrictEqual(items, [stored.execution])
        const claimed = yield* repository.claimStale({ before: at(1), now: at(2), limit: 10 })
        assert.deepStrictEqual(claimed, [{ ...stored, execution: { ...stored.execution, updatedAt: at(2) } }])
      }).pipe(Effect.provide(layer)))

    it.effect("lets the end of an execution replace that the engine did not take it", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const draft = makeDraft("e")
        const refused = { ...completed(3), status: "failed" as const, outputs: null, error: untaken }
        yield* insertWorkflows(makeWorkflow("w"))
        yield* repository.insert(draft)
        assert.isTrue(yield* repository.finish(draft.id, refused, null))
        assert.isTrue(yield* repository.finish(draft.id, completed(5), null))
        assert.isFalse(yield* repository.finish(draft.id, refused, null))
        const found = Option.getOrThrow(yield* repository.find(draft.id, null))
        assert.strictEqual(found.execution.status, "completed")
        assert.isNull(found.execution.error)
      }).pipe(Effect.provide(layer)))

    it.effect("stores the first end and no other", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const draft = makeDraft("e")
        const error = { code: "STEP-001", message: "Broken", details: { attempt: [1, null] } }
        const failed = { status: "failed" as const, outputs: null, error, startedAt: at(1), completedAt: at(3) }
        yield* insertWorkflows(makeWorkflow("w"))
        yield* repository.insert(draft)
        assert.isTrue(yield* repository.finish(draft.id, failed, null))
        assert.isFalse(yield* repository.finish(draft.id, completed(5), null))
        yield* repository.progress(draft.id, "running", at(6))
        assert.isFalse(yield* repository.finish(ExecutionId.make("unknown"), failed, null))
        const stored = Option.getOrThrow(yield* repository.find(draft.id, tenantA))
        assert.deepStrictEqual(stored.execution, pending(draft, { ...failed, updatedAt: at(3) }))
      }).pipe(Effect.provide(layer)))

    it.effect("stores the outputs, unless they are too large for a row", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        yield* insertWorkflows(makeWorkflow("w"))
        yield* insertDrafts(makeDraft("small"), makeDraft("largest"), makeDraft("too-large"))
        // Two bytes a character, and eight for {"a":""}.
        const largest = { a: "é".repeat((Limits.outputsInlineBytes - 8) / 2) }
        const outputs = { small: { total: 3 }, largest, "too-large": { a: `${largest.a}x` } }
        for (const [id, value] of Object.entries(outputs)) {
          yield* repository.finish(ExecutionId.make(id), { ...completed(5), outputs: value }, null)
        }
        const { items } = yield* repository.list({ tenantId: tenantA, limit: 3 })
        const stored = Object.fromEntries(items.map((execution) => [execution.id, execution.outputs]))
        assert.deepStrictEqual(stored, { small: { total: 3 }, largest, "too-large": null })
      }).pipe(Effect.provide(layer)))

    it.effect("stores how an execution goes on", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const draft = makeDraft("e")
        yield* insertWorkflows(makeWorkflow("w"))
        yield* repository.insert(draft)
        for (const [status, time] of [["running", 1], ["waiting", 2], ["running", 3]] as const) {
          yield* repository.progress(draft.id, status, at(time))
          const stored = Option.getOrThrow(yield* repository.find(draft.id, tenantA))
          assert.deepStrictEqual(stored.execution, pending(draft, { status, updatedAt: at(time) }))
        }
        assert.isTrue(yield* repository.finish(draft.id, completed(5), null))
      }).pipe(Effect.provide(layer)))

    it.effect("shows another tenant nothing", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        yield* insertWorkflows(makeWorkflow("w"))
        yield* insertDrafts(makeDraft("e"))
        assert.deepStrictEqual(yield* repository.find(ExecutionId.make("e"), tenantB), Option.none())
        assert.deepStrictEqual(yield* listIds({ tenantId: tenantB }), [])
        assert.deepStrictEqual(yield* listIds({ tenantId: tenantB, workflowId: WorkflowId.make("w") }), [])
        assert.deepStrictEqual(yield* listIds({ tenantId: tenantA, workflowId: WorkflowId.make("w") }), ["e"])
      }).pipe(Effect.provide(layer)))

    it.effect("lists the newest first, and by each filter", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        const other = { workflowId: WorkflowId.make("other") }
        yield* insertWorkflows(makeWorkflow("w"), makeWorkflow("other", { tenantId: tenantB }))
        yield* insertDrafts(
          makeDraft("b", { createdAt: at(2) }),
          makeDraft("a", { createdAt: at(1), trigger: "webhook" }),
          makeDraft("d", { createdAt: at(3), ...other }),
          makeDraft("c", { createdAt: at(2), requestId: RequestId.make("request-2") })
        )
        yield* repository.finish(ExecutionId.make("c"), completed(5), null)
        assert.deepStrictEqual(yield* listIds({}), ["d", "c", "b", "a"])
        assert.deepStrictEqual(yield* listIds({ tenantId: tenantA }), ["c", "b", "a"])
        assert.deepStrictEqual(yield* listIds(other), ["d"])
        assert.deepStrictEqual(yield* listIds({ status: "completed" }), ["c"])
        assert.deepStrictEqual(yield* listIds({ status: "pending", tenantId: tenantA }), ["b", "a"])
        assert.deepStrictEqual(yield* listIds({ trigger: "webhook" }), ["a"])
        assert.deepStrictEqual(yield* listIds({ from: at(2) }), ["d", "c", "b"])
        assert.deepStrictEqual(yield* listIds({ to: at(2) }), ["a"])
        assert.deepStrictEqual(yield* listIds({ from: at(2), to: at(3), after: { createdAt: at(2), id: "c" } }), ["b"])
      }).pipe(Effect.provide(layer)))

    it.effect.prop(
      "pages hold every row once, also while rows are added",
      [
        Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 }))).check(Schema.isMaxLength(12)),
        Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 }))
      ],
      ([times, limit]) =>
        Effect.gen(function*() {
          const repository = yield* ExecutionRepository
          yield* insertWorkflows(makeWorkflow("w"))
          yield* insertDrafts(...times.map((time, index) => makeDraft(`e${index}`, { createdAt: at(time) })))
          const { items: before } = yield* repository.list({ tenantId: tenantA, limit: 100 })
          const pages = yield* readPages(
            (after) => repository.list({ tenantId: tenantA, limit, after }),
            (page) => insertDrafts(makeDraft(`new${page}`, { createdAt: at(9) }))
          )
          assert.strictEqual(before.length, times.length)
          assert.deepStrictEqual(pages.flat(), before)
          assert.isTrue(pages.every((page) => page.length <= limit))
        }).pipe(Effect.provide(layer)),
      { arbitrary: { runs: 25 } }
    )

    it.effect.prop(
      "pages of some workflows hold each of their rows once, in the order of all",
      [
        Schema.Array(Schema.Tuple([
          Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
          Schema.Literals(["a", "b", "c", "other"])
        ])).check(Schema.isMaxLength(16)),
        Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 }))
      ],
      ([rows, limit]) =>
        Effect.gen(function*() {
          const repository = yield* ExecutionRepository
          const [a, b] = [WorkflowId.make("a"), WorkflowId.make("b")]
          const [c, other] = [WorkflowId.make("c"), WorkflowId.make("other")]
          const workflows = [b, other, WorkflowId.make("unknown"), a]
          yield* insertWorkflows(
            ...["a", "b", "c"].map((id) => makeWorkflow(id)),
            makeWorkflow("other", { tenantId: tenantB })
          )
          yield* insertDrafts(...rows.map(([time, id], index) =>
            makeDraft(`e${index}`, { createdAt: at(time), workflowId: WorkflowId.make(id) })
          ))
          const { items: all } = yield* repository.list({ tenantId: tenantA, limit: 100 })
          const pages = yield* readPages(
            (after) =>
              repository.list({ tenantId: tenantA, workflows, limit, after }),
            (page) => insertDrafts(makeDraft(`new${page}`, { createdAt: at(9), workflowId: WorkflowId.make("a") }))
          )
          assert.deepStrictEqual(pages.flat(), all.filter(({ workflowId }) => workflowId === a || workflowId === b))
          assert.isTrue(pages.every((page) => page.length <= limit))
          const ofOne = all.filter(({ workflowId }) => workflowId === a).map(({ id }) => String(id))
          const filter = { tenantId: tenantA, workflows, to: at(4) }
          assert.deepStrictEqual(yield* listIds({ ...filter, workflowId: a }), ofOne)
          assert.deepStrictEqual(yield* listIds({ ...filter, workflowId: c }), [])
          assert.deepStrictEqual(yield* listIds({ ...filter, workflowId: other }), [])
          assert.deepStrictEqual(yield* listIds({ ...filter, workflows: [] }), [])
          const late = all.filter(({ createdAt, workflowId }) => workflowId === b && createdAt >= at(2))
          const found = yield* listIds({ ...filter, workflows: [b], from: at(2), status: "pending" })
          assert.deepStrictEqual(found, late.map(({ id }) => String(id)))
        }).pipe(Effect.provide(layer)),
      { arbitrary: { runs: 40 } }
    )

    it.effect("ends a page before its JSON gets too large", () =>
      Effect.gen(function*() {
        const repository = yield* ExecutionRepository
        yield* insertWorkflows(makeWorkflow("w"))
        const inputs = { text: "é".repeat(500_000) }
        yield* insertDrafts(...["1", "2", "3", "4", "5", "6"].map((id) => makeDraft(id, { inputs })))
        const pages = yield* readPages(
          (after) => repository.list({ tenantId: null, limit: 100, after }),
          () => Effect.void
        )
        assert.deepStrictEqual(pages.map((page) => page.map(({ id }) => String(id))), [["6", "5", "4", "3"], [
          "2",
          "1"
        ]])
      }).pipe(Effect.provide(layer)))
  })
