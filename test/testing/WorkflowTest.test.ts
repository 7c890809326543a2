import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as WorkflowTest from "../../src/testing/WorkflowTest.ts"

const pipeline = {
  steps: [
    { id: "fetch", type: "http-request", config: { url: "https://api.example.com/data" }, order: 1 },
    {
      id: "active",
      type: "transform",
      config: { operation: "filter", field: "status", value: "active" },
      order: 2
    }
  ]
}

const users = [{ id: 1, status: "active" }, { id: 2, status: "inactive" }, { id: 3, status: "active" }]

describe("WorkflowTest.run", () => {
  it.effect("runs a definition against scripted upstreams", () =>
    Effect.gen(function*() {
      const run = yield* WorkflowTest.run(pipeline, {
        http: [{ url: "https://api.example.com/data", respond: { body: users } }]
      })
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.outputs, { active: [{ id: 1, status: "active" }, { id: 3, status: "active" }] })
      assert.strictEqual(run.step("fetch")?.status, "completed")
      assert.deepStrictEqual(run.requests.map(({ method, url }) => [method, url]), [
        ["GET", "https://api.example.com/data"]
      ])
      assert.strictEqual(run.requests[0]?.headers["idempotency-key"], `${run.id}:fetch`)
      assert.deepStrictEqual(run.logs.map(({ message }) => message), [
        "Execution started",
        "Step started",
        "Step completed",
        "Step started",
        "Step completed",
        "Execution completed"
      ])
    }))

  it.effect("lets virtual time pass for a slow upstream", () =>
    Effect.gen(function*() {
      const run = yield* WorkflowTest.run(pipeline, {
        http: [{ url: "https://api.example.com/data", respond: { body: users, delay: "20 seconds" } }]
      })
      assert.strictEqual(run.status, "completed")
      assert.strictEqual(run.durationMs, 20_000)
    }))

  it.effect("times a step out after 30 s", () =>
    Effect.gen(function*() {
      const run = yield* WorkflowTest.run(pipeline, {
        http: [{ url: "https://api.example.com/data", respond: { body: users, delay: "31 seconds" } }]
      })
      assert.strictEqual(run.status, "failed")
      assert.deepStrictEqual({ ...run.error }, {
        code: "timeout",
        message: "The step took longer than 30000 ms",
        stepId: "fetch"
      })
      assert.strictEqual(run.durationMs, 30_000)
      assert.strictEqual(run.step("active")?.status, "skipped")
    }))

  it.effect("refuses a definition that the service would refuse", () =>
    Effect.gen(function*() {
      const refused = yield* Effect.flip(WorkflowTest.run({ steps: [{ ...pipeline.steps[0], config: {} }] }))
      assert.strictEqual(refused._tag, "DefinitionRefused")
      assert.strictEqual(refused.message, "steps[0].config.url is required")
    }))

  it.effect("tells a run that does not end in its time", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(WorkflowTest.run(pipeline, {
        within: "10 seconds",
        http: [{ url: "https://api.example.com/data", respond: { delay: "20 seconds" } }]
      }))
      assert.strictEqual(error._tag, "RunTookTooLong")
    }))
})
