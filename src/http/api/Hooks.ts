import { Schema } from "effect"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import { DeliveryId, ExecutionId, WorkflowId } from "../../domain/Ids.ts"
import { Limits } from "../../domain/Limits.ts"
import { documented } from "./Documentation.ts"
import { problemWith } from "./Errors.ts"
import { ValidParameters } from "./Validation.ts"

/** What a webhook has started. */
export const HookAccepted = Schema.Struct({ executionId: ExecutionId, deliveryId: DeliveryId })
  .annotate({ identifier: "HookAccepted", description: "The delivery is stored, and its execution started" })
  .pipe(HttpApiSchema.status(202))

const HookResult = Schema.JsonObject.annotate({
  description: "The outputs of the execution, of a webhook that responds with them; or the challenge that Slack sent"
})

const params = { workflowId: WorkflowId.annotate({ description: "The workflow's id" }) }
const success = [HookAccepted, HookResult] as const
const errors = [
  problemWith(400, "TRIGGER-002", "EXECUTION-003"),
  problemWith(404, "REQUEST-001"),
  problemWith(413, "REQUEST-001"),
  problemWith(415, "REQUEST-001"),
  problemWith(502, "TRIGGER-003"),
  problemWith(503, "EXECUTION-001")
] as const

const documentation = {
  uncounted: true as const,
  rawBody: {
    "application/json": {},
    "application/x-www-form-urlencoded": { type: "object" },
    "text/plain": { type: "string" }
  },
  headers: [
    { status: 200, name: "Location", description: "The execution's path" },
    { status: 202, name: "Location", description: "The execution's path" },
    { status: 502, name: "Location", description: "The execution's path" }
  ]
}

const common =
  `The body is JSON, a form or text, of at most ${Limits.requestBodyBytes} bytes. A delivery that was sent before is ` +
  "answered as the first one, and starts nothing. No API key is needed."

const signed = HttpApiEndpoint.post("signed", "/:workflowId", {
  params,
  success: [...success],
  error: [...errors, problemWith(401, "TRIGGER-001")]
}).annotateMerge(documented({
  needs: null,
  ...documentation,
  summary: "Send to a signed webhook",
  description: `Starts the workflow, if the request is signed as its webhook demands. ${common}`
}))

const withToken = HttpApiEndpoint.post("withToken", "/:workflowId/:token", {
  params: { ...params, token: Schema.String.annotate({ description: "The token of the webhook" }) },
  success: [...success],
  error: [...errors]
}).annotateMerge(documented({
  needs: null,
  ...documentation,
  summary: "Send to a webhook",
  description: `Starts the workflow. The token in the path stands in for a signature. ${common}`
}))

/** Where other services send what starts workflows. */
export class HooksApi extends HttpApiGroup.make("hooks")
  .add(signed, withToken)
  .middleware(ValidParameters)
  .prefix("/hooks")
  .annotateMerge(
    OpenApi.annotations({ title: "Hooks", description: "Where other services send what starts workflows" })
  )
{}
