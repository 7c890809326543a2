import { Effect } from "effect"
import type { Json } from "effect/Schema"
import { kindOf } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import type { Step } from "../domain/Step.ts"
import type { ForEachConfig } from "../domain/steps/ForEach.ts"
import type { Expressions } from "./Expressions.ts"
import type { Scope } from "./Scope.ts"
import { StepFailure } from "./StepHandler.ts"

/** The items of a loop: what its configuration says, else its input. */
export const loopItems = Effect.fnUntraced(function*(
  expressions: Expressions["Service"],
  { items }: ForEachConfig<Step>,
  input: Json,
  scope: Scope
) {
  const found = items === undefined
    ? input
    : typeof items === "string"
    ? yield* expressions.evaluate(items, scope)
    : yield* expressions.fill(items, scope, [])
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
