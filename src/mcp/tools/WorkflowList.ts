import { Effect, Schema } from "effect"
import { TenantId } from "../../domain/Ids.ts"
import { encodeCursor } from "../../domain/Page.ts"
import { WorkflowStatus } from "../../domain/Workflow.ts"
import { Workflows } from "../../services/Workflows.ts"
import { page, pageOfInput } from "../Arguments.ts"
import { fittingPage } from "../Size.ts"
import { defineTool } from "../Tool.ts"
import { WorkflowItem, workflowItem } from "../views/Workflow.ts"

const tool = defineTool({
  name: "workflow_list",
  title: "List workflows",
  description: "Finds workflows, newest first. Start here to learn which there are and their ids.",
  scope: "read",
  hints: { readOnly: true },
  input: Schema.Struct({
    name: Schema.optionalKey(Schema.String).annotateKey({ description: "A part of the name" }),
    status: Schema.optionalKey(WorkflowStatus),
    tenantId: Schema.optionalKey(TenantId),
    ...page
  }),
  output: Schema.Struct({ items: Schema.Array(WorkflowItem), nextCursor: Schema.NullOr(Schema.String) })
})

/** Lists workflows in short. */
export const workflowList = Effect.map(
  Workflows,
  (workflows) =>
    tool(
      Effect.fn("workflow_list")(function*({ cursor, limit, tenantId, ...filter }, { principal }) {
        const found = yield* workflows.list(principal, {
          ...filter,
          tenantId: tenantId ?? null,
          ...pageOfInput({ cursor, limit })
        })
        return fittingPage(found, workflowItem, encodeCursor)
      })
    )
)
