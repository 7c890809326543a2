import { Effect, Schema, SchemaTransformation, Struct } from "effect"
import type { Page } from "../domain/Page.ts"
import type { Workflow as WorkflowType } from "../domain/Workflow.ts"
import { Definition, definitionOf, DefinitionOptions, optionsOf, Workflow } from "../domain/Workflow.ts"
import { encodeToolCursor, toolTriggerOf } from "../domain/WorkflowTool.ts"
import type { WorkflowTool } from "../services/WorkflowToolRepository.ts"

const Columns = Schema.Struct({
  ...Struct.omit(Workflow.fields, ["steps", "triggers", "inputSchema", "outputs", "settings"]),
  steps: Schema.fromJsonString(Workflow.fields.steps),
  triggers: Schema.fromJsonString(Workflow.fields.triggers),
  options: Schema.fromJsonString(DefinitionOptions),
  /** The name of the tool that it is: read from here by the database alone. */
  tool: Schema.NullOr(Schema.String)
})

/** A workflow as a row holds it: what nests is JSON, and the optional members of the definition stand together. */
export const WorkflowRow = Columns.pipe(Schema.decodeTo(
  Schema.toType(Workflow),
  SchemaTransformation.transform({
    decode: (row): WorkflowType => ({ ...Struct.omit(row, ["options", "tool"]), ...row.options }),
    encode: (workflow) => ({
      ...Struct.omit(workflow, ["inputSchema", "outputs", "settings"]),
      options: optionsOf(workflow),
      tool: toolTriggerOf(workflow)?.name ?? null
    })
  })
))
export type EncodedWorkflowRow = typeof WorkflowRow.Encoded

/** A version's definition as a row holds it. */
export const DefinitionJson = Schema.fromJsonString(Definition)

/** A workflow that is a tool, as lists read it: without its steps. */
export const WorkflowToolRow = Schema.Struct({
  id: Workflow.fields.id,
  tool: Schema.String,
  name: Schema.String,
  description: Workflow.fields.description,
  triggers: Columns.fields.triggers,
  inputSchema: Schema.NullOr(Schema.fromJsonString(Schema.JsonObject)),
  createdAt: Workflow.fields.createdAt
})

/** The tool that a row tells of. */
export const workflowToolOf = ({ triggers, ...row }: typeof WorkflowToolRow.Type): WorkflowTool => ({
  ...row,
  description: toolTriggerOf({ ...row, triggers })?.description ?? null
})

/** A page of at most `limit` tools; there is another one if more were found. */
export const makeToolPage = (found: ReadonlyArray<WorkflowTool>, limit: number): Page<WorkflowTool> => {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: last !== undefined && found.length > limit ? encodeToolCursor(last) : null }
}
/** What is written of a workflow: its row, and the definition of its version. */
export const encodeWorkflow = (workflow: WorkflowType) =>
  Effect.all({
    row: Schema.encodeEffect(WorkflowRow)(workflow),
    definition: Schema.encodeEffect(DefinitionJson)(definitionOf(workflow))
  })
export type EncodedWorkflow = Effect.Success<ReturnType<typeof encodeWorkflow>>
