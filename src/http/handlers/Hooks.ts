import { Effect } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { JsonObject } from "effect/Schema"
import type { WorkflowId } from "../../domain/Ids.ts"
import { Hooks } from "../../services/Hooks.ts"
import { Api } from "../api/Api.ts"
import { CurrentRequest, withResponseHeaders } from "../CurrentRequest.ts"
import { refuse, translated } from "../Problems.ts"
import { announcesTooMuch, readBytes, tooLarge } from "../RequestBody.ts"

const brokenOff = refuse({ code: "TRIGGER-002", status: 400, detail: "The body could not be read" })

/** Takes requests in that other services send. The body is needed byte for byte, as it was signed. */
export const layer = HttpApiBuilder.group(
  Api,
  "hooks",
  Effect.fnUntraced(function*(handlers) {
    const hooks = yield* Hooks

    const receive = Effect.fn(function*(workflowId: WorkflowId, token: string | null) {
      const request = yield* HttpServerRequest
      const { requestId } = yield* CurrentRequest
      if (announcesTooMuch(request)) return yield* tooLarge
      const body = yield* readBytes(request, brokenOff)
      const query = /\?([^#]*)/.exec(request.url)?.[1] ?? ""
      const answer = yield* hooks.receive({ workflowId, token, headers: request.headers, query, body, requestId }).pipe(
        Effect.tapErrorTag("DeliveryUnsuccessful", ({ executionId }) => at(executionId))
      )
      if (answer._tag === "Challenge") return json({ challenge: answer.challenge })
      yield* at(answer.executionId)
      return answer._tag === "Result"
        ? json(answer.outputs)
        : { executionId: answer.executionId, deliveryId: answer.deliveryId }
    }, translated)

    return handlers.handleAll({
      signed: ({ params }) => receive(params.workflowId, null),
      withToken: ({ params }) => receive(params.workflowId, params.token)
    })
  })
)

/** A response, not a value: outputs may look like any other answer. */
const json = (value: JsonObject) => HttpServerResponse.text(JSON.stringify(value), { contentType: "application/json" })

const at = (executionId: string) => withResponseHeaders({ location: `/api/executions/${executionId}` })
