import { Schema } from "effect"
import { DeliveryId, ExecutionId, WorkflowId } from "./Ids.ts"
import { Issue } from "./Issues.ts"
import { Timestamp } from "./Timestamp.ts"
import { WebhookScheme } from "./Trigger.ts"

/** Why a delivery started nothing: what it brought does not fit the workflow's inputs. */
export const DeliveryError = Schema.Struct({
  code: Schema.Literal("EXECUTION-003"),
  message: Schema.String,
  issues: Schema.Array(Issue)
}).annotate({ identifier: "DeliveryError" })
export type DeliveryError = typeof DeliveryError.Type

/** Texts by name, as a query or a form holds them: a name that stands more than once has an array. */
export const Values = Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Array(Schema.String)]))
export type Values = typeof Values.Type

/** A request that came to a webhook and was let in, without what it brought: what a list shows. */
export const Delivery = Schema.Struct({
  id: DeliveryId,
  workflowId: WorkflowId,
  key: Schema.String.annotate({
    description: "The sender's own id of the delivery: one with a key that is known starts nothing"
  }),
  status: Schema.Literals(["started", "failed"]).annotate({
    description: "started: it has an execution; failed: what it brought does not fit the workflow's inputs"
  }),
  executionId: Schema.NullOr(ExecutionId),
  error: Schema.NullOr(DeliveryError),
  redeliveryOf: Schema.NullOr(DeliveryId).annotate({ description: "The delivery that it repeats at the owner's wish" }),
  receivedAt: Timestamp
}).annotate({ identifier: "Delivery" })
export type Delivery = typeof Delivery.Type

/** A delivery with the request as it came. */
export const DeliveryDetail = Schema.Struct({
  ...Delivery.fields,
  query: Values,
  headers: Schema.Record(Schema.String, Schema.String).annotate({
    description: "By lower-case name; signatures, keys, tokens and cookies are replaced by [redacted]"
  }),
  body: Schema.String
}).annotate({ identifier: "DeliveryDetail" })
export type DeliveryDetail = typeof DeliveryDetail.Type

/** A workflow's webhook, as its owner sees it. */
export const Webhook = Schema.Struct({
  path: Schema.String.annotate({ description: "Where the sender posts to" }),
  signed: Schema.Boolean.annotate({ description: "The requests must be signed" }),
  scheme: Schema.NullOr(WebhookScheme).annotate({ description: "How they are signed; null: they are not" }),
  token: Schema.NullOr(Schema.String).annotate({
    description: "The part of the path that nobody can guess; null: the signature stands in for it"
  })
}).annotate({ identifier: "Webhook" })
export type Webhook = typeof Webhook.Type
