import { Effect, Schema, Struct } from "effect"
import { Delivery, DeliveryDetail, DeliveryError } from "../domain/Delivery.ts"
import type { Page } from "../domain/Page.ts"
import { encodeCursor } from "../domain/Page.ts"
import type { DeliveryDraft } from "../services/WebhookRepository.ts"

const { key: deliveryKey, ...summary } = Delivery.fields

/** A delivery as a row holds it, without what it brought: what nests is JSON. */
const SummaryRow = Schema.Struct({
  ...summary,
  deliveryKey,
  error: Schema.NullOr(Schema.fromJsonString(DeliveryError))
})

/** A delivery as a row holds it. */
const DeliveryRow = Schema.Struct({
  ...SummaryRow.fields,
  query: Schema.fromJsonString(DeliveryDetail.fields.query),
  headers: Schema.fromJsonString(DeliveryDetail.fields.headers),
  body: Schema.String
})
export type EncodedDeliveryRow = typeof DeliveryRow.Encoded

const encodeRow = Schema.encodeEffect(DeliveryRow)
const decodeSummary = Schema.decodeUnknownEffect(SummaryRow)
const decodeDetail = Schema.decodeUnknownEffect(DeliveryRow)

/** The row of a draft. */
export const rowOf = (draft: DeliveryDraft) =>
  encodeRow({
    ...Struct.omit(draft, ["key", "outcome", "version"]),
    deliveryKey: draft.key,
    ...("code" in draft.outcome
      ? { status: "failed", executionId: null, error: draft.outcome }
      : { status: "started", executionId: draft.outcome.id, error: null })
  })

/** What a row tells without its large columns. */
export const deliveryOf = (row: unknown) =>
  Effect.map(decodeSummary(row), ({ deliveryKey, ...members }): Delivery => ({ ...members, key: deliveryKey }))

/** All that a row tells. */
export const detailOf = (row: unknown) =>
  Effect.map(decodeDetail(row), ({ deliveryKey, ...members }): DeliveryDetail => ({ ...members, key: deliveryKey }))

/** A page of these deliveries, of which the last was asked for only to see whether there is another page. */
export const deliveryPage = (found: ReadonlyArray<Delivery>, limit: number): Page<Delivery> => {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return {
    items,
    nextCursor: last !== undefined && found.length > limit
      ? encodeCursor({ createdAt: last.receivedAt, id: last.id })
      : null
  }
}
