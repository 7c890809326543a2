import { Schema } from "effect"
import { Timestamp } from "../../src/domain/Timestamp.ts"
import { WorkflowCreate } from "../../src/domain/Workflow.ts"

/** A step that calls `https://up.example.com/<order>`. */
export const httpStep = (id: string, order: number, more: object = {}) => ({
  id,
  type: "http-request",
  order,
  config: { url: `https://up.example.com/${order}` },
  ...more
})

/** A workflow of these steps, as a client would send it. */
export const workflowOf = (...steps: ReadonlyArray<object>) => ({
  ...Schema.decodeUnknownSync(WorkflowCreate)({ tenantId: "tenant-1", name: "Test", steps }),
  at: Timestamp.make("2026-01-01T00:00:00.000Z")
})
