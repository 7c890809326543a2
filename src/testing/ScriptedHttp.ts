import { Context, Duration, Effect, Layer } from "effect"
import { HttpClient, HttpClientError, HttpClientResponse } from "effect/http"
import type { HttpClientRequest } from "effect/http"
import type { Json } from "effect/Schema"
import * as Timestamp from "../domain/Timestamp.ts"

/** An upstream's answer. Without `body` it is empty. */
export interface ScriptedResponse {
  /** 200 by default. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** JSON; a string is sent as text. */
  readonly body?: Json
  /** How long the upstream takes, in virtual time. */
  readonly delay?: Duration.Input
}

/** A request as the upstream saw it. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly at: Timestamp.Timestamp
}

/** What the upstream answers to requests of this method (any by default) and address. */
export interface ScriptedRoute {
  readonly method?: string
  /** The whole address without its query, or a pattern that the address with its query must match. */
  readonly url: string | RegExp
  /** One answer for all; several, one after the other, the last again and again; or whatever fits the request. */
  readonly respond:
    | ScriptedResponse
    | readonly [ScriptedResponse, ...ReadonlyArray<ScriptedResponse>]
    | ((request: SeenRequest) => ScriptedResponse)
}

/** The requests that the steps made, in order. */
export class SeenRequests extends Context.Service<SeenRequests, {
  readonly all: Effect.Effect<ReadonlyArray<SeenRequest>>
}>()("atlasit/testing/SeenRequests") {}

/** An HTTP client whose upstreams follow a script. A request that no route fits fails as an unreachable address does. */
export const layer = (routes: ReadonlyArray<ScriptedRoute>): Layer.Layer<HttpClient.HttpClient | SeenRequests> =>
  Layer.effectContext(Effect.sync(() => {
    const seen: Array<SeenRequest> = []
    const answered = new Map<ScriptedRoute, number>()

    const answer = (route: ScriptedRoute, request: SeenRequest): ScriptedResponse => {
      const { respond } = route
      if (typeof respond === "function") return respond(request)
      if (!isSeveral(respond)) return respond
      const count = answered.get(route) ?? 0
      answered.set(route, count + 1)
      return respond[Math.min(count, respond.length - 1)] ?? respond[0]
    }

    const client = HttpClient.make(Effect.fnUntraced(function*(request, url) {
      const made: SeenRequest = {
        method: request.method,
        url: url.href,
        headers: { ...request.headers },
        body: bodyOf(request),
        at: yield* Timestamp.now
      }
      seen.push(made)
      const route = routes.find((candidate) => fits(candidate, made, url))
      if (route === undefined) return yield* unscripted(request, made)
      const response = answer(route, made)
      if (response.delay !== undefined) yield* Effect.sleep(response.delay)
      return HttpClientResponse.fromWeb(request, toWeb(response))
    }))

    return Context.make(HttpClient.HttpClient, client).pipe(
      Context.add(SeenRequests, { all: Effect.sync(() => [...seen]) })
    )
  }))

const isSeveral = (
  respond: ScriptedResponse | readonly [ScriptedResponse, ...ReadonlyArray<ScriptedResponse>]
): respond is readonly [ScriptedResponse, ...ReadonlyArray<ScriptedResponse>] => Array.isArray(respond)

const fits = (route: ScriptedRoute, request: SeenRequest, url: URL): boolean =>
  (route.method === undefined || route.method === request.method) &&
  (typeof route.url === "string"
    ? new URL(route.url).href === `${url.origin}${url.pathname}`
    : route.url.test(request.url))

const unscripted = (request: HttpClientRequest.HttpClientRequest, made: SeenRequest) =>
  new HttpClientError.HttpClientError({
    reason: new HttpClientError.TransportError({
      request,
      cause: new Error(`the script has no answer to ${made.method} ${made.url}`)
    })
  })

const bodyOf = (request: HttpClientRequest.HttpClientRequest): string | null =>
  request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : null

/** Statuses that have no body (Fetch standard, section 2.2.3). */
const bodiless = new Set([101, 103, 204, 205, 304])

const toWeb = ({ body, headers, status = 200 }: ScriptedResponse): Response => {
  const text = body === undefined || bodiless.has(status)
    ? null
    : typeof body === "string"
    ? body
    : JSON.stringify(body)
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json"
  return new Response(text, { status, headers: { ...(text === null ? {} : { "content-type": type }), ...headers } })
}
