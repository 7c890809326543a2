import { Option } from "effect"
import type { Execution, ExecutionDetail } from "../domain/Execution.ts"
import type { ExecutionState, ExecutionTrace } from "../domain/ExecutionState.ts"
import type { Workflow } from "../domain/Workflow.ts"
import type { ExecutionDraft } from "./ExecutionRepository.ts"

/** An execution as it was just stored. */
export const pendingExecution = (draft: Omit<ExecutionDraft, "checkedVersion">, workflow: Workflow): Execution => ({
  id: draft.id,
  workflowId: workflow.id,
  workflowVersion: draft.retry?.version ?? workflow.version,
  tenantId: workflow.tenantId,
  status: "pending",
  trigger: draft.trigger,
  inputs: draft.inputs,
  outputs: null,
  error: null,
  requestId: draft.requestId,
  retryOf: draft.retry?.of ?? null,
  parentId: draft.parent?.id ?? null,
  startedAt: draft.createdAt,
  completedAt: null,
  createdAt: draft.createdAt,
  updatedAt: draft.createdAt
})

/** An execution with what the engine tells of it. */
export const withState = (execution: Execution, state: Option.Option<ExecutionState>): ExecutionDetail =>
  Option.isSome(state) ? { ...execution, ...state.value } : { ...execution, steps: [] }

/** A finished execution with what the archive keeps of it. */
export const withTrace = (execution: Execution, trace: Option.Option<ExecutionTrace>): ExecutionDetail =>
  Option.isSome(trace)
    ? { ...execution, outputs: execution.outputs ?? trace.value.outputs ?? null, steps: trace.value.steps }
    : { ...execution, steps: [] }
