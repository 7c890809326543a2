import { Schema } from "effect"
import { StepId } from "./Ids.ts"
import { Timestamp } from "./Timestamp.ts"

export const StepStatus = Schema.Literals([
  "pending",
  "running",
  "waiting",
  "completed",
  "failed",
  "skipped",
  "cancelled"
])
export type StepStatus = typeof StepStatus.Type

/** Why a step failed. `code` is one of the step error codes. */
export const StepError = Schema.Struct({
  code: Schema.String,
  message: Schema.String,
  /** The step inside the step that failed. */
  stepId: Schema.optionalKey(StepId),
  details: Schema.optionalKey(Schema.Json)
}).annotate({ identifier: "StepError" })
export type StepError = typeof StepError.Type

/** What is known of one step of one execution. Null: not there yet. */
export const StepRecord = Schema.Struct({
  id: StepId,
  /** Where a step inside another one stands: `loop[3].call`. */
  path: Schema.optionalKey(Schema.String),
  type: Schema.String,
  status: StepStatus,
  /** How often it was tried. A try that a crash broke off is not counted. */
  attempts: Schema.Int,
  startedAt: Schema.NullOr(Timestamp),
  completedAt: Schema.NullOr(Timestamp),
  durationMs: Schema.NullOr(Schema.Finite),
  output: Schema.Json,
  error: Schema.NullOr(StepError),
  signal: Schema.optionalKey(Schema.String).annotateKey({
    description: "The name of the signal that a `wait-for-event` step waits for"
  })
}).annotate({ identifier: "StepRecord" })
export type StepRecord = typeof StepRecord.Type

/** A step that has not begun. */
export const pendingStep = (step: { readonly id: StepId; readonly type: string }): StepRecord => ({
  id: step.id,
  type: step.type,
  status: "pending",
  attempts: 0,
  startedAt: null,
  completedAt: null,
  durationMs: null,
  output: null,
  error: null
})
