import { Schema } from "effect"
import { ExecutionId, RequestId, StepId, TenantId, WorkflowId } from "./Ids.ts"
import { StepRecord } from "./StepRecord.ts"
import { isWellFormed } from "./Text.ts"
import { Timestamp } from "./Timestamp.ts"

export const ExecutionStatus = Schema.Literals(["pending", "running", "waiting", "completed", "failed", "cancelled"])
export type ExecutionStatus = typeof ExecutionStatus.Type

/** The states that an execution may enter from each. */
export const executionTransitions = {
  pending: ["running", "cancelled", "failed"],
  running: ["waiting", "completed", "failed", "cancelled"],
  waiting: ["running", "completed", "failed", "cancelled"],
  completed: [],
  failed: [],
  cancelled: []
} as const satisfies Record<ExecutionStatus, ReadonlyArray<ExecutionStatus>>

export const terminalStatuses = ["completed", "failed", "cancelled"] as const
export type TerminalStatus = typeof terminalStatuses[number]
export const TerminalStatus = Schema.Literals(terminalStatuses)

/** Whether nothing follows this state. */
export const isTerminal = (status: ExecutionStatus): status is TerminalStatus =>
  executionTransitions[status].length === 0

/** Why an execution or a step failed. `code` is one of the step error codes, or of the error table. */
export const ExecutionError = Schema.Struct({
  code: Schema.String,
  message: Schema.String,
  stepId: Schema.optionalKey(StepId),
  details: Schema.optionalKey(Schema.Json)
}).annotate({ identifier: "ExecutionError" })
export type ExecutionError = typeof ExecutionError.Type

/** The error of an execution that the engine did not take: the caller was told so. */
export const untaken: ExecutionError = { code: "EXECUTION-001", message: "The engine did not take the execution" }

/** Whether an execution ended with this error: that of a step names the step. */
export const isUntaken = (error: ExecutionError | null): boolean =>
  error?.code === untaken.code && error.stepId === undefined

/** Values by name. */
export const Inputs = Schema.JsonObject
export type Inputs = typeof Inputs.Type

/** What began an execution: `api` by default, or the caller's own word for it. */
export const TriggerName = Schema.NonEmptyString.check(Schema.isMaxLength(64), isWellFormed)

/** One run of one version of a workflow, without its steps: what a list shows. */
export const Execution = Schema.Struct({
  id: ExecutionId,
  workflowId: WorkflowId,
  workflowVersion: Schema.Int,
  tenantId: TenantId,
  status: ExecutionStatus,
  trigger: TriggerName,
  inputs: Inputs,
  outputs: Schema.NullOr(Schema.JsonObject),
  error: Schema.NullOr(ExecutionError),
  requestId: Schema.NullOr(RequestId),
  retryOf: Schema.NullOr(ExecutionId).annotate({ description: "The execution that it is a retry of" }),
  parentId: Schema.NullOr(ExecutionId).annotateKey({ description: "The execution that started this one" }),
  startedAt: Timestamp,
  completedAt: Schema.NullOr(Timestamp),
  createdAt: Timestamp,
  updatedAt: Timestamp
}).annotate({ identifier: "Execution" })
export type Execution = typeof Execution.Type

/** One execution with the state of its steps, in the order of the definition. */
export const ExecutionDetail = Schema.Struct({
  ...Execution.fields,
  steps: Schema.Array(StepRecord)
}).annotate({ identifier: "ExecutionDetail" })
export type ExecutionDetail = typeof ExecutionDetail.Type

/** What a client writes to start an execution. */
export const ExecutionCreate = Schema.Struct({
  workflowId: WorkflowId,
  inputs: Schema.optionalKey(Inputs),
  trigger: Schema.optionalKey(TriggerName)
}).annotate({
  identifier: "ExecutionCreate",
  examples: [{ workflowId: WorkflowId.make("01a20893-34f8-7560-8f27-921cd7c3ab0c"), inputs: { region: "eu-west" } }]
})
export type ExecutionCreate = typeof ExecutionCreate.Type

/** What a client writes to retry an execution. */
export const ExecutionRetry = Schema.Struct({
  fromStep: Schema.optionalKey(StepId).annotateKey({
    description:
      "The step of the workflow that is run again, with all that follow it: by default the first that came to no good end"
  })
}).annotate({ identifier: "ExecutionRetry", examples: [{}, { fromStep: StepId.make("charge") }] })
export type ExecutionRetry = typeof ExecutionRetry.Type
