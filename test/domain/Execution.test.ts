import { assert, describe, it } from "@effect/vitest"
import type { ExecutionStatus } from "../../src/domain/Execution.ts"
import { executionTransitions, isTerminal, terminalStatuses } from "../../src/domain/Execution.ts"

const statuses = ["pending", "running", "waiting", "completed", "failed", "cancelled"] as const

const table: Record<ExecutionStatus, Record<ExecutionStatus, boolean>> = {
  pending: { pending: false, running: true, waiting: false, completed: false, failed: true, cancelled: true },
  running: { pending: false, running: false, waiting: true, completed: true, failed: true, cancelled: true },
  waiting: { pending: false, running: true, waiting: false, completed: true, failed: true, cancelled: true },
  completed: { pending: false, running: false, waiting: false, completed: false, failed: false, cancelled: false },
  failed: { pending: false, running: false, waiting: false, completed: false, failed: false, cancelled: false },
  cancelled: { pending: false, running: false, waiting: false, completed: false, failed: false, cancelled: false }
}

describe("executionTransitions", () => {
  for (const from of statuses) {
    for (const to of statuses) {
      it(`${from} ${table[from][to] ? "may" : "must not"} become ${to}`, () => {
        const allowed: ReadonlyArray<ExecutionStatus> = executionTransitions[from]
        assert.strictEqual(allowed.includes(to), table[from][to])
      })
    }
  }
})

describe("isTerminal", () => {
  it("holds for the states that nothing follows", () => {
    assert.deepStrictEqual(statuses.filter((status) => isTerminal(status)), [...terminalStatuses])
    assert.deepStrictEqual([...terminalStatuses], ["completed", "failed", "cancelled"])
    for (const status of terminalStatuses) assert.deepStrictEqual(executionTransitions[status], [])
  })
})
