import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Struct } from "effect"
import type { Delivery, DeliveryError } from "../../src/domain/Delivery.ts"
import { DeliveryId, ExecutionId, WorkflowId } from "../../src/domain/Ids.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import type { DeliveryDraft } from "../../src/services/WebhookRepository.ts"
import { WebhookRepository } from "../../src/services/WebhookRepository.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { at, insertWorkflows, makeDraft, makeWorkflow, tenantA, tenantB } from "./Data.ts"
import { readPages } from "./Pages.ts"

const w = WorkflowId.make("w")

/** A delivery to workflow `w` that starts an execution named like it. */
const makeDelivery = (id: string, members: Partial<Omit<DeliveryDraft, "id">> = {}): DeliveryDraft => ({
  id: DeliveryId.make(id),
  workflowId: w,
  version: 1,
  key: `key of ${id}`,
  redeliveryOf: null,
  receivedAt: at(0),
  query: { a: ["1", "2"], b: "é" },
  headers: { "content-type": "text/plain", "x-kind": "test" },
  body: "a body",
  outcome: makeDraft(`execution of ${id}`, {
    workflowId: members.workflowId ?? w,
    trigger: "webhook",
    triggerData: { deliveryId: id, headers: { "x-kind": "test" }, query: {} }
  }),
  ...members
})

const error: DeliveryError = {
  code: "EXECUTION-003",
  message: "inputs.a is required",
  issues: [{ path: ["inputs", "a"], message: "is required" }]
}

const deliveryOf = (draft: DeliveryDraft): Delivery => ({
  ...Struct.omit(draft, ["body", "headers", "outcome", "query", "version"]),
  ...("code" in draft.outcome
    ? { status: "failed", executionId: null, error: draft.outcome }
    : { status: "started", executionId: draft.outcome.id, error: null })
})

const detailOf = (draft: DeliveryDraft) => ({
  ...deliveryOf(draft),
  body: draft.body,
  headers: draft.headers,
  query: draft.query
})

const countExecutions = ExecutionRepository.use((executions) =>
  Effect.map(executions.list({ tenantId: null, limit: 100 }), ({ items }) => items.length)
)

/** What every webhook repository does. The layer begins empty each time it is built. */
export const webhookRepositoryContract = (
  name: string,
  layer: Layer.Layer<WebhookRepository | WorkflowRepository | ExecutionRepository>
) =>
  describe(`WebhookRepository on ${name}`, () => {
    it.effect("stores a delivery and its execution, with what expressions see of the trigger", () =>
      Effect.gen(function*() {
        yield* insertWorkflows(makeWorkflow("w"))
        const webhooks = yield* WebhookRepository
        const draft = makeDelivery("d", {
          body: "\0é💥".padEnd(1_048_568, "x"),
          redeliveryOf: DeliveryId.make("before")
        })
        assert.deepStrictEqual(yield* webhooks.receive(draft), Option.some(deliveryOf(draft)))
        assert.deepStrictEqual(yield* webhooks.find(w, draft.id), Option.some(detailOf(draft)))
        const stored = yield* (yield* ExecutionRepository).find(ExecutionId.make("execution of d"), tenantA)
        assert.isTrue(Option.isSome(stored))
        if (Option.isNone(stored)) return
        assert.strictEqual(stored.value.execution.status, "pending")
        assert.strictEqual(stored.value.execution.workflowVersion, 1)
        assert.deepStrictEqual(stored.value.triggerData, { deliveryId: "d", headers: { "x-kind": "test" }, query: {} })
      }).pipe(Effect.provide(layer)))

    it.effect("stores one that starts nothing, and why", () =>
      Effect.gen(function*() {
        yield* insertWorkflows(makeWorkflow("w"))
        const webhooks = yield* WebhookRepository
        const draft = makeDelivery("d", { outcome: error })
        assert.deepStrictEqual(yield* webhooks.receive(draft), Option.some(deliveryOf(draft)))
        assert.deepStrictEqual(yield* webhooks.find(w, draft.id), Option.some(detailOf(draft)))
        assert.strictEqual(yield* countExecutions, 0)
      }).pipe(Effect.provide(layer)))

    it.effect("answers the first delivery of a key, and stores no other, nor its execution", () =>
      Effect.gen(function*() {
        yield* insertWorkflows(makeWorkflow("w"), makeWorkflow("v"))
        const webhooks = yield* WebhookRepository
        const drafts = ["a", "b", "c"].map((id) => makeDelivery(id, { key: "same" }))
        const answers = yield* Effect.forEach(drafts, webhooks.receive, { concurrency: "unbounded" })
        assert.deepStrictEqual(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1)
        const failed = makeDelivery("d", { key: "same", outcome: error })
        assert.deepStrictEqual(yield* webhooks.receive(failed), answers[0])
        assert.strictEqual(yield* countExecutions, 1)
        const other = makeDelivery("e", { key: "same", workflowId: WorkflowId.make("v") })
        assert.deepStrictEqual(yield* webhooks.receive(other), Option.some(deliveryOf(other)))
        assert.strictEqual(yield* countExecutions, 2)
      }).pipe(Effect.provide(layer)))

    it.effect("stores nothing for a workflow that is not there, not active, or of another version", () =>
      Effect.gen(function*() {
        const [webhooks, workflows] = [yield* WebhookRepository, yield* WorkflowRepository]
        const refused = Effect.gen(function*() {
          for (const outcome of [makeDelivery("d").outcome, error]) {
            assert.deepStrictEqual(yield* webhooks.receive(makeDelivery("d", { outcome })), Option.none())
          }
          assert.deepStrictEqual(yield* webhooks.find(w, DeliveryId.make("d")), Option.none())
          assert.strictEqual(yield* countExecutions, 0)
        })
        yield* refused
        yield* insertWorkflows(makeWorkflow("w"))
        yield* webhooks.receive(makeDelivery("known", { outcome: error }))
        yield* workflows.update(makeWorkflow("w", { version: 2 }), 1)
        yield* refused
        assert.deepStrictEqual(yield* webhooks.receive(makeDelivery("other", { key: "key of known" })), Option.none())
        yield* workflows.update(makeWorkflow("w", { version: 3, status: "inactive" }), 2)
        assert.deepStrictEqual(yield* webhooks.receive(makeDelivery("d", { version: 3 })), Option.none())
        yield* workflows.update(makeWorkflow("w", { version: 4 }), 3)
        yield* workflows.remove(w, null, at(1))
        assert.deepStrictEqual(yield* webhooks.receive(makeDelivery("d", { version: 4 })), Option.none())
        assert.strictEqual(yield* countExecutions, 0)
      }).pipe(Effect.provide(layer)))

    it.effect("tells where a request goes: to an active workflow, with its token if there is one", () =>
      Effect.gen(function*() {
        const [webhooks, workflows] = [yield* WebhookRepository, yield* WorkflowRepository]
        assert.deepStrictEqual(yield* webhooks.target(w), Option.none())
        const workflow = makeWorkflow("w", { triggers: [{ type: "webhook", secret: "HOOK" }], tenantId: tenantB })
        yield* insertWorkflows(workflow)
        assert.deepStrictEqual(yield* webhooks.target(w), Option.some({ workflow, token: null }))
        assert.strictEqual(yield* webhooks.token(w, "first"), "first")
        assert.strictEqual(yield* webhooks.token(w, "second"), "first")
        assert.deepStrictEqual(yield* webhooks.target(w), Option.some({ workflow, token: "first" }))
        yield* webhooks.rotate(w, "third")
        assert.strictEqual(yield* webhooks.token(w, "fourth"), "third")
        assert.deepStrictEqual(yield* webhooks.target(w), Option.some({ workflow, token: "third" }))
        yield* workflows.update({ ...workflow, version: 2, status: "inactive" }, 1)
        assert.deepStrictEqual(yield* webhooks.target(w), Option.none())
        yield* workflows.update({ ...workflow, version: 3 }, 2)
        yield* workflows.remove(w, null, at(1))
        assert.deepStrictEqual(yield* webhooks.target(w), Option.none())
      }).pipe(Effect.provide(layer)))

    it.effect("lists a workflow's deliveries newest first, page by page, and finds no other workflow's", () =>
      Effect.gen(function*() {
        yield* insertWorkflows(makeWorkflow("w"), makeWorkflow("v"))
        const webhooks = yield* WebhookRepository
        const times = [3, 1, 2, 2, 0]
        const drafts = times.map((time, index) =>
          makeDelivery(`d${index}`, { receivedAt: at(time), ...(index % 2 === 0 ? {} : { outcome: error }) })
        )
        const other = makeDelivery("x", { workflowId: WorkflowId.make("v") })
        yield* Effect.forEach([...drafts, other], webhooks.receive)
        for (const limit of [1, 2, 5, 6]) {
          const pages = yield* readPages((after) => webhooks.list({ workflowId: w, limit, after }), () => Effect.void)
          assert.strictEqual(pages.length, Math.ceil(drafts.length / limit))
          assert.deepStrictEqual(
            pages.flat(),
            [0, 3, 2, 1, 4].flatMap((index) => drafts.slice(index, index + 1)).map(deliveryOf)
          )
        }
        assert.deepStrictEqual(yield* webhooks.find(w, other.id), Option.none())
      }).pipe(Effect.provide(layer)))

    it.effect("removes the oldest that came before a time, so many at once", () =>
      Effect.gen(function*() {
        yield* insertWorkflows(makeWorkflow("w"))
        const webhooks = yield* WebhookRepository
        yield* Effect.forEach(
          [4, 1, 3, 2],
          (time) => webhooks.receive(makeDelivery(`d${time}`, { receivedAt: at(time) }))
        )
        assert.strictEqual(yield* webhooks.prune({ before: at(4), limit: 2 }), 2)
        const left = Effect.map(
          webhooks.list({ workflowId: w, limit: 9 }),
          ({ items }) => items.map(({ id }) => `${id}`)
        )
        assert.deepStrictEqual(yield* left, ["d4", "d3"])
        assert.strictEqual(yield* webhooks.prune({ before: at(4), limit: 2 }), 1)
        assert.strictEqual(yield* webhooks.prune({ before: at(4), limit: 2 }), 0)
        assert.deepStrictEqual(yield* left, ["d4"])
      }).pipe(Effect.provide(layer)))
  })
