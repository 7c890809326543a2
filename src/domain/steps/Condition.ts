import { Schema } from "effect"
import type { Json } from "effect/Schema"
import { stepInput } from "./Input.ts"

/** Runs one of two lists of steps; the output is that of the list's last step, null without one. */
export interface ConditionConfig<Step> {
  /** An expression; JSONata's boolean cast decides. */
  readonly if: string
  readonly then: ReadonlyArray<Step>
  readonly else?: ReadonlyArray<Step>
  readonly input?: Json
}

/** The schema of a condition whose branches hold such steps. */
export const conditionConfig = <Step>(steps: Schema.Codec<ReadonlyArray<Step>, unknown>) =>
  Schema.Struct({
    if: Schema.NonEmptyString.annotateKey({
      description: "An expression; JSONata's boolean cast decides",
      examples: ["input.status = \"active\""]
    }),
    then: steps.annotateKey({ description: "The steps that run when it holds" }),
    else: Schema.optionalKey(steps).annotateKey({ description: "The steps that run when it does not" }),
    input: stepInput
  }).annotate({
    identifier: "ConditionConfig",
    description: "Runs one of two lists of steps; the output is that of the list's last step, null without one"
  })
