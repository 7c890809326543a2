import { Schema } from "effect"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import { ApiKey, ApiKeyCreate } from "../../domain/ApiKey.ts"
import { ApiKeyId, TenantId } from "../../domain/Ids.ts"
import { Limits } from "../../domain/Limits.ts"
import { pageOf } from "../../domain/Page.ts"
import { Authentication } from "./Authentication.ts"
import { documented } from "./Documentation.ts"
import { problemWith } from "./Errors.ts"
import { pageQuery } from "./Lists.ts"
import { RateLimit } from "./RateLimit.ts"
import { ScopeCheck } from "./Scopes.ts"
import { BodyProblems, ValidBody, ValidParameters } from "./Validation.ts"

const params = { id: ApiKeyId.annotate({ description: "The key's id" }) }
const notFound = problemWith(404, "KEY-001")
const operators = "Only for operators' keys."

/** The only answer that shows a key itself. */
const Created = Schema.Struct({
  ...ApiKey.fields,
  key: Schema.RedactedFromValue(Schema.String.annotate({ description: "The key itself, shown only here" }))
}).annotate({ identifier: "ApiKeyCreated", description: "The key that was made" }).pipe(HttpApiSchema.status(201))

const create = HttpApiEndpoint.post("create", "/", {
  payload: ApiKeyCreate,
  success: Created,
  error: [problemWith(400, "KEY-002"), problemWith(409, "KEY-002")]
}).middleware(ValidBody).annotateMerge(documented({
  needs: "admin",
  summary: "Make a key",
  description:
    "Makes an API key and shows it this once. Without a `tenantId` it is an operator's key; with `workflows` it " +
    `sees these alone. A tenant may have ${Limits.apiKeysPerTenant} keys, and so may the operators. ${operators}`,
  headers: [{ status: 201, name: "Location", description: "The key's path" }]
}))

const list = HttpApiEndpoint.get("list", "/", {
  query: {
    tenantId: Schema.optionalKey(TenantId.annotate({ description: "Only those of this tenant" })),
    ...pageQuery
  },
  success: pageOf(ApiKey).annotate({ identifier: "ApiKeyPage", description: "Part of the list of keys" })
}).annotateMerge(documented({
  needs: "admin",
  summary: "List keys",
  description: `The stored keys, newest first, without the keys themselves. ${operators}`
}))

const get = HttpApiEndpoint.get("get", "/:id", { params, success: ApiKey, error: notFound }).annotateMerge(documented({
  needs: "admin",
  summary: "Read about a key",
  description: `Everything about the key but the key itself. ${operators}`
}))

const remove = HttpApiEndpoint.delete("remove", "/:id", {
  params,
  success: HttpApiSchema.NoContent.annotate({ description: "The key is valid no more" }),
  error: notFound
}).annotateMerge(documented({
  needs: "admin",
  summary: "Revoke a key",
  description: `The key is refused from the answer on, wherever it is shown. ${operators}`
}))

/** The calls on stored API keys. */
export class KeysApi extends HttpApiGroup.make("keys")
  .add(create, list, get, remove)
  .middleware(ValidParameters)
  .middleware(ScopeCheck)
  .middleware(RateLimit)
  .middleware(Authentication)
  .prefix("/api/keys")
  .annotate(BodyProblems, { missing: "KEY-002", invalid: "KEY-002" })
  .annotateMerge(OpenApi.annotations({ title: "Keys", description: "Who may call the service, and what for" }))
{}
