import { Context, Effect } from "effect"
import * as HttpEffect from "effect/http/HttpEffect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { RequestId } from "../domain/Ids.ts"

/** The request that is being answered. */
export const CurrentRequest = Context.Reference<{
  readonly requestId: RequestId
  /** What the request's own log line tells beside method, path, status and duration; added as it becomes known. */
  readonly facts: Map<string, string>
}>("atlasit/http/CurrentRequest", {
  defaultValue: () => ({ requestId: RequestId.make("none"), facts: new Map() })
})

/** Puts headers on whatever the request is answered with, an error too. */
export const withResponseHeaders = (headers: Record<string, string>): Effect.Effect<void, never, HttpServerRequest> =>
  HttpEffect.appendPreResponseHandler((_request, response) =>
    Effect.succeed(HttpServerResponse.setHeaders(response, headers))
  )
