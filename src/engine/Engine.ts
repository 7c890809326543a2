import { Layer } from "effect"
import { Interpreter } from "./Interpreter.ts"
import { LocalExecutor } from "./LocalExecutor.ts"
import { Outbound } from "./Outbound.ts"
import { Results } from "./Results.ts"
import { RunFiber } from "./RunFiber.ts"
import { StepRegistry } from "./StepRegistry.ts"

/** All that runs executions in a process, over the ports that keep them. */
export const layer = LocalExecutor.layer.pipe(
  Layer.provide(RunFiber.layer),
  Layer.provide([Interpreter.layer, Results.layer]),
  Layer.provide(StepRegistry.layer),
  Layer.provide(Outbound.layer)
)
