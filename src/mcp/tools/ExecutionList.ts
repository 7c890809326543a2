import { Effect, Schema } from "effect"
import { ExecutionStatus } from "../../domain/Execution.ts"
import { TenantId, WorkflowId } from "../../domain/Ids.ts"
import { encodeCursor } from "../../domain/Page.ts"
import { Executions } from "../../services/Executions.ts"
import { page, pageOfInput } from "../Arguments.ts"
import { fittingPage } from "../Size.ts"
import { defineTool } from "../Tool.ts"
import { ExecutionItem, executionItem } from "../views/Execution.ts"

const tool = defineTool({
  name: "execution_list",
  title: "List executions",
  description: "Finds executions, newest first, without their data. Use it to see what ran, what runs and what failed.",
  scope: "read",
  hints: { readOnly: true },
  input: Schema.Struct({
    workflowId: Schema.optionalKey(WorkflowId),
    status: Schema.optionalKey(ExecutionStatus),
    tenantId: Schema.optionalKey(TenantId),
    ...page
  }),
  output: Schema.Struct({ items: Schema.Array(ExecutionItem), nextCursor: Schema.NullOr(Schema.String) })
})

/** Lists executions in short. */
export const executionList = Effect.map(
  Executions,
  (executions) =>
    tool(
      Effect.fn("execution_list")(function*({ cursor, limit, tenantId, ...filter }, { principal }) {
        const found = yield* executions.list(principal, {
          ...filter,
          tenantId: tenantId ?? null,
          ...pageOfInput({ cursor, limit })
        })
        return fittingPage(found, executionItem, encodeCursor)
      })
    )
)
