import { Effect, Schema } from "effect"
import { Workflows } from "../../services/Workflows.ts"
import { workflowId } from "../Arguments.ts"
import { defineTool } from "../Tool.ts"
import { DefinitionMember, WorkflowView, workflowView } from "../views/Workflow.ts"

const tool = defineTool({
  name: "workflow_get",
  title: "Read a workflow",
  description: "Reads a workflow with its definition. Read it before you change or run it.",
  scope: "read",
  hints: { readOnly: true },
  input: Schema.Struct({
    workflowId,
    fields: Schema.optionalKey(Schema.Array(DefinitionMember)).annotateKey({
      description: "Members of the definition; all by default"
    })
  }),
  output: WorkflowView
})

/** Reads one workflow. */
export const workflowGet = Effect.map(
  Workflows,
  (workflows) =>
    tool(
      Effect.fn("workflow_get")(function*({ fields, workflowId }, { principal }) {
        return workflowView(yield* workflows.get(principal, workflowId), fields)
      })
    )
)
