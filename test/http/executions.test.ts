import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  EngineUnavailable,
  ExecutionFinished,
  ExecutionInvalid,
  ExecutionNotFound,
  WorkflowInactive,
  WorkflowNotFound
} from "../../src/domain/Errors.ts"
import { encodeCursor } from "../../src/domain/Page.ts"
import type { Executions } from "../../src/services/Executions.ts"
import { execution, executionDetail, workflow } from "./fixtures.ts"
import { issuePathsOf, jsonOf, problemOf, serve } from "./harness.ts"

/** A service that answers well, and what it was asked. */
const recording = (overrides: Partial<Executions["Service"]> = {}) => {
  const asked: Array<ReadonlyArray<unknown>> = []
  const answer = <A>(value: A) => (...args: ReadonlyArray<unknown>) =>
    Effect.sync(() => {
      asked.push(args.slice(1))
      return value
    })
  const service = serve({
    executions: {
      start: answer(executionDetail),
      get: answer(executionDetail),
      list: answer({ items: [execution], nextCursor: null }),
      cancel: answer({ ...executionDetail, status: "cancelled" as const }),
      signal: answer({ ...executionDetail, status: "running" as const }),
      logs: answer([]),
      ...overrides
    }
  })
  return { ...service, asked }
}

describe("answers", () => {
  it("start: 201, Location, the execution; the request's id goes with it", async () => {
    const { asked, send } = recording()
    const body = { workflowId: "workflow-1", inputs: { a: [1] }, trigger: "nightly" }
    const response = await send("POST", "/api/executions", body, { "x-request-id": "request-1" })
    assert.strictEqual(response.status, 201)
    assert.strictEqual(response.headers.get("location"), "/api/executions/execution-1")
    assert.isFalse(response.headers.has("preference-applied"))
    assert.deepStrictEqual(await response.json(), executionDetail)
    assert.deepStrictEqual(asked, [[{ ...body, requestId: "request-1", waitMillis: 0 }]])
  })

  it("get and cancel: 200", async () => {
    const { asked, fetch } = recording()
    assert.deepStrictEqual(await (await fetch("/api/executions/execution-1")).json(), executionDetail)
    const cancelled = await fetch("/api/executions/execution-1/cancel", { method: "POST" })
    assert.strictEqual(cancelled.status, 200)
    assert.strictEqual((await jsonOf(cancelled))["status"], "cancelled")
    assert.deepStrictEqual(asked, [["execution-1"], ["execution-1"]])
  })

  it("signal: 202, the execution; without a payload it is null", async () => {
    const { asked, send } = recording()
    const path = "/api/executions/execution-1/signals/approved.by_B-2"
    const response = await send("POST", path, { payload: { by: ["b"] } })
    assert.strictEqual(response.status, 202)
    assert.strictEqual((await jsonOf(response))["status"], "running")
    assert.strictEqual((await send("POST", path, {})).status, 202)
    assert.deepStrictEqual(asked, [
      ["execution-1", "approved.by_B-2", { by: ["b"] }],
      ["execution-1", "approved.by_B-2", null]
    ])
  })

  it("list: 200, with every filter or none; times of any offset are taken to UTC", async () => {
    const { asked, fetch } = recording()
    const response = await fetch("/api/executions")
    assert.deepStrictEqual(await response.json(), { items: [execution], nextCursor: null })
    const after = { createdAt: execution.createdAt, id: "execution-9" }
    const query = new URLSearchParams({
      workflowId: "workflow-1",
      tenantId: "tenant-a",
      status: "waiting",
      trigger: "nightly",
      from: "2026-11-22T12:30:00+02:30",
      to: "2026-11-22t10:00:00.1234z",
      limit: "1",
      cursor: encodeCursor(after)
    })
    await fetch(`/api/executions?${query}`)
    assert.deepStrictEqual(asked, [
      [{ tenantId: null, from: undefined, to: undefined, limit: 50, after: undefined }],
      [{
        workflowId: "workflow-1",
        tenantId: "tenant-a",
        status: "waiting",
        trigger: "nightly",
        from: "2026-11-22T10:00:00.000Z",
        to: "2026-11-22T10:00:00.123Z",
        limit: 1,
        after
      }]
    ])
  })
})

describe("Prefer", () => {
  const cases = [
    ["wait=1", 1],
    ["wait=25", 25],
    ["wait=26", 25],
    ["wait=999999999", 25],
    ["WAIT = \"7\"", 7],
    ["respond-async, wait=5; strict, handling=lenient", 5],
    ["wait=2, wait=9", 2],
    ["wait=0", null],
    ["wait=-1", null],
    ["wait=1.5", null],
    ["wait=soon", null],
    ["wait", null],
    ["await=3", null],
    ["return=minimal", null],
    ["", null]
  ] as const
  for (const [header, seconds] of cases) {
    it(`${JSON.stringify(header)} waits ${seconds ?? 0} s`, async () => {
      const { asked, send } = recording()
      const response = await send("POST", "/api/executions", { workflowId: "w" }, { prefer: header })
      assert.strictEqual(response.status, 201)
      assert.strictEqual(response.headers.get("preference-applied"), seconds === null ? null : `wait=${seconds}`)
      assert.strictEqual(Object(asked[0]?.[0]).waitMillis, (seconds ?? 0) * 1000)
    })
  }
})

describe("errors of the service", () => {
  const id = execution.id
  const unavailable = new EngineUnavailable({ cause: new Error("secret") })
  const starts = [
    ["WORKFLOW-002", 404, new WorkflowNotFound({ id: workflow.id })],
    ["EXECUTION-001", 409, new WorkflowInactive({ id: workflow.id })],
    ["EXECUTION-003", 400, new ExecutionInvalid({ issues: [{ path: ["inputs", "a"], message: "is required" }] })],
    ["EXECUTION-001", 503, unavailable]
  ] as const
  for (const [code, status, error] of starts) {
    it(`start: ${error._tag} is ${status} ${code}`, async () => {
      const { logs, send } = recording({ start: () => Effect.fail(error) })
      const response = await send("POST", "/api/executions", { workflowId: "w" }, { prefer: "wait=1" })
      assert.strictEqual(response.status, status)
      assert.strictEqual(response.headers.get("retry-after"), status === 503 ? "5" : null)
      const text = await response.text()
      assert.strictEqual(JSON.parse(text).code, code)
      assert.notInclude(text, "secret")
      assert.strictEqual(logs.some(({ level }) => level === "WARN"), status === 503)
    })
  }

  const cancels = [
    ["EXECUTION-002", 404, new ExecutionNotFound({ id })],
    ["EXECUTION-004", 409, new ExecutionFinished({ id, status: "completed" })],
    ["EXECUTION-001", 503, unavailable]
  ] as const
  for (const [code, status, error] of cancels) {
    it(`cancel: ${error._tag} is ${status} ${code}`, async () => {
      const { fetch } = recording({ cancel: () => Effect.fail(error) })
      const response = await fetch("/api/executions/execution-1/cancel", { method: "POST" })
      assert.strictEqual(response.status, status)
      assert.strictEqual(response.headers.get("retry-after"), status === 503 ? "5" : null)
      assert.strictEqual((await problemOf(response)).code, code)
    })
  }

  it("get and logs: ExecutionNotFound is 404 EXECUTION-002", async () => {
    const notFound = () => Effect.fail(new ExecutionNotFound({ id }))
    const { fetch } = recording({ get: notFound, logs: notFound })
    for (const path of ["/api/executions/1", "/api/executions/1/logs"]) {
      const response = await fetch(path)
      assert.strictEqual(response.status, 404)
      assert.strictEqual((await problemOf(response)).code, "EXECUTION-002")
    }
  })
})

describe("what is not valid", () => {
  const bodies = [
    [{}, ["workflowId"]],
    [{ workflowId: "" }, ["workflowId"]],
    [{ workflowId: "w", inputs: [] }, ["inputs"]],
    [{ workflowId: "w", inputs: "a", trigger: "", wait: 1 }, ["inputs", "trigger", "wait"]],
    [null, [""]]
  ] as const
  for (const [body, paths] of bodies) {
    it(`${JSON.stringify(body)} is EXECUTION-003`, async () => {
      const { send } = recording()
      assert.sameMembers(await issuePathsOf(await send("POST", "/api/executions", body), "EXECUTION-003"), [...paths])
    })
  }

  const queries = [
    ["from=yesterday", ["from"]],
    ["from=2026-11-22", ["from"]],
    ["from=2026-13-22T10:00:00Z", ["from"]],
    ["to=9999-12-31T23:59:59-01:00", ["to"]],
    ["to=0000-01-01T00:00:00%2B01:00", ["to"]],
    ["status=done&trigger=&page=2", ["status", "trigger", "page"]]
  ] as const
  for (const [query, paths] of queries) {
    it(`${query} is REQUEST-001`, async () => {
      const { fetch } = recording()
      assert.sameMembers(await issuePathsOf(await fetch(`/api/executions?${query}`), "REQUEST-001"), [...paths])
    })
  }
})

describe("a signal that can't be delivered", () => {
  const path = "/api/executions/execution-1/signals/approved"

  it("400, 404, 409 or 503, with a code", async () => {
    const id = executionDetail.id
    const cases = [
      [new ExecutionInvalid({ issues: [{ path: ["payload", "by"], message: "is required" }] }), 400, "EXECUTION-003"],
      [new ExecutionNotFound({ id }), 404, "EXECUTION-002"],
      [new ExecutionFinished({ id, status: "completed" }), 409, "EXECUTION-004"],
      [new EngineUnavailable({ cause: "away" }), 503, "EXECUTION-001"]
    ] as const
    for (const [error, status, code] of cases) {
      const { send } = recording({ signal: () => Effect.fail(error) })
      const response = await send("POST", path, { payload: {} })
      assert.strictEqual(response.status, status)
      assert.strictEqual((await problemOf(response)).code, code)
    }
  })

  it("names what is wrong with the call", async () => {
    const { asked, send } = recording()
    const body = await send("POST", path, { paylaod: 1 })
    assert.deepStrictEqual(await issuePathsOf(body, "EXECUTION-003"), ["paylaod"])
    assert.strictEqual((await send("POST", "/api/executions/execution-1/signals/a%20b", {})).status, 400)
    assert.strictEqual((await send("POST", `/api/executions/execution-1/signals/${"a".repeat(65)}`, {})).status, 400)
    assert.strictEqual((await send("POST", path, "{")).status, 400)
    assert.deepStrictEqual(asked, [])
  })
})
