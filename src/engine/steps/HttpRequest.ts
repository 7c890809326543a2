import { Effect, Stream } from "effect"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import type { Json } from "effect/Schema"
import { nestsDeeper } from "../../domain/Json.ts"
import { Limits } from "../../domain/Limits.ts"
import type { HttpRequestConfig } from "../../domain/steps/HttpRequest.ts"
import { version } from "../../domain/Version.ts"
import { Outbound } from "../Outbound.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"
import { idempotencyKey, StepFailure } from "../StepHandler.ts"

/** Redirects that are followed, each after a look at its address. */
const maximumRedirects = 5

/** Headers that don't go to another origin on a redirect. */
const credentialHeaders = ["authorization", "cookie", "proxy-authorization", "idempotency-key"]

/** Headers that tell of a body, and go where it goes. */
const bodyHeaders = ["content-encoding", "content-language", "content-length", "content-location", "content-type"]

/** Calls an HTTP endpoint. Interrupting it closes the connection. */
export const makeHttpRequest = Effect.gen(function*() {
  const client = yield* HttpClient.HttpClient
  const outbound = yield* Outbound

  const send = Effect.fnUntraced(function*(request: HttpClientRequest.HttpClientRequest, url: URL) {
    const refusal = outbound.refusal(url)
    if (refusal !== undefined) return yield* new StepFailure({ code: "blocked-address", message: refusal })
    return yield* client.execute(request).pipe(Effect.mapError(networkFailure))
  })

  const follow = Effect.fnUntraced(function*(first: HttpClientRequest.HttpClientRequest, firstUrl: URL) {
    let request = first
    let url = firstUrl
    for (let redirects = 0;; redirects++) {
      const response = yield* send(request, url)
      const location = response.headers["location"]
      if (!isRedirect(response.status) || location === undefined) return response
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
    const url = withQuery(config)
    const response = yield* follow(makeRequest(config, url, context), url)
    const text = yield* readText(response)
    if (response.status < 200 || response.status > 299) return yield* statusFailure(response, text)
    return yield* parseBody(response, text)
  }, Effect.provideService(HttpClient.TracerPropagationEnabled, false))

  return { run } satisfies StepHandler<"http-request">
})

const withQuery = (config: HttpRequestConfig): URL => {
  const url = new URL(config.url)
  for (const [name, value] of Object.entries(config.query ?? {})) url.searchParams.append(name, String(value))
  return url
}

const makeRequest = (
  config: HttpRequestConfig,
  url: URL,
  context: StepContext
): HttpClientRequest.HttpClientRequest => {
  const request = HttpClientRequest.make(config.method ?? "GET")(url.href, {
    headers: {
      accept: "application/json, text/*;q=0.9, */*;q=0.8",
      "user-agent": `AtlasIT-Orchestrator/${version}`,
      "idempotency-key": idempotencyKey(context)
    }
  })
  const { body } = config
  const withBody = body === undefined
    ? request
    : typeof body === "string"
    ? HttpClientRequest.bodyText(request, body, "text/plain; charset=utf-8")
    : HttpClientRequest.bodyText(request, JSON.stringify(body), "application/json")
  return HttpClientRequest.setHeaders(withBody, Headers.fromInput(config.headers ?? {}))
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/** As the Fetch standard has it: 303, and POST on 301 and 302, go on as GET without a body. */
const redirected = (
  request: HttpClientRequest.HttpClientRequest,
  status: number,
  from: URL,
  to: URL
): HttpClientRequest.HttpClientRequest => {
  const becomesGet = (status === 303 && request.method !== "HEAD") ||
    ((status === 301 || status === 302) && request.method === "POST")
  const dropped = [
    ...(from.origin === to.origin ? [] : credentialHeaders),
    ...(becomesGet ? bodyHeaders : [])
  ]
  // One by one: `modify` lays headers over the old ones, and would keep those that must not go on.
  const next = dropped.reduce(
    (kept, name) => HttpClientRequest.removeHeader(kept, name),
    HttpClientRequest.setUrl(request, to.href)
  )
  return becomesGet ? HttpClientRequest.make("GET")(to.href, { headers: next.headers }) : next
}

/** Closes the connection without waiting for the body. */
const discardBody = (response: HttpClientResponse.HttpClientResponse) => Effect.scoped(Stream.toPull(response.stream))

const readText = Effect.fnUntraced(function*(response: HttpClientResponse.HttpClientResponse) {
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ""
  yield* Stream.runForEach(response.stream, (chunk) => {
    bytes += chunk.length
    if (bytes > Limits.responseBytes) {
      return new StepFailure({
        code: "response-too-large",
        message: `The answer is larger than ${Limits.responseBytes} bytes`
      })
    }
    text += decoder.decode(chunk, { stream: true })
    return Effect.void
  }).pipe(
    Effect.catchIf(hasNoBody, () => Effect.void),
    Effect.mapError((error) => error instanceof StepFailure ? error : networkFailure(error))
  )
  return text + decoder.decode()
})

/** An answer without a body, as to HEAD or with 204, has no stream either. */
const hasNoBody = (error: StepFailure | HttpClientError.HttpClientError): boolean =>
  !(error instanceof StepFailure) && error.reason._tag === "EmptyBodyError"

const isJson = (response: HttpClientResponse.HttpClientResponse): boolean =>
  /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(response.headers["content-type"] ?? "")

const parseBody = (
  response: HttpClientResponse.HttpClientResponse,
  text: string
): Effect.Effect<Json, StepFailure> => {
  if (text === "") return Effect.succeed(null)
  if (!isJson(response)) return Effect.succeed(text)
  if (nestsDeeper(text, Limits.jsonDepth)) {
    return Effect.fail(
      new StepFailure({ code: "invalid-response", message: `The answer nests deeper than ${Limits.jsonDepth}` })
    )
  }
  return Effect.try({
    try: (): Json => JSON.parse(text),
    catch: () => new StepFailure({ code: "invalid-response", message: "The answer is not the JSON that it says it is" })
  })
}

const statusFailure = (response: HttpClientResponse.HttpClientResponse, text: string): StepFailure =>
  new StepFailure({
    code: response.status === 429
      ? "http-429"
      : response.status >= 500
      ? "http-5xx"
      : response.status >= 400
      ? "http-4xx"
      : "http-3xx",
    message: `The upstream answered ${response.status}`,
    details: { status: response.status, body: text.slice(0, Limits.errorMessageCharacters) }
  })

const networkFailure = (error: HttpClientError.HttpClientError): StepFailure =>
  new StepFailure({
    code: "network",
    message: `The upstream could not be reached: ${reasonOf(error).slice(0, Limits.errorMessageCharacters)}`
  })

const reasonOf = (error: HttpClientError.HttpClientError): string => {
  const cause = error.reason.cause
  return cause instanceof Error ? cause.message : cause === undefined ? error.message : String(cause)
}
