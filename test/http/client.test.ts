import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { WorkflowNotFound } from "../../src/domain/Errors.ts"
import { StepId, WorkflowId } from "../../src/domain/Ids.ts"
import * as Client from "../../src/http/Client.ts"
import { apiKey, definition, execution, executionDetail, workflow } from "./fixtures.ts"
import { operatorKey, serve } from "./harness.ts"

const connect = (service: ReturnType<typeof serve>, key = operatorKey) => {
  const send: typeof globalThis.fetch = (input, init) => service.handler(new Request(input, init))
  return Client.make({ baseUrl: "http://service.test", apiKey: Redacted.make(key) }).pipe(
    Effect.provide(FetchHttpClient.layer),
    Effect.provideService(FetchHttpClient.Fetch, send)
  )
}

describe("client", () => {
  it.effect("calls every kind of endpoint", () =>
    Effect.gen(function*() {
      const client = yield* connect(serve({
        workflows: {
          create: () => Effect.succeed(workflow),
          update: () => Effect.succeed({ ...workflow, version: 4 }),
          remove: () => Effect.void
        },
        keys: { create: () => Effect.succeed({ ...apiKey, key: Redacted.make("atlas_secret") }) },
        retry: (_, id) => Effect.succeed({ ...executionDetail, retryOf: id }),
        executions: {
          start: (_, { waitMillis }) => Effect.succeed({ ...executionDetail, inputs: { waitMillis } }),
          list: (_, { limit }) => Effect.succeed({ items: [{ ...execution, inputs: { limit } }], nextCursor: null })
        }
      }))
      assert.deepStrictEqual(yield* client.workflows.create({ payload: definition }), workflow)
      const [updated, response] = yield* client.workflows.update({
        params: { id: workflow.id },
        payload: { name: "New" },
        headers: { "if-match": "\"3\"" },
        responseMode: "decoded-and-response"
      })
      assert.strictEqual(updated.version, 4)
      assert.strictEqual(response.headers["etag"], "\"4\"")
      yield* client.workflows.remove({ params: { id: workflow.id }, headers: {} })
      const started = yield* client.executions.start({
        payload: { workflowId: workflow.id },
        headers: { prefer: "wait=3" }
      })
      assert.deepStrictEqual(started.inputs, { waitMillis: 3000 })
      const retried = yield* client.executions.retry({
        params: { id: execution.id },
        payload: { fromStep: StepId.make("step-1") },
        headers: {}
      })
      assert.strictEqual(retried.retryOf, execution.id)
      const page = yield* client.executions.list({ query: { limit: 7 } })
      assert.deepStrictEqual(page.items[0]?.inputs, { limit: 7 })
      const made = yield* client.keys.create({ payload: { name: apiKey.name, scopes: apiKey.scopes } })
      assert.strictEqual(Redacted.value(made.key), "atlas_secret")
      assert.notInclude(JSON.stringify(made), "atlas_secret")
      const health = yield* client.health()
      assert.strictEqual(health.checks?.kv.status, "ok")
    }))

  it.effect("fails with the problem", () =>
    Effect.gen(function*() {
      const service = serve({ workflows: { get: (_, id) => Effect.fail(new WorkflowNotFound({ id })) } })
      const read = (client: Client.Client) =>
        client.workflows.get({ params: { id: WorkflowId.make("none") }, headers: {} }).pipe(
          Effect.as("found"),
          Effect.catchTag("Problem", (problem) => Effect.succeed(problem.code))
        )
      assert.strictEqual(yield* read(yield* connect(service)), "WORKFLOW-002")
      assert.strictEqual(yield* read(yield* connect(service, "unknown-key")), "AUTH-002")
    }))

  it.effect("tells what is wrong, and is told a defect as a problem", () =>
    Effect.gen(function*() {
      const client = yield* connect(serve())
      const defect = yield* Effect.flip(client.workflows.list({ query: {} }))
      assert.strictEqual(defect._tag === "Problem" && defect.code, "INTERNAL-001")
      const invalid = yield* Effect.flip(client.executions.list({ query: { cursor: "nonsense" } }))
      assert.strictEqual(invalid._tag, "SchemaError")
    }))
})
