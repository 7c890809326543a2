import { Context } from "effect"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSecurity from "effect/http-api/HttpApiSecurity"
import * as OpenApi from "effect/http-api/OpenApi"
import type { Principal } from "../../domain/Principal.ts"
import { problemWith } from "./Errors.ts"

/** Who makes the request. */
export class CurrentPrincipal
  extends Context.Service<CurrentPrincipal, Principal>()("atlasit/http/api/CurrentPrincipal")
{}

const apiKey = HttpApiSecurity.apiKey({ key: "X-API-Key" }).pipe(
  HttpApiSecurity.annotateMerge(OpenApi.annotations({ description: "An API key of the service" }))
)

const bearer = HttpApiSecurity.bearer.pipe(
  HttpApiSecurity.annotateMerge(OpenApi.annotations({ description: "The same API key, as a bearer token" }))
)

/** Every call needs an API key, in `X-API-Key` or as a bearer token. */
export class Authentication extends HttpApiMiddleware.Service<Authentication, { provides: CurrentPrincipal }>()(
  "atlasit/http/api/Authentication",
  {
    requiredForClient: true,
    security: { apiKey, bearer },
    error: problemWith(401, "AUTH-001", "AUTH-002")
  }
) {}
