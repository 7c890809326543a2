import { Effect } from "effect"
import * as Digest from "effect/crypto/Digest"
import { Hex } from "effect/encoding"
import * as OpenApi from "effect/http-api/OpenApi"
import type { Route } from "effect/http/HttpRouter"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { definitionSchema, definitionSchemaPath } from "../domain/DefinitionSchema.ts"
import { Api } from "./api/Api.ts"
import { hasTag } from "./EntityTag.ts"
import * as DocsPage from "./pages/Docs.ts"
import * as ErrorsPage from "./pages/Errors.ts"

const page = (html: string, policy: string) =>
  HttpServerResponse.html(html).pipe(HttpServerResponse.setHeader("content-security-policy", policy))

let openApi: string | undefined

let schema: { readonly text: string; readonly tag: string } | undefined

const schemaFile = Effect.gen(function*() {
  if (schema !== undefined) return schema
  const text = JSON.stringify(definitionSchema())
  const { digest } = yield* Digest.Digest
  const hash = yield* Effect.orDie(digest(Digest.sha256, new TextEncoder().encode(text)))
  return schema = { text, tag: `"${Hex.encode(hash).slice(0, 32)}"` }
}).pipe(Effect.provide(Digest.layerWebCrypto))

/** Editors and browsers of any origin read it; what they have is asked for again after an hour. */
const definitionSchemaFile = Effect.gen(function*() {
  const { headers } = yield* HttpServerRequest
  const { tag, text } = yield* schemaFile
  const response = hasTag(headers["if-none-match"], tag)
    ? HttpServerResponse.empty({ status: 304 })
    : HttpServerResponse.text(text, { contentType: "application/schema+json" })
  return HttpServerResponse.setHeaders(response, {
    etag: tag,
    "cache-control": "public, max-age=3600",
    "access-control-allow-origin": "*"
  })
})

/** What is served beside the API: its document, the schema of definitions, and pages for people. */
export const routes: ReadonlyArray<Route> = [
  HttpRouter.route(
    "GET",
    "/openapi.json",
    Effect.sync(() =>
      HttpServerResponse.text(openApi ??= JSON.stringify(OpenApi.fromApi(Api)), { contentType: "application/json" })
    )
  ),
  HttpRouter.route("GET", definitionSchemaPath, definitionSchemaFile),
  HttpRouter.route("GET", "/docs", page(DocsPage.html, DocsPage.policy)),
  HttpRouter.route("GET", "/errors", page(ErrorsPage.html, ErrorsPage.policy))
]
