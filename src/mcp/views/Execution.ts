import { Schema } from "effect"
import { Execution, ExecutionDetail, ExecutionStatus } from "../../domain/Execution.ts"
import { ExecutionId, TenantId, WorkflowId } from "../../domain/Ids.ts"
import type { StepRecord } from "../../domain/StepRecord.ts"
import { StepStatus } from "../../domain/StepRecord.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import type { PendingSignal } from "../../services/PendingSignals.ts"
import type { Part } from "../Parts.ts"
import { withParts } from "../Parts.ts"
import { fits } from "../Size.ts"
import { untrusted } from "./Untrusted.ts"

const facts = {
  id: ExecutionId,
  workflowId: WorkflowId,
  workflowVersion: Schema.Int,
  tenantId: TenantId,
  status: ExecutionStatus,
  errorCode: Schema.NullOr(Schema.String),
  errorStep: Schema.NullOr(Schema.String),
  retryOf: Schema.NullOr(ExecutionId),
  startedAt: Timestamp,
  completedAt: Schema.NullOr(Timestamp)
}

/** An execution in a list. */
export const ExecutionItem = Schema.Struct({ ...facts, untrusted: untrusted({ trigger: Schema.String }) })
export type ExecutionItem = typeof ExecutionItem.Type

/** How a step stands, without its data. */
export const StepView = Schema.Struct({
  path: Schema.String,
  type: Schema.String,
  status: StepStatus,
  attempts: Schema.Int,
  durationMs: Schema.NullOr(Schema.Finite),
  errorCode: Schema.optionalKey(Schema.String),
  takenOver: Schema.optionalKey(Schema.Literal(true))
})
export type StepView = typeof StepView.Type

/** An execution with its steps. */
export const ExecutionView = Schema.Struct({
  ...facts,
  steps: Schema.optionalKey(Schema.Array(StepView)),
  waitingFor: Schema.optionalKey(
    Schema.Array(Schema.Struct({ step: Schema.String, signal: Schema.String }))
  ).annotateKey({ description: "What steps wait for (the first): see execution_signal" }),
  stepsInAll: Schema.Int.annotateKey({ description: "If `steps` has fewer: execution://{id} has all" }),
  untrusted: untrusted({
    trigger: Schema.String,
    error: Schema.optionalKey(Schema.Json).annotateKey({ description: "Message and details" }),
    inputs: Schema.optionalKey(Schema.Json),
    outputs: Schema.optionalKey(Schema.Json),
    stepOutputs: Schema.optionalKey(Schema.JsonObject).annotateKey({ description: "By the path of the step" })
  })
})
export type ExecutionView = typeof ExecutionView.Type

const factsOf = (execution: Execution) => ({
  id: execution.id,
  workflowId: execution.workflowId,
  workflowVersion: execution.workflowVersion,
  tenantId: execution.tenantId,
  status: execution.status,
  errorCode: execution.error?.code ?? null,
  errorStep: execution.error?.stepId ?? null,
  retryOf: execution.retryOf,
  startedAt: execution.startedAt,
  completedAt: execution.completedAt
})

export const executionItem = (execution: Execution): ExecutionItem => ({
  ...factsOf(execution),
  untrusted: { trigger: execution.trigger }
})

/** The path of a step in an execution: `loop[3].call`. */
export const pathOf = ({ id, path }: StepRecord): string => path ?? id

/** A step as an execution shows it. One that began before its execution did is taken over: a retry has not run it again. */
export const stepView = ({ retryOf, startedAt }: Execution, step: StepRecord): StepView => ({
  path: pathOf(step),
  type: step.type,
  status: step.status,
  attempts: step.attempts,
  durationMs: step.durationMs,
  ...(step.error === null ? {} : { errorCode: step.error.code }),
  ...(retryOf !== null && step.startedAt !== null && step.startedAt < startedAt ? { takenOver: true } : {})
})

/** What of an execution can be asked for one by one. */
export const ExecutionMember = Schema.Literals(["steps", "inputs", "outputs", "stepOutputs", "error"])
export type ExecutionMember = typeof ExecutionMember.Type

export const allMembers: ReadonlyArray<ExecutionMember> = ["steps", "outputs", "error"]

/** Steps, and signals, that one answer shows if there is room for so many: those that failed first, then in their order. */
const stepsShown = 50

/** An execution as an answer: what was asked for of it, as far as there is room. */
export const executionView = (
  execution: ExecutionDetail,
  awaited: ReadonlyArray<PendingSignal>,
  members: ReadonlyArray<ExecutionMember> = allMembers
) => {
  let count = stepsShown
  let view = viewWith(count, execution, awaited, members)
  while (count > 1 && !fits(view.output)) {
    count = Math.floor(count / 2)
    view = viewWith(count, execution, awaited, members)
  }
  return view
}

/** The answer with so many steps, and so many of the signals. */
const viewWith = (
  count: number,
  execution: ExecutionDetail,
  awaited: ReadonlyArray<PendingSignal>,
  members: ReadonlyArray<ExecutionMember>
) => {
  const { error, id, inputs, outputs, steps } = execution
  const asked = new Set(members)
  const shown = steps.length <= count ? steps : foremost(steps, count)
  const parts = new Map<string, Part>()
  const add = (name: string, value: Part["value"], uri: string) => parts.set(name, { value, uri })
  if (asked.has("error") && error !== null) {
    add(
      "error",
      { message: error.message, ...(error.details === undefined ? {} : { details: error.details }) },
      executionUri(id)
    )
  }
  if (asked.has("inputs")) add("inputs", inputs, executionUri(id))
  if (asked.has("outputs")) add("outputs", outputs, executionUri(id))
  if (asked.has("stepOutputs")) {
    for (const step of shown) {
      if (step.output !== null) add(`step ${pathOf(step)}`, step.output, stepUri(id, pathOf(step)))
    }
  }
  return withParts(parts, (values): ExecutionView => ({
    ...factsOf(execution),
    ...(asked.has("steps") ? { steps: shown.map((step) => stepView(execution, step)) } : {}),
    ...(awaited.length === 0 ? {} : {
      waitingFor: awaited.slice(0, count).map(({ signal, step }) => ({ step, signal }))
    }),
    stepsInAll: steps.length,
    untrusted: {
      trigger: execution.trigger,
      ...Object.fromEntries([...values].filter(([name]) => !name.startsWith("step "))),
      ...(asked.has("stepOutputs")
        ? {
          stepOutputs: Object.fromEntries(
            [...values].flatMap(([name, value]) => name.startsWith("step ") ? [[name.slice(5), value]] : [])
          )
        }
        : {})
    }
  }))
}

const foremost = (steps: ReadonlyArray<StepRecord>, count: number): ReadonlyArray<StepRecord> => {
  const chosen = new Set([
    ...steps.filter(({ status }) => status === "failed").slice(0, Math.ceil(count / 2)),
    ...steps.filter(({ path }) => path === undefined),
    ...steps
  ].slice(0, count))
  return steps.filter((step) => chosen.has(step))
}

/** Where the resource of an execution is. */
export const executionUri = (id: string): string => `execution://${encodeURIComponent(id)}`

/** Where the resource of one of its steps is. */
export const stepUri = (id: string, path: string): string => `${executionUri(id)}/steps/${encodeURIComponent(path)}`
