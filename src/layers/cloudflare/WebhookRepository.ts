import { D1Client } from "@effect/sql-d1"
import { Effect, Layer, Option, Schema } from "effect"
import type { DeliveryId, WorkflowId } from "../../domain/Ids.ts"
import type { DeliveryDraft } from "../../services/WebhookRepository.ts"
import { WebhookRepository } from "../../services/WebhookRepository.ts"
import { deliveryOf, deliveryPage, detailOf, rowOf } from "../DeliveryRow.ts"
import { encodeDraft } from "../ExecutionRow.ts"
import { storageErrorOf } from "../Operation.ts"
import { WorkflowRow } from "../WorkflowRow.ts"
import { findDelivery, listDeliveries, pruneDeliveries, receiveDelivery, webhookTarget } from "./WebhookQueries.ts"

/** The deliveries of webhooks, in D1. */
export const layer = Layer.effect(
  WebhookRepository,
  Effect.gen(function*() {
    const sql = yield* D1Client.D1Client

    const target = Effect.fn("WebhookRepository.target")(function*(id: WorkflowId) {
      const rows = yield* webhookTarget(sql, id)
      const [found] = yield* decodeTargets(rows)
      if (found === undefined) return Option.none()
      const [workflow] = yield* decodeWorkflows(rows)
      return Option.map(
        Option.fromUndefinedOr(workflow),
        (workflow) => ({ workflow, token: found.webhookToken })
      )
    }, storageErrorOf("webhooks.target"))

    const receive = Effect.fn("WebhookRepository.receive")(function*(draft: DeliveryDraft) {
      const json = "code" in draft.outcome ? null : yield* encodeDraft(draft.outcome)
      const results = yield* sql.batch(receiveDelivery(sql, draft, yield* rowOf(draft), json))
      const [current, stored] = [results[0], results.at(-1)]
      const [row] = stored ?? []
      return current?.length === 1 && row !== undefined ? Option.some(yield* deliveryOf(row)) : Option.none()
    }, storageErrorOf("webhooks.receive"))

    const find = Effect.fn("WebhookRepository.find")(function*(workflowId: WorkflowId, id: DeliveryId) {
      const [row] = yield* findDelivery(sql, workflowId, id)
      return row === undefined ? Option.none() : Option.some(yield* detailOf(row))
    }, storageErrorOf("webhooks.find"))

    const list: WebhookRepository["Service"]["list"] = Effect.fn("WebhookRepository.list")(function*(filter) {
      const rows = yield* listDeliveries(sql, filter)
      return deliveryPage(yield* Effect.forEach(rows, deliveryOf), filter.limit)
    }, storageErrorOf("webhooks.list"))

    const token = Effect.fn("WebhookRepository.token")(function*(id: WorkflowId, fresh: string) {
      const [, rows] = yield* sql.batch([
        sql`INSERT INTO webhook_tokens (workflow_id, token) VALUES (${id}, ${fresh}) ON CONFLICT DO NOTHING`,
        sql`SELECT token FROM webhook_tokens WHERE workflow_id = ${id}`
      ])
      const [found] = yield* decodeTokens(rows)
      return found?.token ?? fresh
    }, storageErrorOf("webhooks.token"))

    const rotate = Effect.fn("WebhookRepository.rotate")(function*(id: WorkflowId, fresh: string) {
      yield* sql`INSERT INTO webhook_tokens (workflow_id, token) VALUES (${id}, ${fresh})
        ON CONFLICT (workflow_id) DO UPDATE SET token = excluded.token`
    }, storageErrorOf("webhooks.rotate"))

    const prune: WebhookRepository["Service"]["prune"] = Effect.fn("WebhookRepository.prune")(function*(options) {
      return (yield* pruneDeliveries(sql, options)).length
    }, storageErrorOf("webhooks.prune"))

    return WebhookRepository.of({ target, receive, find, list, token, rotate, prune })
  })
)

const decodeWorkflows = Schema.decodeUnknownEffect(Schema.Array(WorkflowRow))
const decodeTargets = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ webhookToken: Schema.NullOr(Schema.String) }))
)
const decodeTokens = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ token: Schema.String })))
