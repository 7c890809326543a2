import { Schema } from "effect"
import { Definition, Workflow } from "../domain/Workflow.ts"

/** A workflow as a row holds it: what nests is JSON. */
export const WorkflowRow = Schema.Struct({
  ...Workflow.fields,
  steps: Schema.fromJsonString(Workflow.fields.steps),
  triggers: Schema.fromJsonString(Workflow.fields.triggers)
})
export type EncodedWorkflowRow = typeof WorkflowRow.Encoded

/** A version's definition as a row holds it. */
export const DefinitionJson = Schema.fromJsonString(Definition)
