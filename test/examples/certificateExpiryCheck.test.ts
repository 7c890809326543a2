import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import { bodiesTo, callsOf, runExample } from "./example.ts"

const startAt = Date.parse("2027-03-01T07:00:00Z")

const certificate = (host: string, owner: string, notAfter: string) => ({ subject: { host }, owner, notAfter })

const upstreams = (
  ...certificates: ReadonlyArray<ReturnType<typeof certificate>>
): ReadonlyArray<ScriptedRoute> => [
  { url: "https://certificates.example.com/certificates", respond: { body: certificates } },
  { url: "https://mail.example.com/messages", respond: { status: 202 } },
  { url: "https://monitor.example.com/heartbeats/certificates", respond: { status: 204 } }
]

const late = certificate("shop.example.com", "ada", "2027-03-20T00:00:00Z")
const soon = certificate("api.example.com", "ada", "2027-03-05T07:00:00Z")
const fine = certificate("www.example.com", "bob", "2027-12-01T00:00:00Z")
const over = certificate("old.example.com", "bob", "2027-02-20T00:00:00Z")

describe("examples/certificate-expiry-check.json", () => {
  it.effect("writes one mail to each owner, the soonest end first", () =>
    Effect.gen(function*() {
      const run = yield* runExample("certificate-expiry-check", { startAt, http: upstreams(late, soon, fine) })
      assert.deepStrictEqual(run.outputs, {
        expiring: [
          { host: "api.example.com", owner: "ada", daysLeft: 4 },
          { host: "shop.example.com", owner: "ada", daysLeft: 18 }
        ]
      })
      assert.deepStrictEqual(bodiesTo(run, "mail.example.com"), [{
        to: "ada",
        subject: "Certificates end soon",
        certificates: run.outputs?.["expiring"]
      }])
    }))

  it.effect("looks as far ahead as the inputs say, and tells that it looked", () =>
    Effect.gen(function*() {
      const run = yield* runExample("certificate-expiry-check", {
        startAt,
        inputs: { days: 3 },
        http: upstreams(late, soon, fine)
      })
      assert.deepStrictEqual(run.outputs, { expiring: [] })
      assert.deepStrictEqual(callsOf(run).slice(1), ["PUT monitor.example.com/heartbeats/certificates"])
    }))

  it.effect("fails when a certificate has ended, after its owner was told", () =>
    Effect.gen(function*() {
      const run = yield* runExample("certificate-expiry-check", { startAt, http: upstreams(over, soon) })
      assert.deepInclude(run.error, { code: "certificate-expired", message: "Expired: old.example.com" })
      assert.deepStrictEqual(bodiesTo(run, "mail.example.com").map((body) => Object(body).to), ["bob", "ada"])
    }))
})
