import { Effect, Option, Schema } from "effect"
import { KeyForbidden, WorkflowVersionConflict } from "../../domain/Errors.ts"
import { WorkflowId } from "../../domain/Ids.ts"
import { AppConfig } from "../../services/AppConfig.ts"
import { Workflows } from "../../services/Workflows.ts"
import type { Approval } from "../Approval.ts"
import { approvalOf } from "../Approval.ts"
import { expectedVersion, workflowId } from "../Arguments.ts"
import type { Call } from "../Catalog.ts"
import { removalQuestion } from "../ChangeQuestion.ts"
import { approvalSchema, ask, canAsk, decisionOf } from "../Questions.ts"
import { defineTool } from "../Tool.ts"

const tool = defineTool({
  name: "workflow_delete",
  title: "Delete a workflow",
  description:
    "Removes a workflow and stops its triggers. Running executions go on. It can't be undone: ask the user first.",
  scope: "write",
  hints: { readOnly: false, destructive: true },
  input: Schema.Struct({ workflowId, expectedVersion }),
  output: Schema.Struct({
    deleted: Schema.NullOr(WorkflowId),
    note: Schema.optionalKey(Schema.String),
    untrusted: Schema.optionalKey(Schema.Struct({ reason: Schema.String }))
  })
})

/** Removes a workflow; where changes wait for approval, only if the user says yes to it. */
export const workflowDelete = Effect.gen(function*() {
  const { mcp: { requireApproval } } = yield* AppConfig
  const workflows = yield* Workflows

  const remove = Effect.fnUntraced(function*({ principal }: Call, id: WorkflowId, version: number | null) {
    yield* workflows.remove(principal, id, version)
    return { output: { deleted: id } }
  })

  const question = Effect.fnUntraced(function*(call: Call, id: WorkflowId, expected: number | undefined) {
    const workflow = yield* workflows.get(call.principal, id)
    const { version } = workflow
    if (expected !== undefined && expected !== version) return yield* new WorkflowVersionConflict({ id, version })
    if (!canAsk(call)) return yield* new KeyForbidden({ reason: "approval" })
    return yield* ask(call, { message: removalQuestion(workflow), schema: approvalSchema, state: { version } })
  })

  const decide = (call: Call, id: WorkflowId, version: number, approval: Approval) => {
    switch (approval._tag) {
      case "Approved":
        return remove(call, id, version)
      case "Refused": {
        const said = approval.reason === null ? {} : { untrusted: { reason: approval.reason } }
        return Effect.succeed({ output: { deleted: null, note: "The user has refused it", ...said } })
      }
      case "Undecided":
        return Effect.succeed({ output: { deleted: null, note: "The user has not decided" } })
    }
  }

  return tool(
    Effect.fn("workflow_delete")(function*({ expectedVersion, workflowId }, call) {
      if (!requireApproval) return yield* remove(call, workflowId, expectedVersion ?? null)
      const decision = decisionOf(call)
      // The state is signed, and bound to the key and to the call: the user was asked of this version of this workflow.
      const asked = decodeState(call.context.mcpReq.requestState())
      return decision._tag === "Unasked" || Option.isNone(asked)
        ? yield* question(call, workflowId, expectedVersion)
        : yield* decide(call, workflowId, asked.value.version, approvalOf(decision))
    })
  )
})

const decodeState = Schema.decodeUnknownOption(Schema.Struct({ version: Schema.Int }))
