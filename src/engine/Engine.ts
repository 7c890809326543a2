import { Layer } from "effect"
import * as Digest from "effect/crypto/Digest"
import { Aftermath } from "./Aftermath.ts"
import { ChildRuns } from "./ChildRuns.ts"
import * as Expressions from "./expressions/Layer.ts"
import { Interpreter } from "./Interpreter.ts"
import { LocalExecutor } from "./LocalExecutor.ts"
import { Outbound } from "./Outbound.ts"
import { Results } from "./Results.ts"
import { RunFiber } from "./RunFiber.ts"
import { Slots } from "./Slots.ts"
import { StepRegistry } from "./StepRegistry.ts"
import { StepRunner } from "./StepRunner.ts"
import { Unlock } from "./Unlock.ts"
import { Unwinder } from "./Unwinder.ts"
import { Waits } from "./Waits.ts"

const expressions = Layer.merge(Expressions.layer, Expressions.checkerLayer)
const children = Layer.provide(ChildRuns.layer, Digest.layerWebCrypto)

/** Runs the steps of a run, over the journal. */
export const interpreter = Interpreter.layer.pipe(
  Layer.provide(StepRunner.layer),
  Layer.provide([Waits.layer, children]),
  Layer.provide(StepRegistry.layer),
  Layer.provide(expressions),
  Layer.provide(Outbound.layer)
)

/** All that runs executions in a process, over the ports that keep them. */
export const layer = LocalExecutor.layer.pipe(
  Layer.provide(RunFiber.layer),
  Layer.provide([Results.layer, Slots.layer, Unlock.layer, Unwinder.layer]),
  Layer.provide(Aftermath.layer),
  Layer.provide([interpreter, expressions, children]),
  Layer.provide(Digest.layerWebCrypto)
)
