import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import { assertAt, bodiesTo, callsOf, day, runExample } from "./example.ts"

const inputs = { database: "orders", applications: ["shop", "billing"] }

const upstreams: ReadonlyArray<ScriptedRoute> = [
  {
    url: "https://vault.example.com/metadata/databases/orders",
    respond: { body: { user: "orders_1", version: 4 } }
  },
  {
    method: "POST",
    url: "https://databases.example.com/orders/users",
    respond: { status: 201, body: { user: "orders_2" } }
  },
  { method: "DELETE", url: /^https:\/\/databases\.example\.com\//, respond: { status: 204 } },
  { url: /^https:\/\/(vault|deployments|chat)\.example\.com\//, respond: { status: 200 } }
]

describe("examples/database-credential-rotation.json", () => {
  it.effect("restarts the applications one by one, and removes the old user a day later", () =>
    Effect.gen(function*() {
      const starting: ScriptedRoute = {
        url: "https://deployments.example.com/applications/shop/health",
        respond: [{ status: 503 }, { status: 503 }, { status: 200 }]
      }
      const run = yield* runExample("database-credential-rotation", { inputs, http: [starting, ...upstreams] })
      assert.deepStrictEqual(run.outputs, { user: "orders_2", oldUserRemoved: true })
      assert.deepStrictEqual(callsOf(run), [
        "GET vault.example.com/metadata/databases/orders",
        "POST databases.example.com/orders/users",
        "PUT vault.example.com/databases/orders",
        "POST deployments.example.com/applications/shop/restart",
        "GET deployments.example.com/applications/shop/health",
        "GET deployments.example.com/applications/shop/health",
        "GET deployments.example.com/applications/shop/health",
        "POST deployments.example.com/applications/billing/restart",
        "GET deployments.example.com/applications/billing/health",
        "DELETE databases.example.com/orders/users/orders_1",
        "POST chat.example.com/messages"
      ])
      assert.deepStrictEqual(bodiesTo(run, "vault.example.com/databases/orders"), [{ user: "orders_2" }])
      assertAt(run.requests.at(-2), day + 60_000)
    }))

  it.effect("puts everything back when an application does not come back", () =>
    Effect.gen(function*() {
      const broken: ScriptedRoute = {
        url: "https://deployments.example.com/applications/billing/health",
        respond: { status: 500 }
      }
      const run = yield* runExample("database-credential-rotation", { inputs, http: [broken, ...upstreams] })
      assert.strictEqual(run.status, "failed")
      assert.strictEqual(run.error?.code, "http-5xx")
      assert.strictEqual(run.step("rollout[1].healthy")?.attempts, 10)
      assert.deepStrictEqual(callsOf(run).slice(-4), [
        "POST vault.example.com/databases/orders/versions/4/restore",
        "POST deployments.example.com/applications/shop/restart",
        "POST deployments.example.com/applications/billing/restart",
        "DELETE databases.example.com/orders/users/orders_2"
      ])
      assert.notInclude(callsOf(run), "DELETE databases.example.com/orders/users/orders_1")
    }))
})
