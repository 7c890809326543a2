import type { D1Client } from "@effect/sql-d1"
import type { DeliveryId, WorkflowId } from "../../domain/Ids.ts"
import type { Keyset } from "../../domain/Page.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { DeliveryDraft } from "../../services/WebhookRepository.ts"
import type { EncodedDeliveryRow } from "../DeliveryRow.ts"
import type { DraftJson } from "./ExecutionQueries.ts"
import { insertPending } from "./ExecutionQueries.ts"

const summary = "id, workflow_id, delivery_key, status, execution_id, redelivery_of, received_at, error"

/** An active workflow, and the token of its webhook's path. */
export const webhookTarget = (sql: D1Client.D1Client, id: WorkflowId) =>
  sql`SELECT workflows.*, webhook_tokens.token AS webhook_token
    FROM workflows LEFT JOIN webhook_tokens ON webhook_tokens.workflow_id = workflows.id
    WHERE workflows.id = ${id} AND deleted_at IS NULL AND status = 'active'`

/**
 * A delivery, if the workflow is as it was checked and does not know its key; the execution, if the delivery was stored
 * just now; and the delivery that has the key then: the statements of one batch.
 */
export const receiveDelivery = (
  sql: D1Client.D1Client,
  { outcome, version }: Pick<DeliveryDraft, "outcome" | "version">,
  row: EncodedDeliveryRow,
  json: DraftJson | null
) => [
  sql`SELECT id FROM workflows WHERE id = ${row.workflowId} AND deleted_at IS NULL AND status = 'active'
    AND version = ${version}`,
  sql`INSERT INTO webhook_deliveries (${sql.literal(summary)}, query, headers, body)
    SELECT ${row.id}, id, ${row.deliveryKey}, ${row.status}, ${row.executionId}, ${row.redeliveryOf}, ${row.receivedAt},
      ${row.error}, ${row.query}, ${row.headers}, ${row.body}
    FROM workflows WHERE id = ${row.workflowId} AND deleted_at IS NULL AND status = 'active' AND version = ${version}
    ON CONFLICT DO NOTHING`,
  ...("code" in outcome || json === null
    ? []
    : [insertPending(sql, outcome, json, sql`EXISTS (SELECT 1 FROM webhook_deliveries WHERE id = ${row.id})`)]),
  sql`SELECT ${sql.literal(summary)} FROM webhook_deliveries
    WHERE workflow_id = ${row.workflowId} AND delivery_key = ${row.deliveryKey}`
]

/** One delivery of a workflow. */
export const findDelivery = (sql: D1Client.D1Client, workflowId: WorkflowId, id: DeliveryId) =>
  sql`SELECT * FROM webhook_deliveries WHERE id = ${id} AND workflow_id = ${workflowId}`

/** The deliveries of a workflow, newest first, one more than asked for. */
export const listDeliveries = (sql: D1Client.D1Client, { after, limit, workflowId }: {
  readonly workflowId: WorkflowId
  readonly limit: number
  readonly after?: Keyset | undefined
}) => {
  const place = after === undefined ? [] : [sql`(received_at, id) < (${after.createdAt}, ${after.id})`]
  return sql`SELECT ${sql.literal(summary)} FROM webhook_deliveries
    WHERE ${sql.and([sql`workflow_id = ${workflowId}`, ...place])}
    ORDER BY received_at DESC, id DESC LIMIT ${limit + 1}`
}

/** Removes the oldest deliveries that came before a time. */
export const pruneDeliveries = (
  sql: D1Client.D1Client,
  { before, limit }: { readonly before: Timestamp; readonly limit: number }
) =>
  sql`DELETE FROM webhook_deliveries WHERE rowid IN (
      SELECT rowid FROM webhook_deliveries WHERE received_at < ${before} ORDER BY received_at LIMIT ${limit}
    )
    RETURNING id`
