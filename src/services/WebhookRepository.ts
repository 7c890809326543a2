import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { Delivery, DeliveryDetail, DeliveryError } from "../domain/Delivery.ts"
import type { StorageError } from "../domain/Errors.ts"
import type { DeliveryId, WorkflowId } from "../domain/Ids.ts"
import type { Keyset, Page } from "../domain/Page.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { Workflow } from "../domain/Workflow.ts"
import type { ExecutionDraft } from "./ExecutionRepository.ts"

/** A delivery that is about to be stored. */
export interface DeliveryDraft
  extends
    Pick<DeliveryDetail, "id" | "workflowId" | "key" | "redeliveryOf" | "receivedAt" | "query" | "headers" | "body">
{
  /** The version of the workflow that it was checked against. */
  readonly version: number
  /** The execution that it starts, or why it starts none. */
  readonly outcome: ExecutionDraft | DeliveryError
}

/** Where a request goes that comes to a webhook. */
export interface WebhookTarget {
  readonly workflow: Workflow
  /** Null: nobody has asked for it yet. */
  readonly token: string | null
}

/** Stores the deliveries of webhooks, and the tokens of their paths. */
export class WebhookRepository extends Context.Service<WebhookRepository, {
  /** An active workflow of this id. */
  readonly target: (id: WorkflowId) => Effect.Effect<Option.Option<WebhookTarget>, StorageError>
  /**
   * Stores a delivery and the execution that it starts, both or neither. A key that the workflow knows stores nothing: then
   * the delivery that came first is answered. None: the workflow is not active any more, or of another version.
   */
  readonly receive: (draft: DeliveryDraft) => Effect.Effect<Option.Option<Delivery>, StorageError>
  readonly find: (
    workflowId: WorkflowId,
    id: DeliveryId
  ) => Effect.Effect<Option.Option<DeliveryDetail>, StorageError>
  /** Newest first. */
  readonly list: (filter: {
    readonly workflowId: WorkflowId
    readonly limit: number
    readonly after?: Keyset | undefined
  }) => Effect.Effect<Page<Delivery>, StorageError>
  /** The token of a workflow: this one, if it has none yet. */
  readonly token: (id: WorkflowId, fresh: string) => Effect.Effect<string, StorageError>
  /** Puts this token in place of the one before. */
  readonly rotate: (id: WorkflowId, fresh: string) => Effect.Effect<void, StorageError>
  /** Removes up to `limit` deliveries that came before this time, the oldest first; answers how many. */
  readonly prune: (
    options: { readonly before: Timestamp; readonly limit: number }
  ) => Effect.Effect<number, StorageError>
}>()("atlasit/services/WebhookRepository") {}
