import { Effect, Result, Schema } from "effect"
import { orderIssues } from "../../domain/DefinitionCheck.ts"
import { WorkflowInvalid } from "../../domain/Errors.ts"
import { fromSchemaIssue } from "../../domain/Issues.ts"
import { WorkflowUpdate } from "../../domain/Workflow.ts"
import { Workflows } from "../../services/Workflows.ts"
import { expectedVersion, workflowId } from "../Arguments.ts"
import { definitionOf } from "../Definitions.ts"
import { defineTool } from "../Tool.ts"
import { WorkflowItem, workflowItem } from "../views/Workflow.ts"

const tool = defineTool({
  name: "workflow_update",
  title: "Change a workflow",
  description:
    "Changes the members that stand in `changes`, as the next version; lists such as `steps` are replaced as a whole. " +
    "Executions that have started go on with their version. Read the workflow first and pass its version as expectedVersion.",
  scope: "write",
  hints: { readOnly: false, destructive: true },
  input: Schema.Struct({
    workflowId,
    changes: definitionOf(WorkflowUpdate, 0, "Members as for workflow_create"),
    expectedVersion
  }),
  output: WorkflowItem
})

const decode = Schema.decodeUnknownResult(WorkflowUpdate)

/** Changes a workflow. */
export const workflowUpdate = Effect.map(
  Workflows,
  (workflows) =>
    tool(
      Effect.fn("workflow_update")(function*({ changes, expectedVersion, workflowId }, { principal }) {
        const decoded = decode(changes, { errors: "all", onExcessProperty: "error" })
        if (Result.isFailure(decoded)) {
          const issues = [...fromSchemaIssue(decoded.failure.issue, changes), ...orderIssues(changes)]
          return yield* new WorkflowInvalid({ issues, missing: issues.some(({ missing }) => missing) })
        }
        const changed = yield* workflows.update(principal, workflowId, decoded.success, expectedVersion ?? null)
        return { output: workflowItem(changed) }
      })
    )
)
