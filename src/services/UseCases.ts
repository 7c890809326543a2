import { Layer } from "effect"
import { Executions } from "./Executions.ts"
import { Health } from "./Health.ts"
import { Maintenance } from "./Maintenance.ts"
import { Workflows } from "./Workflows.ts"

/** What the faces of the product call, over the ports. */
export const layer = Layer.mergeAll(Workflows.layer, Executions.layer, Health.layer, Maintenance.layer)
