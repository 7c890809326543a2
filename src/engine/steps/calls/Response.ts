import { Effect, Stream } from "effect"
import type { HttpClientError, HttpClientResponse } from "effect/http"
import type { Json } from "effect/Schema"
import { nestsDeeper } from "../../../domain/Json.ts"
import { Limits } from "../../../domain/Limits.ts"
import type { ExpectedStatus, HttpRequestConfig } from "../../../domain/steps/HttpRequest.ts"
import { cut } from "../../../domain/Text.ts"
import { StepFailure } from "../../StepHandler.ts"

/** Closes the connection without waiting for the body. */
export const discardBody = (response: HttpClientResponse.HttpClientResponse) =>
  Effect.scoped(Stream.toPull(response.stream))

/** How much answers may take together, and have taken so far. */
export interface Allowance {
  readonly maxBytes: number
  taken: number
}

/** An answer's body; it fails where the answers become larger than they may. */
export const bodyOf = (
  response: HttpClientResponse.HttpClientResponse,
  allowance: Allowance,
  redact: (text: string) => string
): Stream.Stream<Uint8Array, StepFailure> =>
  response.stream.pipe(
    Stream.catchIf(hasNoBody, () => Stream.empty),
    Stream.mapError((error) => networkFailure(error, redact)),
    Stream.tap((chunk) => {
      allowance.taken += chunk.length
      return allowance.taken > allowance.maxBytes
        ? new StepFailure({
          code: "response-too-large",
          message: `The answer is larger than ${allowance.maxBytes} bytes`
        })
        : Effect.void
    })
  )

/** An answer's body as text. */
export const readText = Effect.fnUntraced(function*(body: ReturnType<typeof bodyOf>) {
  const decoder = new TextDecoder()
  let text = ""
  yield* Stream.runForEach(body, (chunk) =>
    Effect.sync(() => {
      text += decoder.decode(chunk, { stream: true })
    }))
  return text + decoder.decode()
})

/** An answer without a body, as to HEAD or with 204, has no stream either. */
const hasNoBody = (error: HttpClientError.HttpClientError): boolean => error.reason._tag === "EmptyBodyError"

/** Whether the status is one that the step takes as success: 200 to 299 by default. */
export const isExpected = (status: number, expect: HttpRequestConfig["expect"]): boolean =>
  expect === undefined
    ? status >= 200 && status <= 299
    : (isSeveral(expect) ? expect : [expect]).some((expected) => matches(status, expected))

const isSeveral = (
  expect: ExpectedStatus | ReadonlyArray<ExpectedStatus>
): expect is ReadonlyArray<ExpectedStatus> => Array.isArray(expect)

const matches = (status: number, expected: ExpectedStatus): boolean => {
  if (typeof expected === "number") return status === expected
  if (expected.endsWith("xx")) return Math.floor(status / 100) === Number(expected[0])
  const [from, to] = expected.split("-").map(Number)
  return from !== undefined && to !== undefined && status >= from && status <= to
}

/** The output that an answer gives. */
export const outputOf = Effect.fnUntraced(function*(
  response: HttpClientResponse.HttpClientResponse,
  text: string,
  config: HttpRequestConfig
) {
  const body = yield* parseBody(response, text)
  return config.response === "full" ? { status: response.status, headers: { ...response.headers }, body } : body
})

const isJson = (response: HttpClientResponse.HttpClientResponse): boolean =>
  /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(response.headers["content-type"] ?? "")

/** The JSON of an answer that says it is JSON; of another the text. */
export const parseBody = (
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

/** An answer that is no success. `now` is the clock's time in milliseconds since 1970. */
export const statusFailure = (
  response: HttpClientResponse.HttpClientResponse,
  text: string,
  now: number,
  redact: (text: string) => string
): StepFailure => {
  const retryAfterMillis = retryAfter(response.headers["retry-after"], now)
  return new StepFailure({
    code: response.status === 429 ? "http-429" : `http-${Math.floor(response.status / 100)}xx`,
    message: `The upstream answered ${response.status}`,
    details: { status: response.status, body: cut(redact(text), Limits.errorMessageCharacters) },
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis })
  })
}

/** `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3), in milliseconds from now. */
export const retryAfter = (value: string | undefined, now: number): number | undefined => {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** The upstream gave no answer. */
export const networkFailure = (error: HttpClientError.HttpClientError, redact: (text: string) => string): StepFailure =>
  new StepFailure({
    code: "network",
    message: `The upstream could not be reached: ${cut(redact(reasonOf(error)), Limits.errorMessageCharacters)}`
  })

const reasonOf = (error: HttpClientError.HttpClientError): string => {
  const cause = error.reason.cause
  return cause instanceof Error ? cause.message : cause === undefined ? error.message : String(cause)
}
