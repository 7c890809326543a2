import { Context } from "effect"
import * as OpenApi from "effect/http-api/OpenApi"
import { withNotesBeside } from "../../domain/DefinitionSchema.ts"
import { Limits } from "../../domain/Limits.ts"
import type { Scope } from "../../domain/Principal.ts"
import { RequiredScope } from "./Scopes.ts"

/** A response header, for the OpenAPI document. */
interface HeaderDoc {
  readonly status: number
  readonly name: string
  readonly description: string
}

/** Headers that stand on every answer to a request with a valid key, or on every answer at all. */
const everywhere = {
  "X-Request-Id": { description: "The request's id: the caller's, or a new one", schema: { type: "string" } },
  "RateLimit-Limit": { description: "Requests of this key in one window", schema: { type: "integer" } },
  "RateLimit-Remaining": { description: "Requests left in this window", schema: { type: "integer" } },
  "RateLimit-Reset": { description: "Seconds until the window ends", schema: { type: "integer" } }
}

/** What a query parameter is once it is read: in the schemas they are texts. */
const parameterTypes = new Map<unknown, Record<string, unknown>>([
  ["limit", { type: "integer", minimum: 1, maximum: Limits.pageItems, default: Limits.pageItemsDefault }],
  ["version", { type: "integer", minimum: 1 }],
  ["from", { format: "date-time" }],
  ["to", { format: "date-time" }]
])

/** What the OpenAPI document says of an endpoint, and the scope that a key needs for it. */
export const documented = (text: {
  /** The scope that a key must have; null: the call needs no key. */
  readonly needs: Scope | null
  readonly summary: string
  readonly description: string
  readonly headers?: ReadonlyArray<HeaderDoc>
  /** The body may be left out. */
  readonly optionalBody?: true
  /** The body is read as it comes: what it may be, by media type. */
  readonly rawBody?: Readonly<Record<string, unknown>>
  /** No key counts the requests. */
  readonly uncounted?: true
  /** Answers without a body that the endpoint's schemas don't tell of: what each status means. */
  readonly also?: Readonly<Record<string, string>>
}) =>
  Context.merge(
    OpenApi.annotations({
      summary: text.summary,
      description: text.needs === null ? text.description : `${text.description} Needs the scope \`${text.needs}\`.`,
      transform: (operation) => ({
        ...operation,
        ...(text.needs === null ? {} : { "x-required-scope": text.needs }),
        ...(text.optionalBody === true
          ? { requestBody: { ...Object(operation["requestBody"]), required: false } }
          : {}),
        ...(text.rawBody === undefined
          ? {}
          : {
            requestBody: {
              content: Object.fromEntries(Object.entries(text.rawBody).map(([type, schema]) => [type, { schema }]))
            }
          }),
        parameters: operation["parameters"].map(withType),
        responses: Object.fromEntries(
          Object.entries({
            ...operation["responses"],
            ...Object.fromEntries(
              Object.entries(text.also ?? {}).map(([status, description]) => [status, { description }])
            )
          }).map(([status, response]) => [
            status,
            withHeaders(
              Object(response),
              [...(text.headers ?? []), retryAfterRefusal].filter((header) => String(header.status) === status),
              status === "401" || text.uncounted === true ? ["X-Request-Id"] : Object.keys(everywhere)
            )
          ])
        )
      })
    }),
    text.needs === null ? Context.empty() : Context.make(RequiredScope, text.needs)
  )

const withType = (parameter: Record<string, unknown>) => ({
  ...parameter,
  schema: { ...Object(parameter["schema"]), ...parameterTypes.get(parameter["name"]) }
})

const problemContent = "application/problem+json"

const retryAfterRefusal = { status: 429, name: "Retry-After", description: "Seconds to wait before the next call" }

const withHeaders = (
  response: Record<string, unknown>,
  headers: ReadonlyArray<HeaderDoc>,
  common: ReadonlyArray<string>
) => ({
  ...response,
  // One problem is like another, however many parts of the endpoint name it.
  ...(Object.hasOwn(Object(response["content"]), problemContent)
    ? { content: { [problemContent]: { schema: { $ref: "#/components/schemas/Problem" } } } }
    : {}),
  headers: {
    ...Object.fromEntries(
      headers.map(({ description, name }) => [name, { description, schema: { type: "string" } }])
    ),
    ...Object.fromEntries(common.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
  }
})

/** Puts the headers that every endpoint names into the document's components, and what is said of members beside them. */
export const withCommonHeaders = (document: Record<string, unknown>): Record<string, unknown> => ({
  ...withNotesBeside(document),
  components: { ...withNotesBeside(Object(document["components"])), headers: everywhere }
})
