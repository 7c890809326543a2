import type { Option } from "effect"
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

/** Who makes the request, if the key that it shows is valid. */
export class CurrentCaller
  extends Context.Service<CurrentCaller, Option.Option<Principal>>()("atlasit/http/api/CurrentCaller")
{}

/** The call needs no key, but tells more with a valid one, and counts it then. */
export class OptionalAuthentication extends HttpApiMiddleware.Service<OptionalAuthentication, {
  provides: CurrentCaller
}>()("atlasit/http/api/OptionalAuthentication", {
  requiredForClient: true,
  error: problemWith(429, "RATE-001")
}) {}
