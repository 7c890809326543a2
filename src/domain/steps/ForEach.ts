import { Schema } from "effect"
import type { Json } from "effect/Schema"
import { Limits } from "../Limits.ts"
import { stepInput } from "./Input.ts"

/** Runs its steps once for each item; the output holds each run's output, in the order of the items. */
export interface ForEachConfig<Step> {
  /** An expression or an array; the step's input by default. */
  readonly items?: Json
  readonly steps: ReadonlyArray<Step>
  /** How many items are worked on at the same time: 1 by default. */
  readonly concurrency?: number
  /** A failed item gives null instead of failing the step. */
  readonly continueOnError?: boolean
  readonly input?: Json
}

/** The schema of a loop over such steps. */
export const forEachConfig = <Step>(steps: Schema.Codec<ReadonlyArray<Step>, unknown>) =>
  Schema.Struct({
    items: Schema.optionalKey(Schema.Union([Schema.NonEmptyString, Schema.Array(Schema.Json)])).annotateKey({
      description: `An expression, or an array: the step's input by default; at most ${Limits.loopItems} items`,
      examples: ["input.users"]
    }),
    steps: steps.annotateKey({ description: "The steps that run for each item" }),
    concurrency: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Limits.loopConcurrency }))
    ).annotateKey({ description: "How many items are worked on at the same time", default: 1 }),
    continueOnError: Schema.optionalKey(Schema.Boolean).annotateKey({
      description: "A failed item gives null instead of failing the step",
      default: false
    }),
    input: stepInput
  }).annotate({
    identifier: "ForEachConfig",
    description:
      "Runs its steps once for each item; the output holds each run's output, in the order of the items. Its " +
      "steps see `item` and `index`"
  })
