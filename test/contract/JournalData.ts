import { Schema } from "effect"
import type { ExecutionEnd, Snapshot } from "../../src/domain/ExecutionState.ts"
import { ExecutionId, StepId } from "../../src/domain/Ids.ts"
import { LogEntry } from "../../src/domain/LogEntry.ts"
import { StepRecord } from "../../src/domain/StepRecord.ts"
import { definitionOf } from "../../src/domain/Workflow.ts"
import type { JournalRecord, WaitRecord } from "../../src/services/Journal.ts"
import { at, makeWorkflow, tenantA } from "./Data.ts"

const Time = Schema.Literals([at(0), at(1), at(86_400_000)])

/** A step's record and logs, such as a property test makes them up. */
export const RecordData = Schema.Struct({
  step: Schema.Struct({
    ...StepRecord.fields,
    startedAt: Schema.NullOr(Time),
    completedAt: Schema.NullOr(Time)
  }),
  logs: Schema.Array(Schema.Struct({ ...LogEntry.fields, timestamp: Time })).check(Schema.isMaxLength(3))
})

/** A snapshot of workflow `w` for this execution. */
export const makeSnapshot = (id: string, members: Partial<Omit<Snapshot, "executionId">> = {}): Snapshot => {
  const workflow = makeWorkflow("w")
  return {
    executionId: ExecutionId.make(id),
    workflowId: workflow.id,
    workflowVersion: 1,
    tenantId: tenantA,
    definition: definitionOf(workflow),
    inputs: {},
    trigger: "api",
    requestId: null,
    createdAt: at(0),
    ...members
  }
}

/** The record of a completed step, by its path. */
export const makeRecord = (path: string, output: StepRecord["output"] = null): JournalRecord => ({
  path,
  step: {
    id: StepId.make("step"),
    type: "transform",
    status: "completed",
    attempts: 1,
    startedAt: at(0),
    completedAt: at(1),
    durationMs: 1,
    output,
    error: null
  },
  logs: [{ timestamp: at(1), level: "info", message: `Did ${path}`, stepId: StepId.make("step"), attempt: 1 }]
})

/** A completed end with these outputs. */
export const makeEnd = (outputs: ExecutionEnd["outputs"]): ExecutionEnd => ({
  status: "completed",
  outputs,
  error: null,
  startedAt: at(0),
  completedAt: at(2)
})

/** What the step of this path waits for: a time, in the attempt itself. */
export const makeWait = (path: string, until: number, members: Partial<WaitRecord> = {}): WaitRecord => ({
  path,
  kind: "step",
  step: { ...makeRecord(path).step, status: "waiting", completedAt: null, durationMs: null },
  until,
  ...members
})
