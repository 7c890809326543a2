import { Effect } from "effect"
import type { Step } from "../../domain/Step.ts"
import type { ForEachConfig } from "../../domain/steps/ForEach.ts"
import { Expressions } from "../Expressions.ts"
import { loopItems } from "../LoopItems.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"

/** Runs its steps once for each item, `concurrency` items at a time; the outputs keep the order of the items. */
export const makeForEach = Effect.gen(function*() {
  const expressions = yield* Expressions

  const run = Effect.fnUntraced(function*(config: ForEachConfig<Step>, context: StepContext) {
    const items = yield* loopItems(expressions, config, context.input, context.scope)
    return yield* Effect.forEach(items, (item, index) => {
      const round = context.runSteps(`[${index}]`, config.steps, item, { item, index })
      return config.continueOnError === true
        ? Effect.catchTag(round, "StepFailure", (failure) =>
          Effect.as(
            context.log("warn", `Item ${index} failed`, { code: failure.code, message: failure.message }),
            null
          ))
        : round
    }, { concurrency: config.concurrency ?? 1 })
  })

  return { run } satisfies StepHandler<ForEachConfig<Step>>
})
