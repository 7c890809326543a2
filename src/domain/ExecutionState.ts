import { Schema } from "effect"
import type { Execution } from "./Execution.ts"
import { ExecutionError, ExecutionStatus, Inputs, TerminalStatus, TriggerName, untaken } from "./Execution.ts"
import { ExecutionId, RequestId, TenantId, WorkflowId } from "./Ids.ts"
import { LogEntry } from "./LogEntry.ts"
import { Parent } from "./Parent.ts"
import { StepRecord } from "./StepRecord.ts"
import { Timestamp } from "./Timestamp.ts"
import { Definition } from "./Workflow.ts"

/** All that the engine needs to run an execution: it never looks anything up. */
export const Snapshot = Schema.Struct({
  executionId: ExecutionId,
  workflowId: WorkflowId,
  workflowVersion: Schema.Int,
  tenantId: TenantId,
  definition: Definition,
  inputs: Inputs,
  trigger: TriggerName,
  requestId: Schema.NullOr(RequestId),
  /** The execution that it is a retry of. */
  retryOf: Schema.optionalKey(ExecutionId),
  createdAt: Timestamp,
  parent: Schema.optionalKey(Parent),
  /** What expressions see of the trigger besides its type. */
  triggerData: Schema.optionalKey(Schema.JsonObject)
}).annotate({ identifier: "Snapshot" })
export type Snapshot = typeof Snapshot.Type

/** What an execution came from. */
export interface Origin {
  /** The execution that started it, if a client did not. */
  readonly parent?: Parent | undefined
  /** What expressions see of the trigger besides its type, if there is anything. */
  readonly triggerData?: Schema.JsonObject | undefined
}

/** What the engine needs to run an execution of this definition. */
export const snapshotOf = (
  execution: Execution,
  definition: Definition,
  { parent, triggerData }: Origin = {}
): Snapshot => ({
  executionId: execution.id,
  workflowId: execution.workflowId,
  workflowVersion: execution.workflowVersion,
  tenantId: execution.tenantId,
  definition,
  inputs: execution.inputs,
  trigger: execution.trigger,
  requestId: execution.requestId,
  ...(execution.retryOf === null ? {} : { retryOf: execution.retryOf }),
  createdAt: execution.createdAt,
  ...(parent === undefined ? {} : { parent }),
  ...(triggerData === undefined ? {} : { triggerData })
})

/** A finished execution, as a list shows it. */
export const executionOf = (snapshot: Snapshot, end: ExecutionEnd): Execution => ({
  id: snapshot.executionId,
  workflowId: snapshot.workflowId,
  workflowVersion: snapshot.workflowVersion,
  tenantId: snapshot.tenantId,
  trigger: snapshot.trigger,
  inputs: snapshot.inputs,
  requestId: snapshot.requestId,
  retryOf: snapshot.retryOf ?? null,
  parentId: snapshot.parent?.id ?? null,
  createdAt: snapshot.createdAt,
  updatedAt: end.completedAt,
  ...end
})

/** How an execution ended. */
export const ExecutionEnd = Schema.Struct({
  status: TerminalStatus,
  outputs: Schema.NullOr(Schema.JsonObject),
  error: Schema.NullOr(ExecutionError),
  startedAt: Timestamp,
  completedAt: Timestamp
}).annotate({ identifier: "ExecutionEnd" })
export type ExecutionEnd = typeof ExecutionEnd.Type

/** What an execution that doesn't complete will have come to, once its steps are undone. */
export const Outcome = Schema.Struct({
  status: Schema.Literals(["failed", "cancelled"]),
  error: ExecutionEnd.fields.error
}).annotate({ identifier: "Outcome" })
export type Outcome = typeof Outcome.Type

/** The end of an execution that the engine did not take. */
export const untakenEnd = (startedAt: Timestamp, completedAt: Timestamp): ExecutionEnd => ({
  status: "failed",
  outputs: null,
  error: untaken,
  startedAt,
  completedAt
})

/** What the engine knows of an execution at a moment: the truth while it runs. */
export const ExecutionState = Schema.Struct({
  status: ExecutionStatus,
  outputs: Schema.NullOr(Schema.JsonObject),
  error: Schema.NullOr(ExecutionError),
  startedAt: Timestamp,
  completedAt: Schema.NullOr(Timestamp),
  updatedAt: Timestamp,
  steps: Schema.Array(StepRecord)
}).annotate({ identifier: "ExecutionState" })
export type ExecutionState = typeof ExecutionState.Type

/** What stays of a finished execution beside its row, until its retention ends. */
export const ExecutionTrace = Schema.Struct({
  steps: Schema.Array(StepRecord),
  logs: Schema.Array(LogEntry),
  /** The outputs of the steps were too large to be kept. */
  withoutOutputs: Schema.optionalKey(Schema.Literal(true)),
  /** The outputs, when they are too large for the row. */
  outputs: Schema.optionalKey(Schema.JsonObject)
}).annotate({ identifier: "ExecutionTrace" })
export type ExecutionTrace = typeof ExecutionTrace.Type
