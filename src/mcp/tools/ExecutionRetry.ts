import { Effect, Schema } from "effect"
import { ExecutionRetry } from "../../domain/Execution.ts"
import { Retries } from "../../services/Retries.ts"
import { executionId, waitMillisOf, waitSeconds } from "../Arguments.ts"
import { Running, telling } from "../Running.ts"
import { defineTool } from "../Tool.ts"
import { ExecutionView } from "../views/Execution.ts"

const tool = defineTool({
  name: "execution_retry",
  title: "Retry an execution",
  description:
    "Starts a new execution after one that failed or was cancelled: of the same version and inputs, with the steps that " +
    "were done taken over. It does not use changes of the workflow: to run a repaired workflow, call workflow_execute.",
  scope: "run",
  hints: { readOnly: false, destructive: true },
  input: Schema.Struct({ executionId, ...ExecutionRetry.fields, waitSeconds }),
  output: ExecutionView,
  waitsFor: waitMillisOf
})

/** Retries an execution. */
export const executionRetry = Effect.gen(function*() {
  const retries = yield* Retries
  const running = yield* Running
  return tool(
    Effect.fn("execution_retry")(function*(input, call) {
      const { executionId, fromStep } = input
      const execution = yield* retries.retry(call.principal, executionId, {
        ...(fromStep === undefined ? {} : { fromStep }),
        requestId: call.requestId,
        waitMillis: waitMillisOf(input),
        onProgress: telling(call)
      })
      return yield* running.show(execution)
    })
  )
})
