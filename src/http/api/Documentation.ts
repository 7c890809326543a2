import * as OpenApi from "effect/http-api/OpenApi"

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

/** What the OpenAPI document says of an endpoint. */
export const documented = (text: {
  readonly summary: string
  readonly description: string
  readonly headers?: ReadonlyArray<HeaderDoc>
}) =>
  OpenApi.annotations({
    summary: text.summary,
    description: text.description,
    transform: (operation) => ({
      ...operation,
      responses: Object.fromEntries(
        Object.entries(operation["responses"]).map(([status, response]) => [
          status,
          withHeaders(response, (text.headers ?? []).filter((header) => String(header.status) === status))
        ])
      )
    })
  })

const withHeaders = (response: unknown, headers: ReadonlyArray<HeaderDoc>) => ({
  ...(typeof response === "object" ? response : {}),
  headers: {
    ...Object.fromEntries(
      headers.map(({ description, name }) => [name, { description, schema: { type: "string" } }])
    ),
    ...Object.fromEntries(Object.keys(everywhere).map((name) => [name, { $ref: `#/components/headers/${name}` }]))
  }
})

/** Puts the headers that every endpoint names into the document's components. */
export const withCommonHeaders = (document: Record<string, unknown>): Record<string, unknown> => ({
  ...document,
  components: { ...Object(document["components"]), headers: everywhere }
})
