import { Effect, Schema } from "effect"
import { Inputs } from "../../domain/Execution.ts"
import { Executions } from "../../services/Executions.ts"
import { waitMillisOf, waitSeconds, workflowId } from "../Arguments.ts"
import { Running, telling } from "../Running.ts"
import { defineTool } from "../Tool.ts"
import { ExecutionView } from "../views/Execution.ts"

const tool = defineTool({
  name: "workflow_execute",
  title: "Run a workflow",
  description:
    "Starts an execution of an active workflow and waits for its end: the answer has the outputs, or how far it has come. " +
    "If it still runs, call execution_wait; if it waits for a signal, execution_signal; if it failed, execution_explain.",
  scope: "run",
  hints: { readOnly: false, destructive: true },
  input: Schema.Struct({
    workflowId,
    inputs: Schema.optionalKey(Inputs).annotateKey({ description: "Must fit the workflow's inputSchema" }),
    waitSeconds
  }),
  output: ExecutionView,
  waitsFor: waitMillisOf
})

/** Starts an execution. */
export const workflowExecute = Effect.gen(function*() {
  const executions = yield* Executions
  const running = yield* Running
  return tool(
    Effect.fn("workflow_execute")(function*(input, call) {
      const { inputs, workflowId } = input
      const execution = yield* executions.start(call.principal, {
        workflowId,
        ...(inputs === undefined ? {} : { inputs }),
        trigger: "mcp",
        requestId: call.requestId,
        waitMillis: waitMillisOf(input),
        onProgress: telling(call)
      })
      return yield* running.show(execution)
    })
  )
})
