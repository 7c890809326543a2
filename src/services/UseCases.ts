import { Layer } from "effect"
import { DefinitionChecker } from "./DefinitionChecker.ts"
import { Executions } from "./Executions.ts"
import { Explanations } from "./Explanations.ts"
import { Health } from "./Health.ts"
import { Hooks } from "./Hooks.ts"
import { Keys } from "./Keys.ts"
import { Maintenance } from "./Maintenance.ts"
import { PendingSignals } from "./PendingSignals.ts"
import { Proposals } from "./Proposals.ts"
import { Retries } from "./Retries.ts"
import { ScheduleRuns } from "./ScheduleRuns.ts"
import { Schedules } from "./Schedules.ts"
import { Secrets } from "./Secrets.ts"
import { Webhooks } from "./Webhooks.ts"
import { Workflows } from "./Workflows.ts"
import { WorkflowTools } from "./WorkflowTools.ts"
import { WorkflowVersions } from "./WorkflowVersions.ts"

/** What the faces of the product call, over the ports. */
export const layer = Layer.mergeAll(
  Workflows.layer,
  WorkflowVersions.layer,
  Proposals.layer,
  Retries.layer,
  Schedules.layer,
  ScheduleRuns.layer,
  Health.layer,
  Maintenance.layer,
  Hooks.layer,
  Keys.layer,
  Webhooks.layer,
  PendingSignals.layer,
  WorkflowTools.layer,
  Explanations.layer
).pipe(
  Layer.provideMerge(Executions.layer),
  Layer.provide(DefinitionChecker.layer),
  Layer.provideMerge(Secrets.layer)
)
