import { Base64 } from "effect/encoding"
import { Headers, HttpClientRequest } from "effect/http"
import type { JsonObject } from "effect/Schema"
import { Limits } from "../../../domain/Limits.ts"
import type { HttpAuth, HttpRequestConfig } from "../../../domain/steps/HttpRequest.ts"
import type { McpToolConfig } from "../../../domain/steps/McpTool.ts"
import { cut } from "../../../domain/Text.ts"
import { version } from "../../../domain/Version.ts"
import type { StepContext } from "../../StepHandler.ts"
import { idempotencyKey } from "../../StepHandler.ts"

/** Headers that tell of a body and go with it. */
const bodyHeaders = ["content-encoding", "content-language", "content-length", "content-location", "content-type"]

/** Headers that may go to any origin: whatever else the definition set stays with the first one. */
const harmlessHeaders = new Set(["accept", "accept-language", "user-agent", ...bodyHeaders])

/** The address with the query of the configuration added to its own. */
export const urlOf = (config: HttpRequestConfig): URL => {
  const url = new URL(config.url)
  for (const [name, value] of Object.entries(config.query ?? {})) url.searchParams.append(name, String(value))
  return url
}

/** A request as an error tells of it: its address is cut, since a query may be long. */
export const requestOf = (config: HttpRequestConfig, { redact }: Pick<StepContext, "redact">): JsonObject => ({
  method: config.method ?? "GET",
  url: cut(redact(urlOf(config).href), Limits.errorMessageCharacters)
})

/** The same of a call of a tool. */
export const toolRequestOf = ({ tool, url }: McpToolConfig, { redact }: Pick<StepContext, "redact">): JsonObject => ({
  method: "tools/call",
  tool: redact(tool),
  url: cut(redact(url), Limits.errorMessageCharacters)
})

/** The request of a step. What the definition sets wins over what the service would send. */
export const makeRequest = (
  config: HttpRequestConfig,
  url: URL,
  context: StepContext
): HttpClientRequest.HttpClientRequest => {
  const request = HttpClientRequest.make(config.method ?? "GET")(url.href, {
    headers: {
      accept: "application/json, text/*;q=0.9, */*;q=0.8",
      "idempotency-key": idempotencyKey(context),
      ...callerHeaders(config.auth)
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

/** Who asks: the service, for whom `auth` names. */
export const callerHeaders = (auth: HttpAuth | undefined): Readonly<Record<string, string>> => ({
  "user-agent": `AtlasIT-Orchestrator/${version}`,
  ...(auth === undefined ? {} : authHeader(auth))
})

/** RFC 6750 for `bearer`, RFC 7617 for `basic`. */
const authHeader = (auth: HttpAuth): Readonly<Record<string, string>> => {
  switch (auth.type) {
    case "bearer":
      return { authorization: `Bearer ${auth.token}` }
    case "basic":
      return { authorization: `Basic ${Base64.encode(`${auth.username}:${auth.password}`)}` }
    case "header":
      return { [auth.name]: auth.value }
  }
}

/** Whether an answer sends the request elsewhere. */
export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/**
 * The request that follows a redirect. As the Fetch standard has it, 303, and POST on 301 and 302, go on as GET without a
 * body. To another origin go no headers of the definition, since any of them may tell who calls; `travelling` ones, in
 * lower case, do.
 */
export const redirected = (
  request: HttpClientRequest.HttpClientRequest,
  status: number,
  from: URL,
  to: URL,
  travelling: ReadonlySet<string>
): HttpClientRequest.HttpClientRequest => {
  const becomesGet = (status === 303 && request.method !== "HEAD") ||
    ((status === 301 || status === 302) && request.method === "POST")
  const staying = Object.keys(request.headers).filter((name) =>
    (from.origin !== to.origin && !harmlessHeaders.has(name) && !travelling.has(name)) ||
    (becomesGet && bodyHeaders.includes(name))
  )
  // One by one: `modify` lays headers over the old ones, and would keep those that must not go on.
  const next = staying.reduce(
    (kept, name) => HttpClientRequest.removeHeader(kept, name),
    HttpClientRequest.setUrl(request, to.href)
  )
  return becomesGet ? HttpClientRequest.make("GET")(to.href, { headers: next.headers }) : next
}
