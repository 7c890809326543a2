import { describe, expect, it, vi } from "vitest"
import { Limits } from "../../src/domain/Limits.ts"
import { serve } from "./Service.ts"
import { takeRowsWritten } from "./Watch.ts"
import { createWorkflow, execute, getExecution } from "./Workflows.ts"

const placements = [
  { placement: "an object of its own", service: serve() },
  { placement: "one of 8 shared objects", service: serve({ EXECUTION_OBJECTS: "8" }) }
]

/** Besides the steps: the execution, its snapshot, inputs and end, and the tables of a new object; each may go again. */
const otherRows = 30

describe.each(placements)("a loop of 10,000 items, on $placement", ({ service }) => {
  it("ends with every output in its place, and a row for each step", async () => {
    const { id: workflowId } = await createWorkflow(service, [
      {
        id: "loop",
        type: "for-each",
        order: 1,
        config: {
          items: `[1..${Limits.loopItems}]`,
          concurrency: 10,
          steps: [{ id: "x", type: "transform", order: 1, config: { operation: "expression", expression: "item * 2" } }]
        }
      },
      {
        id: "sum",
        type: "transform",
        order: 2,
        config: { operation: "expression", expression: "[$sum(input), input[-1]]" }
      }
    ])
    takeRowsWritten()
    const { id } = await execute(service, workflowId, { wait: 25 })
    await vi.waitFor(async () => expect((await getExecution(service, id)).status).toBe("completed"), 50_000)
    const rows = takeRowsWritten()

    const { outputs, steps } = await getExecution(service, id)
    expect(outputs).toEqual({ sum: [100_010_000, 20_000] })
    expect(steps.length).toBe(Limits.loopItems + 2)
    expect(steps.every(({ status }) => status === "completed")).toBe(true)
    // Each step's row is written once, and once more when it goes.
    const written = 2 * (Limits.loopItems + 2)
    expect(rows).toBeGreaterThanOrEqual(written)
    expect(rows).toBeLessThanOrEqual(written + otherRows)
  })
})
