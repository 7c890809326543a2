import { Context, Effect, Layer } from "effect"
import type { Json } from "effect/Schema"
import type { Step, StepType } from "../domain/Step.ts"
import type { StepContext, StepFailure, StepHandler } from "./StepHandler.ts"
import { makeHttpRequest } from "./steps/HttpRequest.ts"
import { transform } from "./steps/Transform.ts"

/** The step types: each is a file of `steps/` and a line here. The compiler misses one that is not here. */
const makeHandlers = Effect.gen(function*() {
  return {
    "http-request": yield* makeHttpRequest,
    transform
  } satisfies { readonly [Type in StepType]: StepHandler<Type> }
})

/** Runs one attempt at a step. */
export class StepRegistry extends Context.Service<StepRegistry, {
  readonly run: (step: Step, context: StepContext) => Effect.Effect<Json, StepFailure>
}>()("atlasit/engine/StepRegistry") {
  static readonly layer = Layer.effect(
    StepRegistry,
    Effect.gen(function*() {
      const handlers = yield* makeHandlers
      return StepRegistry.of({
        run: (step, context) => {
          switch (step.type) {
            case "http-request":
              return handlers["http-request"].run(step.config, context)
            case "transform":
              return guarded(() => handlers.transform.run(step.config, context))
          }
        }
      })
    })
  )
}

/** A step that is done at once may throw at once: that is a defect of the step, not of the run. */
const guarded = <A, E>(run: () => Effect.Effect<A, E>): Effect.Effect<A, E> => {
  try {
    return run()
  } catch (defect) {
    return Effect.die(defect)
  }
}
