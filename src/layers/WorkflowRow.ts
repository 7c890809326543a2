import { Effect, Schema, SchemaTransformation, Struct } from "effect"
import type { Workflow as WorkflowType } from "../domain/Workflow.ts"
import { Definition, definitionOf, DefinitionOptions, optionsOf, Workflow } from "../domain/Workflow.ts"

const Columns = Schema.Struct({
  ...Struct.omit(Workflow.fields, ["steps", "triggers", "inputSchema", "outputs", "settings"]),
  steps: Schema.fromJsonString(Workflow.fields.steps),
  triggers: Schema.fromJsonString(Workflow.fields.triggers),
  options: Schema.fromJsonString(DefinitionOptions)
})

/** A workflow as a row holds it: what nests is JSON, and the optional members of the definition stand together. */
export const WorkflowRow = Columns.pipe(Schema.decodeTo(
  Schema.toType(Workflow),
  SchemaTransformation.transform({
    decode: ({ options, ...columns }): WorkflowType => ({ ...columns, ...options }),
    encode: (workflow) => ({
      ...Struct.omit(workflow, ["inputSchema", "outputs", "settings"]),
      options: optionsOf(workflow)
    })
  })
))
export type EncodedWorkflowRow = typeof WorkflowRow.Encoded

/** A version's definition as a row holds it. */
export const DefinitionJson = Schema.fromJsonString(Definition)

/** What is written of a workflow: its row, and the definition of its version. */
export const encodeWorkflow = (workflow: WorkflowType) =>
  Effect.all({
    row: Schema.encodeEffect(WorkflowRow)(workflow),
    definition: Schema.encodeEffect(DefinitionJson)(definitionOf(workflow))
  })
export type EncodedWorkflow = Effect.Success<ReturnType<typeof encodeWorkflow>>
