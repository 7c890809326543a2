import { Effect } from "effect"
import type { Json } from "effect/Schema"
import type { Step } from "../domain/Step.ts"
import type { Expressions } from "./Expressions.ts"
import type { Level } from "./Level.ts"
import { inputOf } from "./Level.ts"
import { scopeOf } from "./Scope.ts"
import type { StepFailure } from "./StepHandler.ts"

/** What a step works on: what its configuration says, else what the steps before it gave. */
export const inputFor = (
  expressions: Expressions["Service"],
  level: Level,
  step: Step
): Effect.Effect<Json, StepFailure> => {
  const before = inputOf(level, step.id)
  const own = ownInput(step.config)
  if (own === undefined) return Effect.succeed(before)
  const scope = scopeOf(level, before)
  return typeof own === "string" ? expressions.evaluate(own, scope) : expressions.fill(own, scope, [])
}

/** What `config.input` says; undefined: nothing. */
const ownInput = (config: Step["config"]): Json | undefined =>
  typeof config === "object" && config !== null && "input" in config && Object.hasOwn(config, "input")
    ? config.input
    : undefined
