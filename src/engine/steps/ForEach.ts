import { Effect } from "effect"
import type { Json } from "effect/Schema"
import { kindOf } from "../../domain/Json.ts"
import { Limits } from "../../domain/Limits.ts"
import type { Step } from "../../domain/Step.ts"
import type { ForEachConfig } from "../../domain/steps/ForEach.ts"
import { Expressions } from "../Expressions.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"
import { StepFailure } from "../StepHandler.ts"

/** Runs its steps once for each item, `concurrency` items at a time; the outputs keep the order of the items. */
export const makeForEach = Effect.gen(function*() {
  const expressions = yield* Expressions

  const itemsOf = Effect.fnUntraced(function*({ items }: ForEachConfig<Step>, context: StepContext) {
    const found = items === undefined
      ? context.input
      : typeof items === "string"
      ? yield* expressions.evaluate(items, context.scope)
      : yield* expressions.fill(items, context.scope, [])
    if (!Array.isArray(found)) {
      return yield* new StepFailure({
        code: "invalid-input",
        message: `items: expected an array, got ${kindOf(found)}`
      })
    }
    if (found.length > Limits.loopItems) {
      return yield* new StepFailure({
        code: "invalid-input",
        message: `items: expected at most ${Limits.loopItems}, got ${found.length}`
      })
    }
    // SAFETY: the items of a JSON array are JSON.
    return found as ReadonlyArray<Json>
  })

  const run = Effect.fnUntraced(function*(config: ForEachConfig<Step>, context: StepContext) {
    const items = yield* itemsOf(config, context)
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
