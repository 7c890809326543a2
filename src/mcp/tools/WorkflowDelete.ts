import { Effect, Schema } from "effect"
import { Workflows } from "../../services/Workflows.ts"
import { expectedVersion, workflowId } from "../Arguments.ts"
import { defineTool } from "../Tool.ts"

const tool = defineTool({
  name: "workflow_delete",
  title: "Delete a workflow",
  description:
    "Removes a workflow and stops its triggers. Running executions go on. It can't be undone: ask the user first.",
  scope: "write",
  hints: { readOnly: false, destructive: true },
  input: Schema.Struct({ workflowId, expectedVersion }),
  output: Schema.Struct({ deleted: workflowId })
})

/** Removes a workflow. */
export const workflowDelete = Effect.map(
  Workflows,
  (workflows) =>
    tool(
      Effect.fn("workflow_delete")(function*({ expectedVersion, workflowId }, { principal }) {
        yield* workflows.remove(principal, workflowId, expectedVersion ?? null)
        return { output: { deleted: workflowId } }
      })
    )
)
