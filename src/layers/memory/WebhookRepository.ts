import { Effect, Layer, Option, Schema, Semaphore } from "effect"
import type { DeliveryId, WorkflowId } from "../../domain/Ids.ts"
import { ExecutionRepository } from "../../services/ExecutionRepository.ts"
import type { DeliveryDraft } from "../../services/WebhookRepository.ts"
import { WebhookRepository } from "../../services/WebhookRepository.ts"
import type { EncodedDeliveryRow } from "../DeliveryRow.ts"
import { deliveryOf, deliveryPage, detailOf, rowOf } from "../DeliveryRow.ts"
import { storageErrorOf } from "../Operation.ts"
import { compareText, isAfter, newestFirst } from "../Paging.ts"
import { WorkflowRow } from "../WorkflowRow.ts"
import { Faults } from "./Faults.ts"
import { WorkflowTable } from "./WorkflowTable.ts"

/** The deliveries of webhooks, in the memory of this process. */
export const layer = Layer.effect(
  WebhookRepository,
  Effect.gen(function*() {
    const faults = yield* Faults
    const workflows = yield* WorkflowTable
    const executions = yield* ExecutionRepository
    const rows = new Map<string, EncodedDeliveryRow>()
    const tokens = new Map<WorkflowId, string>()
    /** Held while a delivery and its execution are stored: two of one key must not both find it free. */
    const mutex = yield* Semaphore.make(1)

    const active = (id: WorkflowId) => {
      const row = workflows.rows.get(id)
      return row === undefined || row.removed || row.status !== "active" ? undefined : row
    }
    const known = ({ key, workflowId }: Pick<DeliveryDraft, "key" | "workflowId">) =>
      [...rows.values()].find((row) => row.workflowId === workflowId && row.deliveryKey === key)

    const target = Effect.fn("WebhookRepository.target")(function*(id: WorkflowId) {
      yield* faults.check("webhooks.target")
      const row = active(id)
      if (row === undefined) return Option.none()
      const workflow = yield* Schema.decodeEffect(WorkflowRow)(row)
      return Option.some({ workflow, token: tokens.get(id) ?? null })
    }, storageErrorOf("webhooks.target"))

    const receive = Effect.fn("WebhookRepository.receive")(
      function*(draft: DeliveryDraft) {
        yield* faults.check("webhooks.receive")
        if (active(draft.workflowId)?.version !== draft.version) return Option.none()
        const first = known(draft)
        if (first !== undefined) return Option.some(yield* deliveryOf(first))
        if (!("code" in draft.outcome)) {
          const inserted = yield* executions.insert({ ...draft.outcome, checkedVersion: draft.version })
          if (Option.isNone(inserted) || !inserted.value.inserted) return Option.none()
        }
        const row = yield* rowOf(draft)
        rows.set(row.id, row)
        return Option.some(yield* deliveryOf(row))
      },
      mutex.withPermit,
      storageErrorOf("webhooks.receive")
    )

    const find = Effect.fn("WebhookRepository.find")(function*(workflowId: WorkflowId, id: DeliveryId) {
      yield* faults.check("webhooks.find")
      const row = rows.get(id)
      return row?.workflowId === workflowId ? Option.some(yield* detailOf(row)) : Option.none()
    }, storageErrorOf("webhooks.find"))

    const list: WebhookRepository["Service"]["list"] = Effect.fn("WebhookRepository.list")(function*(filter) {
      yield* faults.check("webhooks.list")
      const found = [...rows.values()]
        .filter((row) => row.workflowId === filter.workflowId && isAfter(placeOf(row), filter.after))
        .sort((a, b) => newestFirst(placeOf(a), placeOf(b)))
      return deliveryPage(yield* Effect.forEach(found.slice(0, filter.limit + 1), deliveryOf), filter.limit)
    }, storageErrorOf("webhooks.list"))

    const token = Effect.fn("WebhookRepository.token")(function*(id: WorkflowId, fresh: string) {
      yield* faults.check("webhooks.token")
      const found = tokens.get(id) ?? fresh
      tokens.set(id, found)
      return found
    }, storageErrorOf("webhooks.token"))

    const rotate = Effect.fn("WebhookRepository.rotate")(function*(id: WorkflowId, fresh: string) {
      yield* faults.check("webhooks.rotate")
      tokens.set(id, fresh)
    }, storageErrorOf("webhooks.rotate"))

    const prune: WebhookRepository["Service"]["prune"] = Effect.fn("WebhookRepository.prune")(
      function*({ before, limit }) {
        yield* faults.check("webhooks.prune")
        const past = [...rows.values()]
          .filter(({ receivedAt }) => receivedAt < before)
          .sort((a, b) => compareText(a.receivedAt, b.receivedAt))
          .slice(0, limit)
        for (const { id } of past) rows.delete(id)
        return past.length
      },
      storageErrorOf("webhooks.prune")
    )

    return WebhookRepository.of({ target, receive, find, list, token, rotate, prune })
  })
)

const placeOf = ({ id, receivedAt }: EncodedDeliveryRow) => ({ createdAt: receivedAt, id })
