import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as WorkflowTest from "../../src/testing/WorkflowTest.ts"

it.effect("keeps the active users", () =>
  Effect.gen(function*() {
    const run = yield* WorkflowTest.run({
      steps: [
        { id: "users", type: "http-request", order: 1, config: { url: "https://api.example.com/users" } },
        { id: "active", type: "transform", order: 2, config: { operation: "filter", field: "status", value: "active" } }
      ]
    }, {
      http: [{
        url: "https://api.example.com/users",
        respond: { body: [{ name: "Ada", status: "active" }, { name: "Bob", status: "inactive" }], delay: "20 seconds" }
      }]
    })
    assert.strictEqual(run.status, "completed")
    assert.deepStrictEqual(run.outputs, { active: [{ name: "Ada", status: "active" }] })
    assert.strictEqual(run.step("users")?.durationMs, 20_000)
    assert.strictEqual(run.requests[0]?.headers["idempotency-key"], `${run.id}:users`)
    assert.strictEqual(run.logs.at(-1)?.message, "Execution completed")
  }))
