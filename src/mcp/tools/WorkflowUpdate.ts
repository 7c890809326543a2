import { Effect, Result, Schema } from "effect"
import { orderIssues } from "../../domain/DefinitionCheck.ts"
import { WorkflowInvalid } from "../../domain/Errors.ts"
import { fromSchemaIssue } from "../../domain/Issues.ts"
import { WorkflowUpdate } from "../../domain/Workflow.ts"
import { Proposals } from "../../services/Proposals.ts"
import { Workflows } from "../../services/Workflows.ts"
import { expectedVersion, workflowId } from "../Arguments.ts"
import { Changes } from "../Changes.ts"
import { definitionOf } from "../Definitions.ts"
import { defineTool } from "../Tool.ts"
import { ChangeView } from "../views/Change.ts"

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
  output: ChangeView
})

const decode = Schema.decodeUnknownResult(WorkflowUpdate)

/** Changes a workflow, or proposes the change. */
export const workflowUpdate = Effect.gen(function*() {
  const workflows = yield* Workflows
  const proposals = yield* Proposals
  const making = yield* Changes
  return tool(
    Effect.fn("workflow_update")(function*({ changes, expectedVersion = null, workflowId }, call) {
      const decoded = decode(changes, { errors: "all", onExcessProperty: "error" })
      if (Result.isFailure(decoded)) {
        const issues = [...fromSchemaIssue(decoded.failure.issue, changes), ...orderIssues(changes)]
        return yield* new WorkflowInvalid({ issues, missing: issues.some(({ missing }) => missing) })
      }
      return yield* making.make(call, {
        store: workflows.update(call.principal, workflowId, decoded.success, expectedVersion),
        propose: proposals.proposeUpdate(call.principal, workflowId, decoded.success, expectedVersion, call.requestId),
        unchanged: workflows.unchanged(call.principal, workflowId, decoded.success, expectedVersion)
      })
    })
  )
})
