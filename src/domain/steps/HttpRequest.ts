import { Schema } from "effect"
import { Limits } from "../Limits.ts"
import { stepInput } from "./Input.ts"

const hasCredentials = (url: URL): boolean => url.username !== "" || url.password !== ""

/** Headers that belong to the connection, not to the request. */
const connectionHeaders = new Set([
  "connection",
  "content-length",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade"
])

const HeaderName = Schema.String.check(
  Schema.isPattern(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/u, { message: "must be a header name" }),
  Schema.makeFilter((name: string) => connectionHeaders.has(name.toLowerCase()) ? "can't be set" : undefined)
)

/** A platform may write a header with other characters into its own log, secrets and all. */
const visibleAscii = Schema.isPattern(/^[\t\x20-\x7e]*$/u, { message: "must hold visible ASCII characters only" })
const HeaderValue = Schema.String.check(visibleAscii)

/** An absolute http or https address. Whether it may be reached is decided when the step runs. */
export const HttpUrl = Schema.NonEmptyString
  .check(Schema.isMaxLength(8_192))
  .check(
    Schema.makeFilter(
      (text: string) =>
        /^https?:\/\//i.test(text) && URL.canParse(text) ? undefined : "must be an absolute http or https URL",
      {
        toJsonSchema: () => ({ pattern: "^[Hh][Tt][Tt][Pp][Ss]?://" })
      }
    )
  )
  .check(
    Schema.makeFilter((text: string) =>
      URL.canParse(text) && hasCredentials(new URL(text))
        ? "must not hold credentials: send them in a header"
        : undefined
    )
  )
  .annotate({ description: "An absolute http or https URL" })

/** Who calls: the header is made from it. */
export const HttpAuth = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("bearer"),
    token: Schema.NonEmptyString.check(visibleAscii).annotateKey({
      description: "Sent as a bearer token",
      examples: ["{{ secrets.TOKEN }}"]
    })
  }).annotate({ title: "bearer" }),
  Schema.Struct({
    type: Schema.Literal("basic"),
    username: Schema.String.annotateKey({ description: "The name that is sent" }),
    password: Schema.String.annotateKey({ description: "The password that is sent" })
  }).annotate({ title: "basic" }),
  Schema.Struct({
    type: Schema.Literal("header"),
    name: HeaderName.annotateKey({ description: "The header's name", examples: ["X-API-Key"] }),
    value: HeaderValue.annotateKey({ description: "The header's value", examples: ["{{ secrets.KEY }}"] })
  }).annotate({ title: "header" })
]).annotate({ identifier: "HttpAuth", description: "Who calls: the header is made from it" })
export type HttpAuth = typeof HttpAuth.Type

const Status = Schema.Int.check(Schema.isBetween({ minimum: 100, maximum: 599 }))

/** A status (`404`), or a range of them (`"200-204"`, `"4xx"`). */
export const ExpectedStatus = Schema.Union([
  Status,
  Schema.String.check(
    Schema.isPattern(/^([1-5]xx|[1-5]\d\d-[1-5]\d\d)$/u, {
      message: "must be a status, or a range such as \"200-204\" or \"4xx\""
    })
  )
])
export type ExpectedStatus = typeof ExpectedStatus.Type

/** Calls an HTTP endpoint; the output is the parsed body: JSON by media type, else text. */
export const HttpRequestConfig = Schema.Struct({
  url: HttpUrl.annotateKey({
    description: "An absolute http or https URL without credentials",
    examples: ["https://api.example.com/users"]
  }),
  method: Schema.optionalKey(Schema.Literals(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]))
    .annotateKey({ description: "The method", default: "GET" }),
  headers: Schema.optionalKey(Schema.Record(HeaderName, HeaderValue)).annotateKey({ description: "Headers by name" }),
  query: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]))
  ).annotateKey({ description: "Added to the URL's query" }),
  body: Schema.optionalKey(Schema.Json).annotateKey({
    description: "JSON, or a text that is sent as it is; not with GET and HEAD"
  }),
  auth: Schema.optionalKey(HttpAuth).annotateKey({ description: "Who calls: the header is made from it" }),
  expect: Schema.optionalKey(Schema.Union([ExpectedStatus, Schema.Array(ExpectedStatus).check(Schema.isMinLength(1))]))
    .annotateKey({
      description: "The statuses taken as success, alone or several: 200 to 299 by default",
      examples: [200, "2xx", [200, 404], "200-204"]
    }),
  response: Schema.optionalKey(Schema.Literals(["body", "full"])).annotateKey({
    description: "What the output is: the parsed body, or `{ status, headers, body }`",
    default: "body"
  }),
  maxBytes: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Limits.responseBytes })))
    .annotateKey({ description: "A larger answer fails the step", default: Limits.responseBytes }),
  input: stepInput
}).check(
  Schema.makeFilter(
    (config) =>
      config.body !== undefined && (config.method === undefined || config.method === "GET" || config.method === "HEAD")
        ? { path: ["body"], issue: `can't be sent with ${config.method ?? "GET"}` }
        : undefined,
    {
      toJsonSchema: () => ({
        if: { required: ["body"] },
        then: { required: ["method"], properties: { method: { not: { enum: ["GET", "HEAD"] } } } }
      })
    }
  )
).annotate({
  identifier: "HttpRequestConfig",
  description: "Calls an HTTP endpoint; the output is the parsed body: JSON by media type, else text"
})
export type HttpRequestConfig = typeof HttpRequestConfig.Type
