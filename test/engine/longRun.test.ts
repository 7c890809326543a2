import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as WorkflowTest from "../../src/testing/WorkflowTest.ts"

const day = 86_400_000

/** Leave after 30 days, once the manager has approved, through a service that is down at first. */
const offboarding = {
  steps: [
    { id: "notice", type: "delay", order: 1, config: { duration: "30d" } },
    { id: "approval", type: "wait-for-event", order: 2, config: { signal: "approved", timeout: "14d" } },
    {
      id: "disable",
      type: "http-request",
      order: 3,
      config: { url: "https://directory.example.com/users/ada", method: "DELETE" },
      retry: { attempts: 6, delay: "1m", maxDelay: "1h", jitter: false }
    }
  ],
  outputs: { by: "steps.approval.output.by", disabled: "steps.disable.output" },
  settings: { timeout: "60d" }
}

describe("a workflow of weeks", () => {
  it.effect("with a delay of 30 days, an approval and retries takes less than a second", () =>
    Effect.gen(function*() {
      const cpu = process.cpuUsage()
      const run = yield* WorkflowTest.run(offboarding, {
        signals: [{ name: "approved", payload: { by: "Grace" }, after: "33 days" }],
        http: [{
          url: "https://directory.example.com/users/ada",
          respond: [
            { status: 503 },
            { status: 500 },
            { status: 429, headers: { "retry-after": "1800" } },
            { delay: "40 seconds" },
            { body: "gone" }
          ]
        }]
      })
      const { system, user } = process.cpuUsage(cpu)

      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.outputs, { by: "Grace", disabled: "gone" })
      assert.deepStrictEqual(run.steps.map(({ attempts, id, status }) => [id, status, attempts]), [
        ["notice", "completed", 1],
        ["approval", "completed", 1],
        ["disable", "completed", 5]
      ])
      // 33 days; back-offs of 1 min, 2 min, 30 min as asked for, and 8 min; an attempt that timed out after 30 s.
      const [first = 0, ...others] = run.requests.map(({ at }) => Date.parse(at))
      assert.strictEqual(first, 33 * day)
      assert.deepStrictEqual(others.map((at) => (at - first) / 1_000), [60, 180, 1_980, 1_980 + 30 + 480])
      assert.strictEqual(run.durationMs, 33 * day + 2_490_000)
      // Of its own time, not of the machine's: others may be busy there.
      assert.isBelow((user + system) / 1_000, 1_000)
    }))
})
