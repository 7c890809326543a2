import { Clock, Effect } from "effect"
import { Limits } from "../../domain/Limits.ts"
import type { HttpRequestConfig } from "../../domain/steps/HttpRequest.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"
import { makeFollow } from "./calls/Follow.ts"
import { makeRequest, urlOf } from "./calls/Request.ts"
import { bodyOf, isExpected, outputOf, readText, statusFailure } from "./calls/Response.ts"

/** Calls an HTTP endpoint. Interrupting it closes the connection. */
export const makeHttpRequest = Effect.gen(function*() {
  const follow = yield* makeFollow

  const run = Effect.fnUntraced(function*(config: HttpRequestConfig, context: StepContext) {
    const url = urlOf(config)
    const isTaken = (status: number) => isExpected(status, config.expect)
    const response = yield* follow(makeRequest(config, url, context), url, context.redact, { isTaken })
    const allowance = { maxBytes: config.maxBytes ?? Limits.responseBytes, taken: 0 }
    const text = yield* readText(bodyOf(response, allowance, context.redact))
    if (isTaken(response.status)) return yield* outputOf(response, text, config)
    return yield* statusFailure(response, text, yield* Clock.currentTimeMillis, context.redact)
  })

  return { run } satisfies StepHandler<HttpRequestConfig>
})
