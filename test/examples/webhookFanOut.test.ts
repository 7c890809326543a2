import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import { bodiesTo, callsOf, runExample } from "./example.ts"

const inputs = { id: "e-1", type: "order.paid", data: { order: 7 } }

const subscription = (id: string, events: ReadonlyArray<string>) => ({
  id,
  url: `https://${id}.example.com/hook`,
  events
})

const upstreams: ReadonlyArray<ScriptedRoute> = [
  {
    url: "https://hooks.example.com/subscriptions",
    respond: {
      body: [
        subscription("shop", ["order.paid", "order.sent"]),
        subscription("mail", ["order.sent"]),
        subscription("books", ["order.paid"])
      ]
    }
  },
  { url: "https://hooks.example.com/undelivered", respond: { status: 204 } },
  { method: "POST", url: /^https:\/\/\w+\.example\.com\/hook$/, respond: { status: 202 } }
]

describe("examples/webhook-fan-out.json", () => {
  it.effect("hands the event to those who want it", () =>
    Effect.gen(function*() {
      const run = yield* runExample("webhook-fan-out", { inputs, http: upstreams })
      assert.deepStrictEqual(run.outputs, { delivered: ["shop", "books"], lost: [] })
      assert.deepStrictEqual(bodiesTo(run, "shop.example.com"), [inputs])
      const request = run.requests.find(({ url }) => url.startsWith("https://books"))
      assert.strictEqual(request?.headers["idempotency-key"], "e-1.books")
      assert.strictEqual(request?.headers["x-event-type"], "order.paid")
      assert.notInclude(callsOf(run), "POST mail.example.com/hook")
    }))

  it.effect("keeps what can't be delivered, for those who are down and those who refuse", () =>
    Effect.gen(function*() {
      const run = yield* runExample("webhook-fan-out", {
        inputs,
        http: [
          { url: "https://shop.example.com/hook", respond: [{ status: 503 }, { status: 202 }] },
          { url: "https://books.example.com/hook", respond: { status: 410 } },
          ...upstreams
        ]
      })
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.outputs, { delivered: ["shop"], lost: ["books"] })
      assert.deepStrictEqual(bodiesTo(run, "hooks.example.com/undelivered"), [{
        event: inputs,
        subscriptions: ["books"]
      }])
      assert.strictEqual(run.step("deliver[0].post")?.attempts, 2)
      assert.strictEqual(run.step("deliver[1].post")?.attempts, 1)
    }))
})
