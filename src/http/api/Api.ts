import * as HttpApi from "effect/http-api/HttpApi"
import * as OpenApi from "effect/http-api/OpenApi"
import { version } from "../../domain/Version.ts"
import { withCommonHeaders } from "./Documentation.ts"
import { ExecutionsApi } from "./Executions.ts"
import { HooksApi } from "./Hooks.ts"
import { KeysApi } from "./Keys.ts"
import { ProposalsApi } from "./Proposals.ts"
import { SchedulesApi } from "./Schedules.ts"
import { SecretsApi } from "./Secrets.ts"
import { SystemApi } from "./System.ts"
import { WebhooksApi } from "./Webhooks.ts"
import { WorkflowsApi } from "./Workflows.ts"
import { WorkflowVersionsApi } from "./WorkflowVersions.ts"

/** Reports every problem of a request at once, and members that nobody knows. */
const strict = { errors: "all", onExcessProperty: "error" } as const

/** The service's HTTP API: what is served, documented and called is derived from it. */
export class Api extends HttpApi.make("atlasit")
  .add(
    WorkflowsApi,
    WorkflowVersionsApi,
    ProposalsApi,
    SchedulesApi,
    WebhooksApi,
    HooksApi,
    ExecutionsApi,
    SecretsApi,
    KeysApi,
    SystemApi
  )
  .annotate(HttpApi.PayloadParseOptions, strict)
  .annotate(HttpApi.QueryParseOptions, strict)
  .annotate(HttpApi.HeadersParseOptions, { errors: "all" })
  .annotateMerge(OpenApi.annotations({
    title: "AtlasIT Orchestrator",
    version,
    description:
      "Runs workflows that tenants define as JSON. Errors are RFC 9457 problems; their codes are explained " +
      "at [/errors](/errors).",
    transform: withCommonHeaders
  }))
{}
