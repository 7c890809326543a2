import { Effect } from "effect"
import * as OpenApi from "effect/http-api/OpenApi"
import type { Route } from "effect/http/HttpRouter"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Api } from "./api/Api.ts"
import * as DocsPage from "./pages/Docs.ts"
import * as ErrorsPage from "./pages/Errors.ts"

const page = (html: string, policy: string) =>
  HttpServerResponse.html(html).pipe(HttpServerResponse.setHeader("content-security-policy", policy))

let openApi: string | undefined

/** What is served beside the API: its document, and pages for people. */
export const routes: ReadonlyArray<Route> = [
  HttpRouter.route(
    "GET",
    "/openapi.json",
    Effect.sync(() =>
      HttpServerResponse.text(openApi ??= JSON.stringify(OpenApi.fromApi(Api)), { contentType: "application/json" })
    )
  ),
  HttpRouter.route("GET", "/docs", page(DocsPage.html, DocsPage.policy)),
  HttpRouter.route("GET", "/errors", page(ErrorsPage.html, ErrorsPage.policy))
]
