import { Effect, Layer } from "effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import { Api } from "./api/Api.ts"
import { Callers } from "./Callers.ts"
import { FailedAttempts } from "./FailedAttempts.ts"
import { FurtherRoutes } from "./FurtherRoutes.ts"
import * as ExecutionsHandlers from "./handlers/Executions.ts"
import * as HooksHandlers from "./handlers/Hooks.ts"
import * as KeysHandlers from "./handlers/Keys.ts"
import * as ProposalsHandlers from "./handlers/Proposals.ts"
import * as SchedulesHandlers from "./handlers/Schedules.ts"
import * as SecretsHandlers from "./handlers/Secrets.ts"
import * as SystemHandlers from "./handlers/System.ts"
import * as WebhooksHandlers from "./handlers/Webhooks.ts"
import * as WorkflowsHandlers from "./handlers/Workflows.ts"
import * as WorkflowVersionsHandlers from "./handlers/WorkflowVersions.ts"
import { HealthReport } from "./HealthReport.ts"
import * as Authentication from "./middleware/Authentication.ts"
import { Fallback } from "./middleware/Fallback.ts"
import * as OptionalAuthentication from "./middleware/OptionalAuthentication.ts"
import * as RateLimit from "./middleware/RateLimit.ts"
import * as RequestContext from "./middleware/RequestContext.ts"
import * as ScopeCheck from "./middleware/ScopeCheck.ts"
import * as ValidBody from "./middleware/ValidBody.ts"
import * as ValidParameters from "./middleware/ValidParameters.ts"
import * as Pages from "./Pages.ts"
import { Quota } from "./Quota.ts"

const api = HttpApiBuilder.layer(Api).pipe(
  Layer.provide([
    WorkflowsHandlers.layer,
    WorkflowVersionsHandlers.layer,
    ProposalsHandlers.layer,
    SchedulesHandlers.layer,
    ExecutionsHandlers.layer,
    SecretsHandlers.layer,
    KeysHandlers.layer,
    WebhooksHandlers.layer,
    HooksHandlers.layer,
    SystemHandlers.layer
  ]),
  Layer.provide([
    Authentication.layer,
    OptionalAuthentication.layer,
    RateLimit.layer,
    ScopeCheck.layer,
    ValidBody.layer,
    ValidParameters.layer
  ])
)

const further = Layer.unwrap(Effect.map(Effect.flatten(FurtherRoutes), (routes) => HttpRouter.addAll(routes)))

/** The whole HTTP side of the service, for `HttpRouter.toWebHandler`; it has its own access log. */
export const layer = Layer.mergeAll(api, HttpRouter.addAll(Pages.routes), further, RequestContext.layer).pipe(
  Layer.provide([Fallback.layer, HealthReport.layer]),
  Layer.provide([Callers.layer, Quota.layer, HttpServer.layerServices]),
  Layer.provide(FailedAttempts.layer)
)
