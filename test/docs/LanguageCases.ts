import { assert } from "@effect/vitest"
import { Schema } from "effect"
import type { JsonObject } from "effect/Schema"
import { StepId } from "../../src/domain/Ids.ts"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import type { RunOptions, TestRun } from "../../src/testing/WorkflowTest.ts"

/** What an example of the reference does when it is run. */
export interface LanguageCase {
  readonly heading: string
  readonly says: string
  readonly options: RunOptions
  readonly check: (run: TestRun) => void
}

/** When a step began, in milliseconds since the start of the run. */
const startOf = (run: TestRun, path: string) => Date.parse(run.step(path)?.startedAt ?? "") - Date.parse(run.startedAt)

const orders = { url: "https://api.example.com/orders", respond: { body: [{ total: 10 }, { total: 32 }] } }

const workflowIds: Readonly<Record<string, string>> = {
  access: "01a20893-34f8-7560-8f27-921cd7c3ab0c",
  survey: "01a20893-5b1e-7a02-9c64-0d6f3a1b2c3d",
  failures: "01a20893-7c2f-7d13-8e75-1e7f4b2c3d4e"
}

const transformation = (expression: string) => ({
  steps: [{ id: "a", type: "transform", order: 1, config: { operation: "expression", expression } }]
})

const others = {
  "01a20893-34f8-7560-8f27-921cd7c3ab0c": {
    ...transformation("inputs.user ? $uppercase(inputs.user) : $error('Nobody')"),
    outputs: { account: "steps.a.output" }
  },
  "01a20893-5b1e-7a02-9c64-0d6f3a1b2c3d": {
    steps: [{ id: "wait", type: "delay", order: 1, config: { duration: "1h" } }]
  },
  "01a20893-7c2f-7d13-8e75-1e7f4b2c3d4e": transformation("inputs.error.code")
}

const serverInfo = { name: "tickets", version: "1" }
const complete = { resultType: "complete", ttlMs: 0, cacheScope: "private" }
const Message = Schema.fromJsonString(
  Schema.Struct({ method: Schema.String, id: Schema.optionalKey(Schema.Union([Schema.String, Schema.Finite])) })
)

/** An MCP server, by what it answers to a message. */
const tickets = (answer: (message: typeof Message.Type) => JsonObject): ScriptedRoute => ({
  url: "https://mcp.example.com/mcp",
  respond: ({ body }) => {
    const message = Schema.decodeUnknownSync(Message)(body)
    return message.id === undefined
      ? { status: 202 }
      : { body: { jsonrpc: "2.0", id: message.id, ...answer(message) } }
  }
})

/** What each example of the reference does: at least one case for each, by the heading above it. */
export const languageCases: ReadonlyArray<LanguageCase> = [
  {
    heading: "The definition",
    says: "maps its outputs",
    options: { inputs: { city: "Graz" }, http: [orders] },
    check: (run) => {
      assert.deepStrictEqual(run.outputs, { city: "Graz", total: 42 })
      assert.strictEqual(run.requests[0]?.url, "https://api.example.com/orders?city=Graz")
    }
  },
  {
    heading: "Settings",
    says: "waits for longer than a day",
    options: {},
    check: (run) => assert.strictEqual(run.durationMs, 2 * 86_400_000)
  },
  {
    heading: "Concurrency",
    says: "runs when nobody else of the customer does",
    options: {
      inputs: { customer: "c-1" },
      http: [{ method: "POST", url: "https://api.example.com/sync/c-1", respond: { body: { done: true } } }]
    },
    check: (run) => {
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.outputs, { sync: { done: true } })
    }
  },
  {
    heading: "Order",
    says: "starts each step when those before it are done",
    options: {
      http: [
        { url: "https://api.example.com/users", respond: { body: [{ name: "Ada" }], delay: "1 second" } },
        { url: "https://api.example.com/groups", respond: { body: [{ id: 1, name: "staff" }], delay: "5 seconds" } }
      ]
    },
    check: (run) => {
      assert.strictEqual(startOf(run, "count"), 1_000)
      assert.strictEqual(startOf(run, "names"), 5_000)
      assert.deepStrictEqual(run.outputs, { report: { count: 1, names: [{ name: "staff" }], by: "test" } })
    }
  },
  {
    heading: "Data",
    says: "takes the input that the configuration gives",
    options: { inputs: { customer: "Ada" } },
    check: (run) => assert.deepStrictEqual(run.outputs, { label: "Ada: 120" })
  },
  {
    heading: "Conditions",
    says: "skips the step",
    options: { inputs: { total: 0 } },
    check: (run) => {
      assert.strictEqual(run.step("charge")?.status, "skipped")
      assert.deepStrictEqual(run.outputs, { charge: null })
    }
  },
  {
    heading: "Conditions",
    says: "runs the step",
    options: { inputs: { total: 1 } },
    check: (run) => assert.deepStrictEqual(run.outputs, { charge: { total: 1, charged: true } })
  },
  {
    heading: "Retries",
    says: "tries three times",
    options: { http: [{ url: "https://rates.example.com/eur", respond: { status: 503 } }] },
    check: (run) => {
      assert.strictEqual(run.error?.code, "http-5xx")
      assert.deepStrictEqual(run.requests.map(({ at }) => Date.parse(at)), [0, 2_000, 6_000])
    }
  },
  {
    heading: "Failures",
    says: "goes on without the upstream, and warns",
    options: {
      http: [
        { url: "https://rates.example.com/eur", respond: { status: 503 } },
        { url: "https://chat.example.com/messages", respond: { body: "ok" } }
      ]
    },
    check: (run) => {
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.step("rate")?.output, { rate: 1 })
      assert.strictEqual(run.step("rate")?.error?.code, "http-5xx")
      assert.match(run.requests.at(-1)?.body ?? "", /No rate: .*503/)
    }
  },
  {
    heading: "Failures",
    says: "warns of nothing when the upstream answers",
    options: { http: [{ url: "https://rates.example.com/eur", respond: { body: { rate: 2 } } }] },
    check: (run) => {
      assert.strictEqual(run.step("warn")?.status, "skipped")
      assert.deepStrictEqual(run.outputs, { warn: null })
    }
  },
  {
    heading: "Undo",
    says: "takes the account back when there is no mailbox for it",
    options: {
      inputs: { name: "Ada" },
      http: [
        { method: "POST", url: "https://directory.example.com/users", respond: { body: { id: 7 } } },
        { url: "https://mail.example.com/boxes", respond: { status: 507 } },
        { method: "DELETE", url: "https://directory.example.com/users/7", respond: [{ status: 503 }, { status: 204 }] }
      ]
    },
    check: (run) => {
      assert.strictEqual(run.status, "failed")
      assert.strictEqual(run.error?.stepId, "mailbox")
      assert.strictEqual(run.step("account:undo")?.status, "completed")
      assert.strictEqual(run.step("account:undo")?.attempts, 2)
    }
  },
  {
    heading: "Expressions",
    says: "keeps the types of values, and puts them into text",
    options: { inputs: { name: "Ada", least: 100, orders: [{ id: "a", total: 40 }, { id: "b", total: 120 }] } },
    check: (run) =>
      assert.deepInclude(run.outputs?.["note"], {
        greeting: "Hello Ada!",
        large: "b",
        list: ["b"],
        sum: 160,
        braces: "{{ }}"
      })
  },
  {
    heading: "`http-request`",
    says: "shows who calls, and takes 404 as an answer",
    options: {
      inputs: { id: 7 },
      secrets: { API_TOKEN: "token-of-the-tenant" },
      http: [{
        url: "https://api.example.com/users/7",
        respond: ({ headers }) => ({ status: 404, body: { seen: headers["authorization"] ?? null } })
      }]
    },
    check: (run) => {
      assert.strictEqual(run.requests[0]?.headers["authorization"], "Bearer token-of-the-tenant")
      assert.strictEqual(run.requests[0]?.headers["idempotency-key"], `${run.id}:user`)
      assert.deepInclude(run.outputs?.["user"], { status: 404, body: { seen: "Bearer [secret:API_TOKEN]" } })
    }
  },
  {
    heading: "`transform`",
    says: "filters, maps and sums",
    options: { inputs: { least: 100, orders: [{ id: 1, total: 60 }, { id: 2, total: 120 }, { id: 3, total: 240 }] } },
    check: (run) => {
      assert.deepStrictEqual(run.step("lines")?.output, [{ number: 2, net: 100 }, { number: 3, net: 200 }])
      assert.deepStrictEqual(run.outputs, { sum: 300 })
    }
  },
  {
    heading: "`condition`",
    says: "runs then",
    options: { inputs: { total: 101 } },
    check: (run) => assert.deepInclude(run.outputs?.["size"], { discount: 10 })
  },
  {
    heading: "`condition`",
    says: "runs else",
    options: { inputs: { total: 100 } },
    check: (run) => assert.deepInclude(run.outputs?.["size"], { discount: 0 })
  },
  {
    heading: "`for-each`",
    says: "keeps the order, with null for the one that failed",
    options: {
      inputs: { ids: [1, 2, 3] },
      http: [
        { url: "https://api.example.com/users/1", respond: { body: "one", delay: "2 seconds" } },
        { url: "https://api.example.com/users/2", respond: { status: 404 } },
        { url: "https://api.example.com/users/3", respond: { body: "three", delay: "1 second" } }
      ]
    },
    check: (run) => {
      assert.deepStrictEqual(run.outputs, { users: ["one", null, "three"] })
      assert.isTrue(run.steps.some(({ path, status }) => path === "users[0].load" && status === "completed"))
      assert.strictEqual(run.durationMs, 2_000)
    }
  },
  {
    heading: "`delay`",
    says: "waits for both",
    options: { inputs: { at: "1970-01-01T10:00:00+01:00" } },
    check: (run) => {
      assert.strictEqual(run.step("night")?.durationMs, 8 * 3_600_000)
      assert.strictEqual(run.durationMs, 9 * 3_600_000)
      assert.deepStrictEqual(run.outputs, { morning: null })
    }
  },
  {
    heading: "`wait-for-event`",
    says: "goes on with the payload",
    options: { signals: [{ name: "approved", payload: { name: "Ada" }, after: "2 days" }] },
    check: (run) => {
      assert.deepStrictEqual(run.outputs, { by: "Ada" })
      assert.strictEqual(run.durationMs, 2 * 86_400_000)
    }
  },
  {
    heading: "`wait-for-event`",
    says: "takes a signal that came at the start",
    options: { signals: [{ name: "approved", payload: { name: "Ada" }, after: 0 }] },
    check: (run) => assert.deepStrictEqual(run.outputs, { by: "Ada" })
  },
  {
    heading: "`wait-for-event`",
    says: "fails without a signal",
    options: {},
    check: (run) => {
      assert.strictEqual(run.error?.code, "timeout")
      assert.strictEqual(run.error?.stepId, "approval")
      assert.strictEqual(run.durationMs, 3 * 86_400_000)
    }
  },
  {
    heading: "`workflow`",
    says: "waits for one child, and leaves the other",
    options: { inputs: { name: "ada" }, workflows: others },
    check: (run) => {
      assert.deepStrictEqual(run.step("access")?.output, { account: "ADA" })
      const [access, survey] = ["access", "survey"].map((step) =>
        run.children.find(({ workflowId }) => workflowId === workflowIds[step])
      )
      assert.deepStrictEqual<unknown>(run.outputs, { survey: survey?.id })
      assert.deepStrictEqual([access?.status, survey?.completedAt], ["completed", null])
      assert.deepStrictEqual(survey?.inputs, { account: "ADA" })
    }
  },
  {
    heading: "`workflow`",
    says: "fails with the child, and tells the workflow for failures",
    options: { inputs: {}, workflows: others },
    check: (run) => {
      assert.strictEqual(run.error?.code, "child-failed")
      const handled = run.children.find(({ trigger }) => trigger === "failure")
      assert.deepStrictEqual(handled?.inputs["error"], { ...run.error })
    }
  },
  {
    heading: "`mcp-tool`",
    says: "calls the tool of a server of 2026-07-28",
    options: {
      inputs: { name: "Ada" },
      secrets: { TICKETS_TOKEN: "t0ken-of-tickets" },
      http: [tickets(({ method }) =>
        method === "server/discover"
          ? { result: { supportedVersions: ["2026-07-28"], capabilities: { tools: {} }, ...complete } }
          : { result: { content: [], structuredContent: { id: "T-1" }, ...complete } }
      )]
    },
    check: (run) => {
      assert.deepStrictEqual(run.outputs, { ticket: { id: "T-1" } })
      const [, called] = run.requests
      assert.strictEqual(run.requests.length, 2)
      assert.strictEqual(called?.headers["authorization"], "Bearer t0ken-of-tickets")
      assert.include(called?.body ?? "", "\"arguments\":{\"title\":\"A laptop for Ada\"}")
    }
  },
  {
    heading: "`mcp-tool`",
    says: "fails with what the tool says",
    options: {
      inputs: { name: "Ada" },
      secrets: { TICKETS_TOKEN: "t0ken-of-tickets" },
      http: [tickets(({ method }) =>
        method === "initialize"
          ? { result: { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo } }
          : method === "tools/call"
          ? { result: { isError: true, content: [{ type: "text", text: "No laptops for t0ken-of-tickets" }] } }
          : { error: { code: -32_601, message: "Method not found" } }
      )]
    },
    check: (run) => {
      assert.deepStrictEqual(run.error, {
        stepId: StepId.make("ticket"),
        code: "mcp-error",
        message: "No laptops for [secret:TICKETS_TOKEN]",
        details: { request: { method: "tools/call", tool: "create_ticket", url: "https://mcp.example.com/mcp" } }
      })
      assert.strictEqual(run.requests.length, 4)
    }
  },
  {
    heading: "`fail`",
    says: "fails with its own code",
    options: { inputs: { total: -1 } },
    check: (run) =>
      assert.deepStrictEqual(run.error, {
        stepId: StepId.make("check"),
        code: "negative-total",
        message: "The total is -1"
      })
  },
  {
    heading: "`fail`",
    says: "is skipped",
    options: { inputs: { total: 1 } },
    check: (run) => assert.strictEqual(run.status, "completed")
  },
  {
    heading: "Triggers",
    says: "keeps the triggers",
    options: { http: [{ method: "POST", url: "https://reports.example.com/nightly", respond: { status: 202 } }] },
    check: (run) => assert.strictEqual(run.status, "completed")
  },
  {
    heading: "Webhooks",
    says: "bills the order",
    options: {
      inputs: { order: "o-7" },
      http: [{ method: "POST", url: "https://billing.example.com/orders/o-7", respond: { status: 202 } }]
    },
    check: (run) => assert.strictEqual(run.status, "completed")
  },
  {
    heading: "Tools for agents",
    says: "opens the ticket",
    options: {
      inputs: { title: "Laptop for Ada" },
      http: [{
        method: "POST",
        url: "https://desk.example.com/tickets",
        respond: (request) => ({ status: 201, body: { id: "t-1", request: JSON.parse(request.body ?? "") } })
      }]
    },
    check: (run) => assert.deepStrictEqual(run.outputs, { ticket: { id: "t-1", request: { title: "Laptop for Ada" } } })
  }
]
