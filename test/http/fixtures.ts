import type { ApiKey } from "../../src/domain/ApiKey.ts"
import type { Execution, ExecutionDetail } from "../../src/domain/Execution.ts"
import { ApiKeyId, ExecutionId, RequestId, StepId, TenantId, WorkflowId } from "../../src/domain/Ids.ts"
import { Timestamp } from "../../src/domain/Timestamp.ts"
import type { Workflow, WorkflowCreate } from "../../src/domain/Workflow.ts"

const at = Timestamp.make("2026-11-22T10:00:00.000Z")

/** A body that makes a workflow. */
export const definition: WorkflowCreate = {
  tenantId: TenantId.make("tenant-a"),
  name: "Data pipeline",
  steps: [
    { id: StepId.make("step-1"), type: "http-request", order: 1, config: { url: "https://example.test/data" } },
    { id: StepId.make("step-2"), type: "transform", order: 2, config: { operation: "limit", count: 2 } }
  ]
}

export const workflow: Workflow = {
  id: WorkflowId.make("workflow-1"),
  tenantId: definition.tenantId,
  name: definition.name,
  description: null,
  steps: definition.steps,
  triggers: [],
  status: "active",
  version: 3,
  createdAt: at,
  updatedAt: at
}

export const apiKey: ApiKey = {
  id: ApiKeyId.make("key-1"),
  name: "Deploy",
  tenantId: definition.tenantId,
  scopes: ["read", "run"],
  workflows: null,
  expiresAt: null,
  createdAt: at,
  createdBy: "0badcafe0123",
  lastUsedAt: null,
  prefix: "atlas_1a2b3c4d"
}

export const execution: Execution = {
  id: ExecutionId.make("execution-1"),
  workflowId: workflow.id,
  workflowVersion: 3,
  tenantId: workflow.tenantId,
  status: "running",
  trigger: "api",
  inputs: { day: 1 },
  outputs: null,
  error: null,
  requestId: RequestId.make("request-1"),
  retryOf: null,
  parentId: null,
  startedAt: at,
  completedAt: null,
  createdAt: at,
  updatedAt: at
}

export const executionDetail: ExecutionDetail = {
  ...execution,
  steps: [{
    id: StepId.make("step-1"),
    type: "http-request",
    status: "running",
    attempts: 1,
    startedAt: at,
    completedAt: null,
    durationMs: null,
    output: null,
    error: null
  }]
}
