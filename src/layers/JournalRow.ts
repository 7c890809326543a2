import { Schema, Struct } from "effect"
import { Inputs } from "../domain/Execution.ts"
import { ExecutionEnd, Outcome, Snapshot } from "../domain/ExecutionState.ts"
import { ExecutionId } from "../domain/Ids.ts"
import { LogEntry } from "../domain/LogEntry.ts"
import { StepRecord } from "../domain/StepRecord.ts"
import type { JournalRecord } from "../services/Journal.ts"

const Logs = Schema.Array(LogEntry)

/** A snapshot without its inputs: each of the two may be as large as a request. */
export const SnapshotJson = Schema.fromJsonString(Schema.Struct(Struct.omit(Snapshot.fields, ["inputs"])))

/** The inputs of a snapshot. */
export const InputsJson = Schema.fromJsonString(Inputs)

/** A step that has finished, with what was logged until then. */
export const RecordJson = Schema.fromJsonString(Schema.Struct({
  path: Schema.String,
  step: StepRecord,
  logs: Logs,
  signal: Schema.optionalKey(Schema.Int)
}))

/** Written at each step, so without the look at each member that a schema takes: a record is JSON as it stands. */
export const encodeRecord = (record: JournalRecord): string =>
  JSON.stringify(record satisfies (typeof RecordJson)["to"]["Encoded"])

/** What a step waits for. */
export const WaitJson = Schema.fromJsonString(Schema.Struct({
  path: Schema.String,
  kind: Schema.Literals(["step", "child", "retry"]),
  step: StepRecord,
  until: Schema.Finite,
  deadline: Schema.optionalKey(Schema.Finite),
  child: Schema.optionalKey(ExecutionId)
}))

/** The slot that the execution waits for, or holds. */
export const SlotJson = Schema.fromJsonString(Schema.Struct({
  scope: Schema.String,
  askedAt: Schema.Finite,
  heldSince: Schema.NullOr(Schema.Finite)
}))

/** What was logged before the execution was parked. */
export const LogsJson = Schema.fromJsonString(Logs)

/** A signal that was sent to the execution. */
export const SignalJson = Schema.fromJsonString(Schema.Struct({
  number: Schema.Int,
  name: Schema.String,
  payload: Schema.Json
}))

/** What an execution that undoes its steps will have come to. */
export const OutcomeJson = Schema.fromJsonString(Outcome)

/** The end, with what was logged since the last record. */
export const EndJson = Schema.fromJsonString(Schema.Struct({ end: ExecutionEnd, logs: Logs }))
