import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { StepId } from "../../src/domain/Ids.ts"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import type { TestRun } from "../../src/testing/WorkflowTest.ts"
import type { ToolAnswer, ToolCall } from "../engine/steps/ScriptedTools.ts"
import { toolCalls, toolServer } from "../engine/steps/ScriptedTools.ts"
import { bodiesTo, callsOf, day, runExample } from "./example.ts"

const inputs = { ticket: "IT-42" }
const server = "https://tickets.example.com/mcp"
const access = { kind: "access", service: "shop", requester: "ada", team: "service-desk" }

/** The ticket system with one ticket; `first` may answer a call in its place. */
const tickets = (ticket: object, first: (call: ToolCall) => ToolAnswer | undefined = () => undefined): ScriptedRoute =>
  toolServer(server, (call) => first(call) ?? { gives: call.tool === "get_ticket" ? { ...ticket } : {} })

const upstreams: ReadonlyArray<ScriptedRoute> = [
  { url: "https://catalog.example.com/services/shop", respond: { body: { team: "shop", owner: "grace" } } },
  { url: "https://chat.example.com/messages", respond: { status: 204 } },
  { method: "POST", url: "https://access.example.com/grants", respond: { status: 201, body: { id: "g-7" } } },
  { method: "DELETE", url: "https://access.example.com/grants/g-7", respond: { status: 204 } }
]

const approval = (approved: boolean) => ({
  name: "approval",
  payload: { approved, by: "grace" },
  after: "1 day"
} as const)

/** The calls of the ticket system's tools, in order. */
const callsOfTools = ({ requests }: TestRun): ReadonlyArray<unknown> =>
  toolCalls(requests, server).map(({ arguments: args, tool }) => [tool, args])

const got = ["get_ticket", { id: "IT-42" }]
const assignedTo = (team: string) => ["assign_ticket", { id: "IT-42", team }]
const commented = (text: string, close: boolean) => ["comment_ticket", { id: "IT-42", text, close }]

describe("examples/ticket-triage.json", () => {
  it.effect("hands a ticket over to the team of its service, and asks nobody", () =>
    Effect.gen(function*() {
      const run = yield* runExample("ticket-triage", {
        inputs,
        http: [tickets({ ...access, kind: "incident" }), ...upstreams]
      })
      assert.deepStrictEqual(run.outputs, { team: "shop", granted: false, answer: "Handed over to shop" })
      assert.deepStrictEqual(callsOfTools(run), [got, assignedTo("shop"), commented("Handed over to shop", false)])
      for (const { headers } of run.requests.filter(({ url }) => url === server)) {
        assert.strictEqual(headers["authorization"], "Bearer value-of-TICKETS_TOKEN")
      }
      assert.deepStrictEqual(callsOf(run).filter((call) => !call.includes("tickets.")), [
        "GET catalog.example.com/services/shop"
      ])
    }))

  it.effect("grants the access that the owner approves, and closes the ticket", () =>
    Effect.gen(function*() {
      const run = yield* runExample("ticket-triage", {
        inputs,
        http: [tickets(access), ...upstreams],
        signals: [approval(true)]
      })
      assert.deepStrictEqual(run.outputs, { team: "shop", granted: true, answer: "Access granted by grace" })
      assert.strictEqual(run.durationMs, day)
      assert.strictEqual(Object(bodiesTo(run, "chat.example.com")[0]).to, "grace")
      assert.deepStrictEqual(bodiesTo(run, "access.example.com"), [{ user: "ada", service: "shop", for: "IT-42" }])
      assert.deepStrictEqual(callsOfTools(run), [got, assignedTo("shop"), commented("Access granted by grace", true)])
    }))

  it.effect("grants nothing that the owner refuses, or does not answer to", () =>
    Effect.gen(function*() {
      const http = [tickets(access), ...upstreams]
      const refused = yield* runExample("ticket-triage", { inputs, http, signals: [approval(false)] })
      assert.deepStrictEqual(refused.outputs, { team: "shop", granted: false, answer: "Access refused by grace" })
      const silent = yield* runExample("ticket-triage", { inputs, http })
      assert.deepStrictEqual(silent.outputs, { team: "shop", granted: false, answer: "No access: nobody answered" })
      assert.strictEqual(silent.durationMs, 2 * day)
      for (const run of [refused, silent]) {
        assert.strictEqual(run.step("decision.then.grant")?.status, "skipped")
        assert.deepStrictEqual(bodiesTo(run, "access.example.com"), [])
      }
    }))

  it.effect("asks a ticket system that is not well again, and gives each attempt the same key", () =>
    Effect.gen(function*() {
      let calls = 0
      const unwell = tickets({ ...access, kind: "incident" }, () => calls++ < 2 ? { status: 503 } : undefined)
      const run = yield* runExample("ticket-triage", { inputs, http: [unwell, ...upstreams] })
      assert.strictEqual(run.status, "completed")
      assert.strictEqual(run.step("ticket")?.attempts, 3)
      const asked = { tool: "get_ticket", arguments: { id: "IT-42" }, key: `${run.id}:ticket` }
      assert.deepStrictEqual(toolCalls(run.requests, server).slice(0, 3), [asked, asked, asked])
    }))

  it.effect("puts access and team back when the ticket can't be told", () =>
    Effect.gen(function*() {
      const silent = tickets(access, ({ tool }) => tool === "comment_ticket" ? { status: 500 } : undefined)
      const run = yield* runExample("ticket-triage", {
        inputs,
        http: [silent, ...upstreams],
        signals: [approval(true)]
      })
      assert.strictEqual(run.status, "failed")
      assert.deepStrictEqual([run.error?.stepId, run.error?.code], [StepId.make("comment"), "http-5xx"])
      assert.strictEqual(run.step("comment")?.attempts, 6)
      assert.strictEqual(run.step("decision.then.grant:undo")?.status, "completed")
      assert.include(callsOf(run), "DELETE access.example.com/grants/g-7")
      assert.deepStrictEqual(callsOfTools(run).at(-1), assignedTo("service-desk"))
    }))

  it.effect("fails with what the ticket system says of a ticket that it does not have, at once", () =>
    Effect.gen(function*() {
      const none = tickets({}, () => ({ fails: "There is no ticket IT-42" }))
      const run = yield* runExample("ticket-triage", { inputs, http: [none, ...upstreams] })
      assert.deepStrictEqual(run.error, {
        stepId: StepId.make("ticket"),
        code: "mcp-error",
        message: "There is no ticket IT-42",
        details: { request: { method: "tools/call", tool: "get_ticket", url: "https://tickets.example.com/mcp" } }
      })
      assert.deepStrictEqual(callsOfTools(run), [got])
    }))
})
