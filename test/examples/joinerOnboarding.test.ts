import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import { assertAt, bodiesTo, callsOf, day, runExample } from "./example.ts"

const inputs = {
  name: "Ada",
  email: "ada@example.com",
  manager: "grace",
  groups: ["staff", "engineering"],
  startsAt: "1970-01-11T08:00:00Z"
}

const upstreams: ReadonlyArray<ScriptedRoute> = [
  { method: "POST", url: "https://directory.example.com/users", respond: { status: 201, body: { id: "u-7" } } },
  { method: "POST", url: "https://mail.example.com/mailboxes", respond: { status: 201, body: { id: "m-7" } } },
  { method: "POST", url: "https://assets.example.com/orders", respond: { status: 201, body: { id: "o-7" } } },
  { url: /^https:\/\/(directory|assets|mail|chat)\.example\.com\//, respond: { status: 204 } }
]

const approval = (approved: boolean) =>
  ({ name: "approval", payload: { approved, by: "grace" }, after: "1 day" }) as const

describe("examples/joiner-onboarding.json", () => {
  it.effect("makes everything after the approval, and says welcome on the first day", () =>
    Effect.gen(function*() {
      const run = yield* runExample("joiner-onboarding", { inputs, http: upstreams, signals: [approval(true)] })
      assert.deepStrictEqual(run.outputs, { account: "u-7", mailbox: "m-7", laptop: "o-7", approvedBy: "grace" })
      const calls = callsOf(run)
      assert.sameMembers([...calls], [
        "POST chat.example.com/messages",
        "POST assets.example.com/orders",
        "POST directory.example.com/users",
        "POST mail.example.com/mailboxes",
        "PUT directory.example.com/groups/staff/members/u-7",
        "PUT directory.example.com/groups/engineering/members/u-7",
        "POST chat.example.com/messages"
      ])
      assert.deepStrictEqual(bodiesTo(run, "mail.example.com"), [{ owner: "u-7", address: "ada@example.com" }])
      assertAt(run.requests.at(-1), Date.parse(inputs.startsAt))
      const account = run.requests.find(({ url }) => url.endsWith("/users"))
      assert.strictEqual(account?.headers["authorization"], "Bearer value-of-DIRECTORY_TOKEN")
      assertAt(account, day)
    }))

  it.effect("does nothing but ask when the manager refuses", () =>
    Effect.gen(function*() {
      const run = yield* runExample("joiner-onboarding", { inputs, http: upstreams, signals: [approval(false)] })
      assert.strictEqual(run.status, "failed")
      assert.strictEqual(run.error?.code, "not-approved")
      assert.strictEqual(run.error?.message, "grace did not approve Ada")
      assert.deepStrictEqual(callsOf(run), ["POST chat.example.com/messages"])
    }))

  it.effect("takes everything back when there is no mailbox", () =>
    Effect.gen(function*() {
      const full = {
        method: "POST",
        url: "https://mail.example.com/mailboxes",
        respond: { status: 507, delay: "5 seconds" }
      } as const
      const run = yield* runExample("joiner-onboarding", {
        inputs,
        http: [full, ...upstreams],
        signals: [approval(true)]
      })
      assert.strictEqual(run.status, "failed")
      assert.strictEqual(run.error?.stepId, "mailbox")
      const undone = callsOf(run).filter((call) => call.startsWith("DELETE") || call.endsWith("/cancel"))
      assert.sameMembers([...undone], [
        "DELETE directory.example.com/groups/engineering/members/u-7",
        "DELETE directory.example.com/groups/staff/members/u-7",
        "POST assets.example.com/orders/o-7/cancel",
        "DELETE directory.example.com/users/u-7"
      ])
      assert.strictEqual(
        undone.filter((call) => call.startsWith("DELETE")).at(-1),
        "DELETE directory.example.com/users/u-7"
      )
      assert.strictEqual(run.step("account:undo")?.status, "completed")
    }))

  it.effect("goes on waiting when a signal does not say who approved", () =>
    Effect.gen(function*() {
      const run = yield* runExample("joiner-onboarding", {
        inputs,
        http: upstreams,
        signals: [{ name: "approval", payload: { approved: true }, after: "1 hour" }]
      })
      assert.strictEqual(run.error?.code, "timeout")
      assert.strictEqual(run.error?.stepId, "approval")
    }))
})
