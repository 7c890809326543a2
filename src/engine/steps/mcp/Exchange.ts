import type { FetchLike } from "@modelcontextprotocol/client"
import { Clock, Effect, Fiber, FiberSet, Schema, Stream } from "effect"
import { HttpClientRequest } from "effect/http"
import type { HttpClientResponse } from "effect/http"
import { Limits } from "../../../domain/Limits.ts"
import type { McpToolConfig } from "../../../domain/steps/McpTool.ts"
import type { StepContext } from "../../StepHandler.ts"
import { StepFailure } from "../../StepHandler.ts"
import type { Follow } from "../calls/Follow.ts"
import { callerHeaders } from "../calls/Request.ts"
import type { Allowance } from "../calls/Response.ts"
import { bodyOf, isExpected, parseBody, readText, statusFailure } from "../calls/Response.ts"
import type { Trouble } from "./Trouble.ts"

/** Headers that say again what the body says, and go with it. */
const protocolHeaders: ReadonlySet<string> = new Set(["mcp-method", "mcp-name", "mcp-protocol-version"])

/** Redirects that would make a GET without a body of a call: nothing could come of it. */
const dropsBody = (status: number): boolean => status >= 301 && status <= 303

/** No era of the protocol has another meaning for these; any other may be how an older server refuses a newer question. */
const isFinal = (status: number): boolean =>
  status < 400 || status === 401 || status === 403 || status === 429 || status >= 500

/** What the client reads of an answer's headers. */
const readHeaders = ["content-type", "mcp-session-id"]

/**
 * The `fetch` of one call's client: under the rules of `http-request`. All of the call's answers share one allowance. It
 * ends with its scope.
 */
export const makeExchange = Effect.fnUntraced(function*(
  follow: Follow,
  config: McpToolConfig,
  { redact }: StepContext,
  trouble: Trouble
) {
  const fibers = yield* FiberSet.make()
  const run = yield* FiberSet.runtimePromise(fibers)()
  const fork = yield* FiberSet.runtime(fibers)()
  const allowance: Allowance = { maxBytes: config.maxBytes ?? Limits.responseBytes, taken: 0 }
  const url = new URL(config.url)
  let sent = 0

  /** How many there are, the server decides: by its pings, its redirects and the pages of its list. The first may be free. */
  const counted = (free: number) => {
    let left = free
    return Effect.suspend(() => left-- > 0 || sent++ < Limits.mcpRequests ? Effect.void : tooMany)
  }

  const note = (failure: StepFailure, isEnd: boolean) => {
    trouble.last = failure
    if (isEnd) trouble.end(failure)
  }

  const ask = Effect.fnUntraced(function*(
    method: "GET" | "POST" | "DELETE",
    headers: Readonly<Record<string, string>>,
    body: string | null
  ) {
    const request = HttpClientRequest.make(method)(url.href, {
      headers: { ...headers, ...callerHeaders(config.auth) }
    })
    const message = body === null ? undefined : messageOf(body)
    const isCall = message?.method !== undefined && message.id !== undefined
    const whole = body === null ? request : HttpClientRequest.bodyText(request, body, "application/json")
    const response = yield* follow(whole, url, redact, {
      isTaken: method === "DELETE" ? () => true : dropsBody,
      travelling: protocolHeaders,
      // The server could aim what is no part of the call at anybody.
      stays: method === "POST" && !isCall,
      before: counted(method === "POST" ? 0 : 1)
    })
    const isOk = isExpected(response.status, undefined)
    if (isOk && isEventStream(response)) {
      trouble.last = undefined
      if (isCall) trouble.streamed.add(message.id)
      return toWeb(response, streamOf(response))
    }
    const text = yield* readText(bodyOf(response, allowance, redact))
    if (isOk) {
      yield* parseBody(response, text)
      trouble.last = undefined
    } else {
      trouble.last = statusFailure(response, text, yield* Clock.currentTimeMillis, redact)
      if (isFinal(response.status)) return yield* trouble.last
    }
    return toWeb(response, text === "" ? null : text)
  })

  /** An answer's events, as they come. */
  const streamOf = (response: HttpClientResponse.HttpClientResponse) => {
    let reading: Fiber.Fiber<void> | undefined
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        reading = fork(
          Stream.runForEach(
            bodyOf(response, allowance, redact),
            (chunk) => Effect.sync(() => controller.enqueue(chunk))
          ).pipe(
            Effect.matchEffect({
              onSuccess: () => Effect.sync(() => controller.close()),
              onFailure: (failure) =>
                Effect.sync(() => {
                  note(failure, !isPassing(failure))
                  controller.error(failure)
                })
            })
          )
        )
      },
      cancel: () => reading?.interruptUnsafe()
    })
  }

  const fetch: FetchLike = (_, { body, headers, method, signal } = {}) => {
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const sent = Object.fromEntries(new Headers(headers))
    const asksAgain = method === "GET"
    const asked = ask(asksAgain ? "GET" : "POST", sent, typeof body === "string" ? body : null)
    const noted = Effect.tapError(
      asked,
      (failure) => Effect.sync(() => note(failure, !(asksAgain && isPassing(failure))))
    )
    return run(noted, signalOf(signal))
  }

  return { ask, fetch, fork }
})

const tooMany = new StepFailure({
  code: "invalid-response",
  message: `The server asked for more than ${Limits.mcpRequests} requests`
})

/** What the client sends: a request has both, a notification no id, an answer no method. */
const messageOf = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({
  method: Schema.optionalKey(Schema.String),
  id: Schema.optionalKey(Schema.Union([Schema.String, Schema.Finite]))
})))

/** The client asks for a lost stream again, and has several tries at that. */
const isPassing = ({ code }: StepFailure): boolean => code === "network" || code.startsWith("http-")

const signalOf = (signal: AbortSignal | null | undefined) => signal ? { signal } : {}

const isEventStream = ({ headers }: HttpClientResponse.HttpClientResponse): boolean =>
  /^text\/event-stream\s*(;|$)/i.test(headers["content-type"] ?? "")

/** 202 is taken for 204: after it, the client would open a stream for what the server has to say by itself. */
const toWeb = ({ headers, status }: HttpClientResponse.HttpClientResponse, body: ReadableStream | string | null) =>
  new Response(status === 202 ? null : body, {
    status: status === 202 ? 204 : status,
    headers: readHeaders.flatMap((name): ReadonlyArray<[string, string]> => {
      const value = headers[name]
      return value === undefined ? [] : [[name, value]]
    })
  })
