import { Layer } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"

/** The platform's `fetch`. Redirects come back as they are: whoever calls decides about each. */
export const layer = FetchHttpClient.layer.pipe(
  Layer.provide(Layer.succeed(FetchHttpClient.RequestInit, { redirect: "manual" }))
)
