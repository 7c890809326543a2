import { Schema } from "effect"
import type { ExecutionError } from "./Execution.ts"
import { Limits } from "./Limits.ts"

/** What becomes of an execution that finds no free slot. */
export const WhenFull = Schema.Literals(["queue", "reject", "cancel-oldest"])
export type WhenFull = typeof WhenFull.Type

/** How many executions of a workflow run at the same time. */
export const Concurrency = Schema.Struct({
  limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Limits.concurrency })).annotateKey({
    description: "How many executions run at the same time"
  }),
  key: Schema.optionalKey(
    Schema.NonEmptyString.check(Schema.isMaxLength(Limits.expressionCharacters))
  ).annotateKey({
    description: "An expression over inputs, trigger, workflow and execution: the limit holds for each of its values",
    examples: ["inputs.customer"]
  }),
  whenFull: Schema.optionalKey(WhenFull).annotateKey({
    description: "What becomes of an execution that finds no free slot",
    default: "queue"
  })
}).annotate({
  identifier: "Concurrency",
  description: "How many executions of the workflow run at the same time",
  examples: [{ limit: 1, key: "inputs.customer", whenFull: "queue" }]
})
export type Concurrency = typeof Concurrency.Type

/** What the expression of the key sees: what there is before the first step. Secrets would tell nothing of a run. */
export const keyNames = ["inputs", "trigger", "execution", "workflow"] as const

/** The code of an execution that was not run, since there was no slot for it. */
export const concurrencyLimit = "concurrency-limit"

/** Whether an execution ended for want of a slot: none of its steps has run. A step's own failure names its step. */
export const wasRefusedSlot = (error: ExecutionError | null): boolean =>
  error !== null && error.code === concurrencyLimit && error.stepId === undefined
