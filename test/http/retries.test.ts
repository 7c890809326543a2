import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  EngineUnavailable,
  ExecutionInvalid,
  ExecutionNotFound,
  ExecutionNotRetryable,
  StorageError,
  WorkflowInactive,
  WorkflowNotFound
} from "../../src/domain/Errors.ts"
import { ExecutionId } from "../../src/domain/Ids.ts"
import type { Retries } from "../../src/services/Retries.ts"
import { execution, executionDetail, workflow } from "./fixtures.ts"
import { issuePathsOf, problemOf, serve } from "./harness.ts"

const path = "/api/executions/first/retry"
const second = { ...executionDetail, id: ExecutionId.make("second"), retryOf: ExecutionId.make("first") }

/** A service that retries, and what it was asked. */
const recording = (answer: ReturnType<Retries["Service"]["retry"]> = Effect.succeed(second)) => {
  const asked: Array<ReadonlyArray<unknown>> = []
  const service = serve({
    retry: (_, ...args) => {
      asked.push(args)
      return answer
    }
  })
  return { ...service, asked }
}

describe("a retry", () => {
  it("answers 201, Location and the new execution; the request's id goes with it", async () => {
    const { asked, send } = recording()
    const response = await send("POST", path, { fromStep: "step-1" }, { "x-request-id": "request-2", prefer: "wait=3" })
    assert.strictEqual(response.status, 201)
    assert.strictEqual(response.headers.get("location"), "/api/executions/second")
    assert.strictEqual(response.headers.get("preference-applied"), "wait=3")
    assert.deepStrictEqual(await response.json(), second)
    assert.deepStrictEqual(asked, [["first", { fromStep: "step-1", requestId: "request-2", waitMillis: 3_000 }]])
  })

  const bodies: ReadonlyArray<readonly [title: string, init: RequestInit]> = [
    ["no body", {}],
    ["no body, but its media type", { headers: { "content-type": "application/json" } }],
    ["an empty object", { body: "{}", headers: { "content-type": "application/json" } }]
  ]
  for (const [title, init] of bodies) {
    it(`names no step with ${title}`, async () => {
      const { asked, fetch } = recording()
      const response = await fetch(path, { method: "POST", ...init, headers: { ...init.headers, "x-request-id": "r" } })
      assert.strictEqual(response.status, 201)
      assert.isFalse(response.headers.has("preference-applied"))
      assert.deepStrictEqual(asked, [["first", { requestId: "r", waitMillis: 0 }]])
    })
  }

  const invalid = [
    [{ fromStep: "" }, ["fromStep"]],
    [{ fromStep: "loop[3].call" }, ["fromStep"]],
    [{ fromStep: null }, ["fromStep"]],
    [{ fromStep: 1, step: "a" }, ["fromStep", "step"]],
    [[], [""]],
    [null, [""]]
  ] as const
  for (const [body, paths] of invalid) {
    it(`with ${JSON.stringify(body)} is EXECUTION-003`, async () => {
      const { asked, send } = recording()
      assert.sameMembers(await issuePathsOf(await send("POST", path, body), "EXECUTION-003"), [...paths])
      assert.deepStrictEqual(asked, [])
    })
  }

  for (
    const [body, status] of [["{", 400], ["nothing", 400], [`{"fromStep":"${"x".repeat(1_048_576)}"}`, 413]] as const
  ) {
    it(`with ${body.slice(0, 12)} is ${status} REQUEST-001`, async () => {
      const response = await recording().send("POST", path, body)
      assert.strictEqual(response.status, status)
      assert.strictEqual((await problemOf(response)).code, "REQUEST-001")
    })
  }

  const { id } = execution
  const refusals = [
    ["EXECUTION-002", 404, new ExecutionNotFound({ id })],
    ["EXECUTION-003", 400, new ExecutionInvalid({ issues: [{ path: ["fromStep"], message: "is no step" }] })],
    ["EXECUTION-004", 409, new ExecutionNotRetryable({ id, reason: "unfinished" })],
    ["EXECUTION-004", 409, new ExecutionNotRetryable({ id, reason: "completed" })],
    ["EXECUTION-004", 409, new ExecutionNotRetryable({ id, reason: "forgotten" })],
    ["WORKFLOW-002", 404, new WorkflowNotFound({ id: workflow.id })],
    ["EXECUTION-001", 409, new WorkflowInactive({ id: workflow.id })],
    ["EXECUTION-001", 503, new EngineUnavailable({ cause: new Error("secret") })],
    ["INTERNAL-001", 500, new StorageError({ operation: "archive.get", cause: new Error("secret") })]
  ] as const
  for (const [code, status, error] of refusals) {
    const reason = error._tag === "ExecutionNotRetryable" ? ` (${error.reason})` : ""
    it(`${error._tag}${reason} is ${status} ${code}`, async () => {
      const response = await recording(Effect.fail(error)).send("POST", path, {})
      assert.strictEqual(response.status, status)
      assert.strictEqual(response.headers.get("retry-after"), status === 503 ? "5" : null)
      const text = await response.text()
      assert.strictEqual(JSON.parse(text).code, code)
      assert.notInclude(text, "secret")
    })
  }

  it("tells the three reasons apart in words", async () => {
    const details = new Set<string>()
    for (const reason of ["unfinished", "completed", "forgotten"] as const) {
      const response = await recording(Effect.fail(new ExecutionNotRetryable({ id, reason }))).send("POST", path, {})
      details.add((await problemOf(response)).detail)
    }
    assert.strictEqual(details.size, 3)
  })

  it("may come without a body, says the document", async () => {
    const document = JSON.parse(await (await serve().fetch("/openapi.json")).text())
    const { requestBody } = document.paths["/api/executions/{id}/retry"].post
    assert.isFalse(requestBody.required)
    assert.isDefined(requestBody.content["application/json"])
  })
})
