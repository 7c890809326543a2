import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import { bodiesTo, callsOf, runExample } from "./example.ts"

const startAt = Date.parse("2027-03-01T02:00:00Z")

const findings = Array.from({ length: 12 }, (_, index) => ({
  id: `f-${index}`,
  severity: index % 2 === 0 ? "high" : "low",
  score: index
}))

const upstreams: ReadonlyArray<ScriptedRoute> = [
  {
    url: "https://identity.example.com/users",
    respond: {
      body: [{ email: "ada@example.com", mfa: true }, { email: "bob@example.com", mfa: false }],
      delay: "20 seconds"
    }
  },
  { url: "https://scanner.example.com/findings", respond: { body: findings, delay: "20 seconds" } },
  {
    url: "https://backup.example.com/jobs",
    respond: {
      body: [{ name: "orders", result: "succeeded" }, { name: "mail", result: "failed" }],
      delay: "20 seconds"
    }
  },
  { url: "https://evidence.example.com/records", respond: { status: 201, headers: { location: "/records/9" } } },
  { url: "https://chat.example.com/messages", respond: { status: 204 } }
]

describe("examples/nightly-evidence-report.json", () => {
  it.effect("gathers from all sources at once, and stores one report", () =>
    Effect.gen(function*() {
      const run = yield* runExample("nightly-evidence-report", { startAt, http: upstreams })
      assert.deepStrictEqual(run.outputs, { record: "/records/9", missing: [] })
      assert.deepStrictEqual(bodiesTo(run, "evidence.example.com"), [{
        control: "nightly",
        report: {
          date: "2027-03-01",
          missing: [],
          withoutMfa: ["bob@example.com"],
          findings: [{ severity: "high", findings: 6, worst: 10 }, { severity: "low", findings: 6, worst: 11 }],
          worst: ["f-11", "f-10", "f-9", "f-8", "f-7", "f-6", "f-5", "f-4", "f-3", "f-2"],
          brokenBackups: ["mail"]
        }
      }])
      assert.isBelow(run.durationMs, 40_000)
      assert.strictEqual(run.step("alert")?.status, "skipped")
    }))

  it.effect("names the source that does not answer", () =>
    Effect.gen(function*() {
      const slow: ScriptedRoute = {
        url: "https://scanner.example.com/findings",
        respond: { body: [], delay: "2 minutes" }
      }
      const run = yield* runExample("nightly-evidence-report", { startAt, http: [slow, ...upstreams] })
      assert.deepInclude(run.outputs, { missing: ["findings"] })
      assert.strictEqual(run.step("findings")?.error?.code, "timeout")
      assert.strictEqual(callsOf(run).filter((call) => call.startsWith("GET scanner")).length, 3)
      assert.deepStrictEqual(bodiesTo(run, "chat.example.com"), [{
        to: "compliance",
        text: "The report of 2027-03-01 lacks findings."
      }])
    }))
})
