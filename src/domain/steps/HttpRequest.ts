import { Schema } from "effect"

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
  Schema.isPattern(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/, { message: "must be a header name" }),
  Schema.makeFilter((name: string) => connectionHeaders.has(name.toLowerCase()) ? "can't be set" : undefined)
)
const HeaderValue = Schema.String.check(
  Schema.isPattern(/^[\t\x20-\x7e\x80-\xff]*$/, { message: "must hold visible characters of Latin-1 only" })
)

/** An absolute http or https address. Whether it may be reached is decided when the step runs. */
export const HttpUrl = Schema.NonEmptyString
  .check(Schema.isMaxLength(8_192))
  .check(
    Schema.makeFilter((text: string) =>
      /^https?:\/\//i.test(text) && URL.canParse(text) ? undefined : "must be an absolute http or https URL"
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

/** Calls an HTTP endpoint; the output is the parsed body: JSON by media type, else text. */
export const HttpRequestConfig = Schema.Struct({
  url: HttpUrl,
  method: Schema.optionalKey(Schema.Literals(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])),
  headers: Schema.optionalKey(Schema.Record(HeaderName, HeaderValue)),
  query: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]))
  ),
  /** JSON, or a text that is sent as it is. */
  body: Schema.optionalKey(Schema.Json)
}).check(
  Schema.makeFilter((config) =>
    config.body !== undefined && (config.method === undefined || config.method === "GET" || config.method === "HEAD")
      ? { path: ["body"], issue: `can't be sent with ${config.method ?? "GET"}` }
      : undefined
  )
).annotate({ identifier: "HttpRequestConfig" })
export type HttpRequestConfig = typeof HttpRequestConfig.Type
