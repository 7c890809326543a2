import { Effect, Schema } from "effect"
import { Executions } from "../../services/Executions.ts"
import { executionId, waitMillisOf, waitSeconds } from "../Arguments.ts"
import { Running, telling } from "../Running.ts"
import { defineTool } from "../Tool.ts"
import { ExecutionView } from "../views/Execution.ts"

const tool = defineTool({
  name: "execution_wait",
  title: "Wait for an execution",
  description:
    "Waits for the end of an execution, at most 25 s, and answers how it stands then. Call it again while it runs.",
  scope: "read",
  hints: { readOnly: true },
  input: Schema.Struct({ executionId, waitSeconds }),
  output: ExecutionView,
  waitsFor: waitMillisOf
})

/** Waits for an execution. */
export const executionWait = Effect.gen(function*() {
  const executions = yield* Executions
  const running = yield* Running
  return tool(
    Effect.fn("execution_wait")(function*(input, call) {
      const execution = yield* executions.wait(call.principal, input.executionId, {
        waitMillis: waitMillisOf(input),
        onProgress: telling(call)
      })
      return yield* running.show(execution)
    })
  )
})
