import { Effect, Redacted } from "effect"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { Api } from "./api/Api.ts"
import { Authentication, OptionalAuthentication } from "./api/Authentication.ts"

/** The calls of the API, typed: `client.workflows.create({ payload })`. */
export type Client = HttpApiClient.ForApi<typeof Api>

/**
 * A client of the service at `baseUrl`. What the service refuses fails with a `Problem`, told apart by its `code`.
 *
 * ```ts
 * const client = yield* Client.make({ baseUrl: "https://orchestrator.example", apiKey: Redacted.make(key) })
 * const execution = yield* client.executions.start({ payload: { workflowId }, headers: { prefer: "wait=10" } }).pipe(
 *   Effect.catchTag("Problem", (problem) => Effect.fail(problem.code))
 * )
 * // Run it with Effect.provide(FetchHttpClient.layer)
 * ```
 */
export const make = ({ apiKey, baseUrl }: { readonly baseUrl: string | URL; readonly apiKey: Redacted.Redacted }) => {
  const withKey: HttpApiMiddleware.HttpApiMiddlewareClient<never, never, never> = ({ next, request }) =>
    next(HttpClientRequest.setHeader(request, "x-api-key", Redacted.value(apiKey)))
  return HttpApiClient.make(Api, { baseUrl }).pipe(
    Effect.provide([
      HttpApiMiddleware.layerClient(Authentication, withKey),
      HttpApiMiddleware.layerClient(OptionalAuthentication, withKey)
    ])
  )
}
