import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import type { CurrentPrincipal } from "./Authentication.ts"
import { problemWith } from "./Errors.ts"

/** Counts the requests of a key, and refuses those over its limit. */
export class RateLimit extends HttpApiMiddleware.Service<RateLimit, { requires: CurrentPrincipal }>()(
  "atlasit/http/api/RateLimit",
  { error: problemWith(429, "RATE-001") }
) {}
