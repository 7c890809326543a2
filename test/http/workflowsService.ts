import { Effect } from "effect"
import { Workflows } from "../../src/services/Workflows.ts"
import { WorkflowVersions } from "../../src/services/WorkflowVersions.ts"
import * as TestService from "../../src/testing/TestService.ts"
import { serve } from "./harness.ts"

/** A running service that keeps workflows in memory. */
export const start = async () => {
  const services = Effect.all({ workflows: Workflows, versions: WorkflowVersions })
  return serve(await Effect.runPromise(Effect.provide(services, TestService.layer([]))))
}
