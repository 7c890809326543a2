import { Context } from "effect"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import type { Scope } from "../../domain/Principal.ts"
import type { CurrentPrincipal } from "./Authentication.ts"
import { problemWith } from "./Errors.ts"

/** Annotates an endpoint: the scope that a key needs for it. `documented` does so. */
export class RequiredScope extends Context.Service<RequiredScope, Scope>()("atlasit/http/api/RequiredScope") {}

/** Refuses a key without the scope that the endpoint needs. */
export class ScopeCheck extends HttpApiMiddleware.Service<ScopeCheck, { requires: CurrentPrincipal }>()(
  "atlasit/http/api/ScopeCheck",
  { error: problemWith(403, "AUTH-003") }
) {}
