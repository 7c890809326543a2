import { Effect, Schema } from "effect"
import { Executions } from "../../services/Executions.ts"
import { executionId } from "../Arguments.ts"
import { Running } from "../Running.ts"
import { defineTool } from "../Tool.ts"
import { ExecutionMember, ExecutionView } from "../views/Execution.ts"

const tool = defineTool({
  name: "execution_get",
  title: "Read an execution",
  description: "Reads an execution as it stands, with its steps; what is too large is linked as a resource.",
  scope: "read",
  hints: { readOnly: true },
  input: Schema.Struct({
    executionId,
    fields: Schema.optionalKey(Schema.Array(ExecutionMember)).annotateKey({
      description: "What to show: steps, outputs and error by default"
    })
  }),
  output: ExecutionView
})

/** Reads one execution. */
export const executionGet = Effect.gen(function*() {
  const executions = yield* Executions
  const running = yield* Running
  return tool(
    Effect.fn("execution_get")(function*({ executionId, fields }, { principal }) {
      return yield* running.show(yield* executions.get(principal, executionId), fields)
    })
  )
})
