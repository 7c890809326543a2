import { Schema } from "effect"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import { TenantId } from "../../domain/Ids.ts"
import { Limits } from "../../domain/Limits.ts"
import { pageOf } from "../../domain/Page.ts"
import { Secret, SecretSummary, SecretWrite } from "../../domain/Secret.ts"
import { Authentication } from "./Authentication.ts"
import { documented } from "./Documentation.ts"
import { problemWith } from "./Errors.ts"
import { pageQuery } from "./Lists.ts"
import { RateLimit } from "./RateLimit.ts"
import { ScopeCheck } from "./Scopes.ts"
import { BodyProblems, ValidBody, ValidParameters } from "./Validation.ts"

const params = { name: Schema.String.annotate({ description: "The secret's name" }) }
const query = {
  tenantId: Schema.optionalKey(
    TenantId.annotate({ description: "Whose secret; an operator's key must name the tenant" })
  )
}
const invalid = problemWith(400, "SECRET-002")
const notFound = problemWith(404, "SECRET-001")

/** A secret that is new: what tells a creation from a change. */
const Created = Schema.Struct({ ...Secret.fields, version: Schema.Literal(1) })
  .annotate({ identifier: "SecretCreated", description: "The secret is new" })
  .pipe(HttpApiSchema.status(201))

const put = HttpApiEndpoint.put("put", "/:name", {
  params,
  query,
  payload: SecretWrite,
  success: [Created, Secret],
  error: [invalid, problemWith(409, "SECRET-002"), problemWith(503, "SECRET-003")]
}).middleware(ValidBody).annotateMerge(documented({
  needs: "admin",
  summary: "Store a secret",
  description: "Creates the secret, or gives it a new value. Workflows use it as `secrets.NAME`; nobody can read the " +
    `value back. A name has 1 to 64 characters of A-Z a-z 0-9 _ and begins with no digit; a tenant may have ${Limits.secretsPerTenant} secrets.`,
  headers: [{ status: 201, name: "Location", description: "The secret's path" }]
}))

const list = HttpApiEndpoint.get("list", "/", {
  query: { ...query, ...pageQuery },
  success: pageOf(SecretSummary).annotate({ identifier: "SecretPage", description: "Part of the list of secrets" }),
  error: invalid
}).annotateMerge(documented({
  needs: "read",
  summary: "List secrets",
  description: "The names of a tenant's secrets, newest first."
}))

const get = HttpApiEndpoint.get("get", "/:name", {
  params,
  query,
  success: Secret,
  error: [invalid, notFound]
})
  .annotateMerge(documented({
    needs: "read",
    summary: "Read about a secret",
    description: "Everything about the secret but its value."
  }))

const remove = HttpApiEndpoint.delete("remove", "/:name", {
  params,
  query,
  success: HttpApiSchema.NoContent.annotate({ description: "The secret is gone" }),
  error: [invalid, notFound]
}).annotateMerge(documented({
  needs: "admin",
  summary: "Remove a secret",
  description: "Executions that begin to use it from now on fail; those that have read it already go on."
}))

/** The calls on secrets. */
export class SecretsApi extends HttpApiGroup.make("secrets")
  .add(put, list, get, remove)
  .middleware(ValidParameters)
  .middleware(ScopeCheck)
  .middleware(RateLimit)
  .middleware(Authentication)
  .prefix("/api/secrets")
  .annotate(BodyProblems, { missing: "SECRET-002", invalid: "SECRET-002" })
  .annotateMerge(OpenApi.annotations({ title: "Secrets", description: "What workflows know and nobody sees" }))
{}
