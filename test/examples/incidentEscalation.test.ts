import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import { assertAt, bodiesTo, callsOf, runExample } from "./example.ts"

const inputs = { incident: "i-1", service: "shop", severity: "critical" }
const minute = 60_000

const upstreams = (state: string, onCall: Readonly<Record<string, string>>): ReadonlyArray<ScriptedRoute> => [
  { url: "https://oncall.example.com/services/shop", respond: { body: onCall } },
  { url: "https://pager.example.com/pages", respond: { status: 202 } },
  { url: "https://incidents.example.com/incidents/i-1", respond: { body: { state } } },
  { url: "https://chat.example.com/messages", respond: { status: 204 } }
]

const both = { first: "ada", second: "bob" }
const acknowledged = (by: string, after: "5 minutes" | "20 minutes") =>
  ({ name: "acknowledged", payload: { by }, after }) as const
const paged = (body: unknown): unknown => Object(body).to

describe("examples/incident-escalation.json", () => {
  it.effect("pages one person, and looks again an hour after the acknowledgement", () =>
    Effect.gen(function*() {
      const run = yield* runExample("incident-escalation", {
        inputs,
        http: upstreams("solved", both),
        signals: [acknowledged("ada", "5 minutes")]
      })
      assert.deepStrictEqual(run.outputs, { acknowledgedBy: "ada", state: "solved" })
      assert.deepStrictEqual(bodiesTo(run, "pager.example.com").map(paged), ["ada"])
      assertAt(run.requests.at(-1), 65 * minute)
      assert.strictEqual(run.step("escalation")?.status, "skipped")
      assert.strictEqual(bodiesTo(run, "chat.example.com").length, 1)
    }))

  it.effect("pages the next person after 15 minutes", () =>
    Effect.gen(function*() {
      const run = yield* runExample("incident-escalation", {
        inputs: { ...inputs, severity: "minor" },
        http: upstreams("open", both),
        signals: [acknowledged("bob", "20 minutes")]
      })
      assert.deepStrictEqual(run.outputs, { acknowledgedBy: "bob", state: "open" })
      assert.deepStrictEqual(bodiesTo(run, "pager.example.com").map(paged), ["ada", "bob"])
      assertAt(run.requests.filter(({ url }) => url.includes("pager"))[1], 15 * minute)
      assert.deepStrictEqual(bodiesTo(run, "chat.example.com"), [
        { to: "incidents", text: "i-1 is open after an hour." }
      ])
    }))

  it.effect("fails when nobody acknowledges", () =>
    Effect.gen(function*() {
      const run = yield* runExample("incident-escalation", { inputs, http: upstreams("open", both) })
      assert.deepInclude(run.error, {
        code: "not-acknowledged",
        message: "Neither ada nor bob acknowledged i-1"
      })
      assert.notInclude(callsOf(run), "GET incidents.example.com/incidents/i-1")
    }))

  it.effect("fails sooner when there is nobody else", () =>
    Effect.gen(function*() {
      const run = yield* runExample("incident-escalation", { inputs, http: upstreams("open", { first: "ada" }) })
      assert.strictEqual(run.error?.code, "not-acknowledged")
      assert.isBelow(run.durationMs, 16 * minute)
    }))
})
