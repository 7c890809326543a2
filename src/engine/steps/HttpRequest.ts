import { Clock, Effect } from "effect"
import type { HttpClientRequest } from "effect/http"
import * as HttpClient from "effect/http/HttpClient"
import { Limits } from "../../domain/Limits.ts"
import type { HttpRequestConfig } from "../../domain/steps/HttpRequest.ts"
import { Outbound } from "../Outbound.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"
import { StepFailure } from "../StepHandler.ts"
import { isRedirect, makeRequest, redirected, urlOf } from "./http/Request.ts"
import { discardBody, isExpected, networkFailure, outputOf, readText, statusFailure } from "./http/Response.ts"

/** Redirects that are followed, each after a look at its address. */
const maximumRedirects = 5

/** Calls an HTTP endpoint. Interrupting it closes the connection. */
export const makeHttpRequest = Effect.gen(function*() {
  const client = yield* HttpClient.HttpClient
  const outbound = yield* Outbound

  const send = Effect.fnUntraced(function*(
    request: HttpClientRequest.HttpClientRequest,
    url: URL,
    { redact }: StepContext
  ) {
    const refusal = outbound.refusal(url)
    if (refusal !== undefined) return yield* new StepFailure({ code: "blocked-address", message: refusal })
    return yield* client.execute(request).pipe(Effect.mapError((error) => networkFailure(error, redact)))
  })

  const follow = Effect.fnUntraced(function*(
    first: HttpClientRequest.HttpClientRequest,
    firstUrl: URL,
    expect: HttpRequestConfig["expect"],
    context: StepContext
  ) {
    let request = first
    let url = firstUrl
    for (let redirects = 0;; redirects++) {
      const response = yield* send(request, url, context)
      const location = response.headers["location"]
      if (!isRedirect(response.status) || location === undefined || isExpected(response.status, expect)) return response
      yield* discardBody(response)
      if (redirects === maximumRedirects) {
        return yield* new StepFailure({ code: "http-3xx", message: `More than ${maximumRedirects} redirects` })
      }
      if (!URL.canParse(location, url)) {
        return yield* new StepFailure({ code: "http-3xx", message: "A redirect names no valid address" })
      }
      const next = new URL(location, url)
      request = redirected(request, response.status, url, next)
      url = next
    }
  })

  const run = Effect.fnUntraced(function*(config: HttpRequestConfig, context: StepContext) {
    const url = urlOf(config)
    const response = yield* follow(makeRequest(config, url, context), url, config.expect, context)
    const text = yield* readText(response, config.maxBytes ?? Limits.responseBytes, context.redact)
    if (isExpected(response.status, config.expect)) return yield* outputOf(response, text, config)
    return yield* statusFailure(response, text, yield* Clock.currentTimeMillis, context.redact)
  }, Effect.provideService(HttpClient.TracerPropagationEnabled, false))

  return { run } satisfies StepHandler<HttpRequestConfig>
})
