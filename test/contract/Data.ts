import { Effect, Schema } from "effect"
import { ExecutionId, RequestId, StepId, TenantId, WorkflowId } from "../../src/domain/Ids.ts"
import { fromMillis } from "../../src/domain/Timestamp.ts"
import type { Workflow } from "../../src/domain/Workflow.ts"
import { Workflow as WorkflowSchema } from "../../src/domain/Workflow.ts"
import type { ExecutionDraft } from "../../src/services/ExecutionRepository.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"

export const tenantA = TenantId.make("tenant-a")
export const tenantB = TenantId.make("tenant-b")

/** The millisecond at which the tests' rows begin: 2026-01-01. */
export const epoch = Date.UTC(2026, 0, 1)

/** A time so many milliseconds after the epoch. */
export const at = (millis: number) => fromMillis(epoch + millis)

const Step = Schema.Struct({
  id: StepId,
  type: Schema.Literal("transform"),
  order: Schema.Int,
  config: Schema.Struct({ operation: Schema.Literal("set"), values: Schema.JsonObject })
})

/** The members of a workflow that a client chooses, such as a property test makes them up. */
export const WorkflowData = Schema.Struct({
  name: WorkflowSchema.fields.name,
  description: WorkflowSchema.fields.description,
  status: WorkflowSchema.fields.status,
  steps: Schema.Array(Step).check(Schema.isMinLength(1), Schema.isMaxLength(5))
})

/** An active workflow of tenant A, made at the epoch, unless told otherwise. */
export const makeWorkflow = (id: string, members: Partial<Omit<Workflow, "id">> = {}): Workflow => ({
  id: WorkflowId.make(id),
  tenantId: tenantA,
  name: `Workflow ${id}`,
  description: null,
  steps: [{ id: StepId.make("only"), type: "transform", order: 1, config: { operation: "set", values: {} } }],
  triggers: [],
  status: "active",
  version: 1,
  createdAt: at(0),
  updatedAt: at(0),
  ...members
})

/** A workflow whose row holds so many bytes more than others: characters of two bytes each. */
export const makeLargeWorkflow = (id: string, bytes: number, members: Partial<Omit<Workflow, "id">> = {}): Workflow =>
  makeWorkflow(id, {
    steps: [{
      id: StepId.make("only"),
      type: "transform",
      order: 1,
      config: { operation: "set", values: { text: "é".repeat(bytes / 2) } }
    }],
    ...members
  })

/** A draft of an execution of workflow `w`, for whoever may see any tenant. */
export const makeDraft = (id: string, members: Partial<Omit<ExecutionDraft, "id">> = {}): ExecutionDraft => ({
  id: ExecutionId.make(id),
  workflowId: WorkflowId.make("w"),
  tenantId: null,
  inputs: {},
  trigger: "api",
  requestId: RequestId.make("request-1"),
  placement: "name:object-1",
  createdAt: at(0),
  checkedVersion: null,
  retry: null,
  ...members
})

/** Stores workflows one after the other. */
export const insertWorkflows = (...workflows: ReadonlyArray<Workflow>) =>
  WorkflowRepository.use((repository) => Effect.forEach(workflows, repository.insert, { discard: true }))

/** A value as JSON keeps it: without the sign of a negative zero. */
export const asJson = <A>(value: A): A => JSON.parse(JSON.stringify(value))
