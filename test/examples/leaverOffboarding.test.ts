import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import { bodiesTo, callsOf, exampleText, runExample, secretsFor } from "./example.ts"

const inputs = { userId: "u-7", manager: "grace" }

const upstreams: ReadonlyArray<ScriptedRoute> = [
  { method: "PATCH", url: "https://directory.example.com/users/u-7", respond: { status: 204 } },
  {
    method: "GET",
    url: "https://access.example.com/users/u-7/systems",
    respond: { body: [{ system: "crm" }, { system: "wiki" }, { system: "vpn" }] }
  },
  { url: "https://tickets.example.com/issues", respond: { status: 201, body: { id: "t-1" } } },
  { method: "DELETE", url: /^https:\/\/access\.example\.com\/systems\//, respond: { status: 204 } }
]

describe("examples/leaver-offboarding.json", () => {
  it.effect("takes each access away once, and opens no ticket", () =>
    Effect.gen(function*() {
      const run = yield* runExample("leaver-offboarding", { inputs, http: upstreams })
      assert.deepStrictEqual(run.outputs, { revoked: 4, open: [], ticket: null, licences: null })
      assert.sameMembers([...callsOf(run)].filter((call) => call.startsWith("DELETE")), [
        "DELETE access.example.com/systems/crm/users/u-7",
        "DELETE access.example.com/systems/wiki/users/u-7",
        "DELETE access.example.com/systems/vpn/users/u-7",
        "DELETE access.example.com/systems/badge/users/u-7"
      ])
      assert.deepStrictEqual(bodiesTo(run, "directory.example.com"), [{ state: "suspended" }])
      assert.strictEqual(run.step("ticket")?.status, "skipped")
    }))

  it.effect("goes on when systems fail, and opens a ticket for them", () =>
    Effect.gen(function*() {
      const run = yield* runExample("leaver-offboarding", {
        inputs,
        http: [
          { method: "DELETE", url: "https://access.example.com/systems/wiki/users/u-7", respond: { status: 500 } },
          { method: "DELETE", url: "https://access.example.com/systems/badge/users/u-7", respond: { status: 404 } },
          ...upstreams
        ]
      })
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.outputs, { revoked: 3, open: ["wiki"], ticket: "t-1", licences: null })
      assert.strictEqual(callsOf(run).filter((call) => call.includes("/wiki/")).length, 3)
      assert.deepNestedInclude(bodiesTo(run, "tickets.example.com")[0], {
        assignee: "grace",
        "systems[0].system": "wiki",
        "systems[0].done": false
      })
    }))

  it.effect("starts the clean-up of a product's licences, and does not wait for it", () =>
    Effect.gen(function*() {
      const run = yield* runExample("leaver-offboarding", {
        inputs: { ...inputs, product: "designer" },
        http: upstreams,
        secrets: { ...secretsFor("leaver-offboarding"), ...secretsFor("licence-clean-up") },
        workflows: { "01a20893-34f8-7560-8f27-921cd7c3ab0c": JSON.parse(exampleText("licence-clean-up")) }
      })
      assert.deepStrictEqual(run.children.map(({ inputs }) => inputs), [
        { product: "designer", unusedDays: 30, dryRun: false }
      ])
      assert.deepInclude(run.outputs, { licences: run.children[0]?.id })
    }))

  it.effect("is done without the workflow that it would start", () =>
    Effect.gen(function*() {
      const run = yield* runExample("leaver-offboarding", {
        inputs: { ...inputs, product: "designer" },
        http: upstreams
      })
      assert.strictEqual(run.status, "completed")
      assert.strictEqual(run.step("licences")?.error?.code, "workflow-not-found")
    }))
})
