import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import { bodiesTo, callsOf, runExample } from "./example.ts"

const startAt = Date.parse("2027-03-01T00:00:00Z")
const inputs = { product: "designer", unusedDays: 30 }

const upstreams: ReadonlyArray<ScriptedRoute> = [
  {
    url: "https://licences.example.com/products/designer/seats",
    respond: {
      body: {
        data: {
          seats: [
            { id: "s-1", user: "ada", price: 40, lastUsedAt: "2027-02-27T00:00:00Z" },
            { id: "s-2", user: "bob", price: 40, lastUsedAt: "2026-11-01T00:00:00Z" },
            { id: "s-3", user: "cleo", price: 25, lastUsedAt: "2027-01-01T00:00:00Z" }
          ]
        }
      }
    }
  },
  { method: "DELETE", url: /^https:\/\/licences\.example\.com\/seats\//, respond: { status: 204 } },
  { url: "https://chat.example.com/messages", respond: { status: 204 } }
]

describe("examples/licence-clean-up.json", () => {
  it.effect("only tells what it would free", () =>
    Effect.gen(function*() {
      const run = yield* runExample("licence-clean-up", { startAt, inputs, http: upstreams })
      assert.deepStrictEqual(run.outputs, { freed: false, users: ["bob", "cleo"], seats: 2, monthlyCost: 65 })
      assert.strictEqual(run.requests.length, 1)
    }))

  it.effect("frees the seats", () =>
    Effect.gen(function*() {
      const run = yield* runExample("licence-clean-up", {
        startAt,
        inputs: { ...inputs, dryRun: false },
        http: upstreams
      })
      assert.deepStrictEqual(run.outputs, { freed: true, users: ["bob", "cleo"], seats: 2, monthlyCost: 65 })
      assert.sameMembers([...callsOf(run)].filter((call) => call.startsWith("DELETE")), [
        "DELETE licences.example.com/seats/s-2",
        "DELETE licences.example.com/seats/s-3"
      ])
    }))

  it.effect("goes on when a seat can't be freed, and does not count it", () =>
    Effect.gen(function*() {
      const run = yield* runExample("licence-clean-up", {
        startAt,
        inputs: { ...inputs, dryRun: false },
        http: [{ url: "https://licences.example.com/seats/s-2", respond: { status: 403 } }, ...upstreams]
      })
      assert.deepInclude(run.outputs, { users: ["cleo"], seats: 2 })
      assert.deepStrictEqual(bodiesTo(run, "chat.example.com"), [
        { to: "it", text: "Freed 1 of 2 unused seats of designer." }
      ])
    }))
})
