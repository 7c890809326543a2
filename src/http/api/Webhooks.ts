import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import { Delivery, DeliveryDetail, Webhook } from "../../domain/Delivery.ts"
import { DeliveryId, WorkflowId } from "../../domain/Ids.ts"
import { pageOf } from "../../domain/Page.ts"
import { Authentication } from "./Authentication.ts"
import { documented } from "./Documentation.ts"
import { problemWith } from "./Errors.ts"
import { HookAccepted } from "./Hooks.ts"
import { pageQuery } from "./Lists.ts"
import { RateLimit } from "./RateLimit.ts"
import { ScopeCheck } from "./Scopes.ts"
import { ValidBody, ValidParameters } from "./Validation.ts"

const params = { id: WorkflowId.annotate({ description: "The workflow's id" }) }
const one = { ...params, deliveryId: DeliveryId.annotate({ description: "The delivery's id" }) }
const missing = problemWith(404, "WORKFLOW-002", "TRIGGER-004")

const get = HttpApiEndpoint.get("get", "/:id/webhook", { params, success: Webhook, error: missing })
  .annotateMerge(documented({
    needs: "write",
    summary: "Read a workflow's webhook",
    description: "The path that senders post to. Without a secret a part of it is a token, which the first look makes."
  }))

const rotate = HttpApiEndpoint.post("rotate", "/:id/webhook/rotate", { params, success: Webhook, error: missing })
  .middleware(ValidBody).annotateMerge(documented({
    needs: "write",
    summary: "Make a new token",
    description: "Gives the webhook's path a new token; the one before is refused at once. A signed webhook has none."
  }))

const list = HttpApiEndpoint.get("list", "/:id/deliveries", {
  params,
  query: pageQuery,
  success: pageOf(Delivery).annotate({
    identifier: "DeliveryPage",
    description: "Part of the list of a workflow's deliveries"
  }),
  error: problemWith(404, "WORKFLOW-002")
}).annotateMerge(documented({
  needs: "read",
  summary: "List deliveries",
  description: "What came to the workflow's webhook and was let in, newest first."
}))

const find = HttpApiEndpoint.get("find", "/:id/deliveries/:deliveryId", {
  params: one,
  success: DeliveryDetail,
  error: missing
}).annotateMerge(documented({
  needs: "read",
  summary: "Read a delivery",
  description: "The delivery with its headers and its body as it came, and what became of it."
}))

const redeliver = HttpApiEndpoint.post("redeliver", "/:id/deliveries/:deliveryId/redeliver", {
  params: one,
  success: HookAccepted,
  error: [
    problemWith(400, "EXECUTION-003"),
    missing,
    problemWith(409, "EXECUTION-001"),
    problemWith(503, "EXECUTION-001")
  ]
}).middleware(ValidBody).annotateMerge(documented({
  needs: "run",
  summary: "Deliver again",
  description: "Starts an execution of the workflow as it is now with what the delivery brought, as a new delivery.",
  headers: [{ status: 202, name: "Location", description: "The new execution's path" }]
}))

/** The calls on the webhook of a workflow, and on what came to it. */
export class WebhooksApi extends HttpApiGroup.make("webhooks")
  .add(get, rotate, list, find, redeliver)
  .middleware(ValidParameters)
  .middleware(ScopeCheck)
  .middleware(RateLimit)
  .middleware(Authentication)
  .prefix("/api/workflows")
  .annotateMerge(OpenApi.annotations({ title: "Webhooks", description: "What comes to workflows from outside" }))
{}
