import { assert, describe, it } from "vitest"
import { worker } from "./Service.ts"
import { ring } from "./Service.ts"
import { callsOf, forgetCalls, takeRowsWritten } from "./Watch.ts"
import {
  createWorkflow,
  execute,
  getExecution,
  listExecutions,
  listWorkflows,
  stepsOf,
  threeSteps
} from "./Workflows.ts"

describe("probe", () => {
  for (const [n, steps] of [[3, threeSteps], [10, stepsOf(10)]] as const) {
    it(`counts ${n}`, async () => {
      const { id } = await createWorkflow(worker, steps)
      forgetCalls()
      takeRowsWritten()
      const execution = await execute(worker, id, { wait: 10 })
      assert.strictEqual(execution.status, "completed")
      console.log(
        JSON.stringify(callsOf("d1", "kv", "execution", "alarm"), null, 1),
        callsOf("sql").length,
        takeRowsWritten(),
        callsOf("sql")
      )
      forgetCalls()
      await ring(execution.id)
      console.log(callsOf("d1", "kv", "execution", "alarm", "sql"), takeRowsWritten())
      forgetCalls()
      await getExecution(worker, execution.id)
      console.log(callsOf("d1", "kv", "execution", "alarm", "sql"))
      forgetCalls()
      await listExecutions(worker)
      console.log(callsOf("d1", "kv", "execution", "alarm", "sql"))
      forgetCalls()
      await listWorkflows(worker)
      console.log(callsOf("d1", "kv", "execution", "alarm", "sql"))
    })
  }
})
