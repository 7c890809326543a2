import { Effect, Schema } from "effect"
import { Executions } from "../../services/Executions.ts"
import { executionId } from "../Arguments.ts"
import { Running } from "../Running.ts"
import { defineTool } from "../Tool.ts"
import { ExecutionView } from "../views/Execution.ts"

const tool = defineTool({
  name: "execution_cancel",
  title: "Cancel an execution",
  description:
    "Stops a running or waiting execution: its step is interrupted, and what it did is undone where the workflow says how. " +
    "Ending a call that waits does not stop an execution; this does.",
  scope: "run",
  hints: { readOnly: false, destructive: true },
  input: Schema.Struct({ executionId }),
  output: ExecutionView
})

/** Cancels an execution. */
export const executionCancel = Effect.gen(function*() {
  const executions = yield* Executions
  const running = yield* Running
  return tool(
    Effect.fn("execution_cancel")(function*({ executionId }, { principal }) {
      return yield* running.show(yield* executions.cancel(principal, executionId))
    })
  )
})
