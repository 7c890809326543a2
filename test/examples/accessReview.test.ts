import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import { bodiesTo, callsOf, runExample } from "./example.ts"

const inputs = { application: "crm" }

const upstreams: ReadonlyArray<ScriptedRoute> = [
  {
    url: "https://identity.example.com/applications/crm/grants",
    respond: {
      body: [
        { id: "g-1", user: "ada", role: "admin", reviewer: "grace" },
        { id: "g-2", user: "bob", role: "user", reviewer: "linus" },
        { id: "g-3", user: "cleo", role: "user", reviewer: "grace" }
      ]
    }
  },
  { method: "DELETE", url: /^https:\/\/identity\.example\.com\/grants\//, respond: { status: 204 } },
  { url: "https://evidence.example.com/records", respond: { status: 201, body: { id: "e-1" } } },
  { url: "https://chat.example.com/messages", respond: { status: 204 } }
]

const grace = {
  name: "review.grace",
  payload: { decisions: [{ id: "g-1", keep: true }, { id: "g-3", keep: false }] },
  after: "2 days"
} as const

describe("examples/access-review.json", () => {
  it.effect("asks each reviewer, reminds one, and takes away what nobody needs", () =>
    Effect.gen(function*() {
      const linus = {
        name: "review.linus",
        payload: { decisions: [{ id: "g-2", keep: false }] },
        after: "8 days"
      } as const
      const run = yield* runExample("access-review", { inputs, http: upstreams, signals: [grace, linus] })
      assert.deepStrictEqual(run.outputs, { reviewers: 2, revoked: ["g-3", "g-2"], overdue: [], evidence: "e-1" })
      assert.deepStrictEqual(bodiesTo(run, "chat.example.com").map((body) => Object(body).to), [
        "grace",
        "linus",
        "linus"
      ])
      assert.sameMembers([...callsOf(run)].filter((call) => call.startsWith("DELETE")), [
        "DELETE identity.example.com/grants/g-3",
        "DELETE identity.example.com/grants/g-2"
      ])
    }))

  it.effect("names the reviewer who never answers, and takes nothing of theirs away", () =>
    Effect.gen(function*() {
      const unfit = { name: "review.linus", payload: { decisions: "all" }, after: "1 day" } as const
      const run = yield* runExample("access-review", { inputs, http: upstreams, signals: [grace, unfit] })
      assert.strictEqual(run.status, "completed")
      assert.deepInclude(run.outputs, { revoked: ["g-3"], overdue: ["linus"] })
      assert.deepNestedInclude(bodiesTo(run, "evidence.example.com")[0], {
        control: "access-review",
        "reviews[1].answered": false
      })
    }))
})
