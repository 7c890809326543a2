import { Effect } from "effect"
import type { Step } from "../../domain/Step.ts"
import type { ConditionConfig } from "../../domain/steps/Condition.ts"
import { Expressions } from "../Expressions.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"

/** Runs the steps of one of two branches; a branch that isn't there gives null. */
export const makeCondition = Effect.gen(function*() {
  const expressions = yield* Expressions

  const run = Effect.fnUntraced(function*(config: ConditionConfig<Step>, context: StepContext) {
    // After a crash the run stays in its branch, whatever the time or the state of other steps may say by now.
    const holds = context.hasBegun(".then") ||
      (!context.hasBegun(".else") && (yield* expressions.test(config.if, context.scope)))
    yield* context.log("debug", holds ? "The condition holds" : "The condition does not hold")
    const steps = holds ? config.then : config.else
    return steps === undefined ? null : yield* context.runSteps(holds ? ".then" : ".else", steps, context.input)
  })

  return { run } satisfies StepHandler<ConditionConfig<Step>>
})
