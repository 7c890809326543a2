import { Schema } from "effect"
import { ExecutionId } from "./Ids.ts"
import { Limits } from "./Limits.ts"
import { Timestamp } from "./Timestamp.ts"

/**
 * What became of a time of a schedule. `due`: it is about to be started. `late`: it was started, but more than
 * `Limits.fireGraceMillis` after its time.
 */
export const FireStatus = Schema.Literals(["due", "started", "late", "skipped", "missed", "failed"])
export type FireStatus = typeof FireStatus.Type

/** An entry of the ledger: a time at which a schedule was to fire, and what became of it. */
export const Fire = Schema.Struct({
  number: Schema.Int.annotate({
    description: "The schedule's place in the workflow's `triggers`, when it was recorded"
  }),
  fireAt: Timestamp.annotate({ description: "When it was to fire" }),
  until: Schema.NullOr(Timestamp).annotate({
    description: "Of a missed one: it stands for all the times from `fireAt` on that are before this one"
  }),
  status: FireStatus.annotate({
    description: `What became of it; late: started more than ${Limits.fireGraceMillis / 60_000} minutes after its time`
  }),
  reason: Schema.NullOr(Schema.String).annotate({ description: "Why it was not started" }),
  lateMs: Schema.NullOr(Schema.Finite).annotate({ description: "Milliseconds from its time to its start" }),
  executionId: Schema.NullOr(ExecutionId).annotate({ description: "The execution that it started" }),
  recordedAt: Timestamp
}).annotate({ identifier: "Fire", description: "A time of a schedule, and what became of it" })
export type Fire = typeof Fire.Type

/** Why a fire was not started. */
export const fireReasons = {
  missed: `The service did not get to it within ${Limits.fireGraceMillis / 60_000} minutes`,
  revoked: "The schedule was paused, changed or removed, or the workflow deactivated, before it was started",
  overlap: (executionId: string) => `The execution before it had not ended: ${executionId}`
} as const
