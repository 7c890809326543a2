import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Limits } from "../../src/domain/Limits.ts"
import { problemOf, workflowOf } from "./harness/Answers.ts"
import type { Answer, Content } from "./harness/Client.ts"
import { clientOf, send } from "./harness/Client.ts"
import { callStep, definition } from "./harness/Definitions.ts"
import { operatorKey, Service } from "./harness/Service.ts"

/** What is wrong, the call, and the status and code that it is answered with. */
interface Fault extends Content {
  readonly fault: string
  readonly method: string
  readonly path: string
  readonly expected: readonly [status: number, code: string]
  /** Members of the issues' paths that the problem must name. */
  readonly issues?: ReadonlyArray<string>
  readonly answered?: Readonly<Record<string, string>>
}

const json = { "content-type": "application/json" }
const step = callStep("step-1", 1, "https://example.test/")
const body = definition("tenant-a", "Valid", [step])
const padded = (bytes: number) => {
  const text = JSON.stringify({ ...body, description: "" })
  return Buffer.from(text.replace("\"description\":\"\"", `"description":"${"x".repeat(bytes - text.length)}"`))
}
const inChunks = (bytes: Buffer) =>
  Array.from(
    { length: Math.ceil(bytes.length / 65_536) },
    (_, index) => bytes.subarray(index * 65_536, (index + 1) * 65_536)
  )
const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels)

const workflows = { method: "POST", path: "/api/workflows" }
const executions = { method: "POST", path: "/api/executions" }

const faults: ReadonlyArray<Fault> = [
  { fault: "an unknown path", method: "GET", path: "/api/nothing", expected: [404, "REQUEST-001"] },
  {
    fault: "an unknown path below a known one",
    method: "GET",
    path: "/api/workflows/a/b",
    expected: [404, "REQUEST-001"]
  },
  {
    fault: "a wrong method on a list",
    method: "DELETE",
    path: "/api/workflows",
    expected: [405, "REQUEST-001"],
    answered: { allow: "POST, GET, HEAD" }
  },
  {
    fault: "a wrong method on a resource",
    method: "PATCH",
    path: "/api/workflows/a",
    expected: [405, "REQUEST-001"],
    answered: { allow: "GET, PUT, DELETE, HEAD" }
  },
  {
    fault: "a wrong method on an action",
    method: "GET",
    path: "/api/executions/a/cancel",
    expected: [405, "REQUEST-001"],
    answered: { allow: "POST" }
  },
  {
    fault: "another media type",
    ...workflows,
    headers: { "content-type": "text/plain" },
    raw: JSON.stringify(body),
    expected: [415, "REQUEST-001"]
  },
  { fault: "no media type", ...workflows, raw: JSON.stringify(body), expected: [415, "REQUEST-001"] },
  {
    fault: "a compressed body",
    ...workflows,
    headers: { ...json, "content-encoding": "gzip" },
    raw: JSON.stringify(body),
    expected: [415, "REQUEST-001"]
  },
  {
    fault: "a body of one byte too many",
    ...workflows,
    headers: json,
    raw: padded(Limits.requestBodyBytes + 1),
    expected: [413, "REQUEST-001"]
  },
  {
    fault: "a body of one byte too many, in chunks without a length",
    ...workflows,
    headers: json,
    raw: inChunks(padded(Limits.requestBodyBytes + 1)),
    expected: [413, "REQUEST-001"]
  },
  {
    fault: "the largest body, with too long a description",
    ...workflows,
    headers: json,
    raw: padded(Limits.requestBodyBytes),
    expected: [400, "WORKFLOW-003"],
    issues: ["description"]
  },
  { fault: "no body", ...workflows, headers: json, expected: [400, "REQUEST-001"] },
  { fault: "half a body", ...workflows, headers: json, raw: "{\"name\":", expected: [400, "REQUEST-001"] },
  {
    fault: "bytes that are no UTF-8",
    ...workflows,
    headers: json,
    raw: Buffer.from("{\"name\":\"\xff\"}", "latin1"),
    expected: [400, "REQUEST-001"]
  },
  { fault: "a deep body", ...workflows, headers: json, raw: deep(10_000), expected: [400, "REQUEST-001"] },
  { fault: "a body that is no object", ...workflows, body: [], expected: [400, "WORKFLOW-003"] },
  {
    fault: "a workflow without its members",
    ...workflows,
    body: {},
    expected: [400, "WORKFLOW-001"],
    issues: ["tenantId", "name", "steps"]
  },
  {
    fault: "a step without its members",
    ...workflows,
    body: { ...body, steps: [{ id: "a", type: "http-request" }] },
    expected: [400, "WORKFLOW-001"],
    issues: ["steps.0.order", "steps.0.config"]
  },
  {
    fault: "members of the wrong type",
    ...workflows,
    body: { ...body, name: 1, description: {} },
    expected: [400, "WORKFLOW-003"],
    issues: ["name", "description"]
  },
  {
    fault: "an unknown member",
    ...workflows,
    body: { ...body, surprise: true },
    expected: [400, "WORKFLOW-003"],
    issues: ["surprise"]
  },
  {
    fault: "an unknown step type",
    ...workflows,
    body: { ...body, steps: [{ ...step, type: "magic" }] },
    expected: [400, "WORKFLOW-003"],
    issues: ["steps.0.type"]
  },
  {
    fault: "a step id that stands twice",
    ...workflows,
    body: { ...body, steps: [step, step] },
    expected: [400, "WORKFLOW-003"],
    issues: ["steps.1.id"]
  },
  {
    fault: "steps that wait for each other",
    ...workflows,
    body: { ...body, steps: [{ ...step, id: "a", dependsOn: ["b"] }, { ...step, id: "b", dependsOn: ["a"] }] },
    expected: [400, "WORKFLOW-003"]
  },
  {
    fault: "an execution of nothing",
    ...executions,
    body: {},
    expected: [400, "EXECUTION-003"],
    issues: ["workflowId"]
  },
  {
    fault: "inputs that are no object",
    ...executions,
    body: { workflowId: "a", inputs: [1] },
    expected: [400, "EXECUTION-003"],
    issues: ["inputs"]
  },
  {
    fault: "an execution of an unknown workflow",
    ...executions,
    body: { workflowId: "a" },
    expected: [404, "WORKFLOW-002"]
  },
  { fault: "an unknown workflow", method: "GET", path: "/api/workflows/a", expected: [404, "WORKFLOW-002"] },
  {
    fault: "a change of an unknown workflow",
    method: "PUT",
    path: "/api/workflows/a",
    body: { name: "b" },
    expected: [404, "WORKFLOW-002"]
  },
  { fault: "an unknown workflow's end", method: "DELETE", path: "/api/workflows/a", expected: [404, "WORKFLOW-002"] },
  { fault: "an unknown execution", method: "GET", path: "/api/executions/a", expected: [404, "EXECUTION-002"] },
  {
    fault: "an unknown execution's log",
    method: "GET",
    path: "/api/executions/a/logs",
    expected: [404, "EXECUTION-002"]
  },
  {
    fault: "an unknown execution's cancel",
    method: "POST",
    path: "/api/executions/a/cancel",
    expected: [404, "EXECUTION-002"]
  },
  ...["/api/workflows", "/api/executions", "/api/executions/a/logs"].flatMap((path) =>
    ["cursor=nonsense", "cursor=", "limit=0", "limit=101", "limit=ten"].map((query): Fault => ({
      fault: `${query} on ${path}`,
      method: "GET",
      path: `${path}?${query}`,
      expected: [400, "REQUEST-001"],
      issues: [query.replace(/=.*/, "")]
    }))
  ),
  {
    fault: "a status that there is not",
    method: "GET",
    path: "/api/executions?status=odd",
    expected: [400, "REQUEST-001"],
    issues: ["status"]
  },
  {
    fault: "a query that nobody knows",
    method: "GET",
    path: "/api/executions?colour=red",
    expected: [400, "REQUEST-001"],
    issues: ["colour"]
  },
  {
    fault: "an If-Match that is no entity tag",
    method: "PUT",
    path: "/api/workflows/a",
    headers: { "if-match": "1" },
    body: {},
    expected: [400, "REQUEST-001"],
    issues: ["if-match"]
  }
]

describe("a request with", () => {
  let service: Service
  const api = (method: string, path: string, content?: Content) => clientOf(service, operatorKey)(method, path, content)

  beforeAll(async () => {
    service = await Service.start()
  })
  afterAll(() => service?.dispose())

  const outcome = (answer: Answer) => {
    const { code, status } = problemOf(answer)
    return [status, code]
  }

  test.each(faults)("$fault", async ({ answered = {}, expected, issues, method, path, ...content }) => {
    const answer = await api(method, path, content)
    const problem = problemOf(answer)
    expect([problem.status, problem.code]).toEqual(expected)
    expect(answer.headers).toMatchObject(answered)
    const named = (problem.issues ?? []).map(({ path }) => path.join("."))
    if (issues !== undefined) expect([...new Set(named)].sort()).toEqual([...issues].sort())
  })

  test("no key, or a wrong one", async () => {
    for (
      const [method, path] of [["GET", "/api/workflows"], ["POST", "/api/executions"], [
        "GET",
        "/api/executions/a"
      ]] as const
    ) {
      expect(outcome(await send(service.url, method, path))).toEqual([401, "AUTH-001"])
      const wrong: ReadonlyArray<Record<string, string>> = [
        { "x-api-key": "wrong" },
        { "x-api-key": `${operatorKey}x` },
        { authorization: "Bearer wrong" }
      ]
      for (const headers of wrong) {
        expect(outcome(await send(service.url, method, path, { headers }))).toEqual([401, "AUTH-002"])
      }
    }
    const bearer = { authorization: `Bearer ${operatorKey}` }
    expect((await send(service.url, "GET", "/api/workflows", { headers: bearer })).status).toBe(200)
  })

  test("a workflow that is not active", async () => {
    const { id } = workflowOf(await api("POST", "/api/workflows", { body: { ...body, status: "inactive" } }), 201)
    expect(outcome(await api("POST", "/api/executions", { body: { workflowId: id } }))).toEqual([409, "EXECUTION-001"])
  })

  test("a version that is not stored", async () => {
    const { id } = workflowOf(await api("POST", "/api/workflows", { body }), 201)
    const stale = { body: { name: "New" }, headers: { "if-match": "\"7\"" } }
    expect(outcome(await api("PUT", `/api/workflows/${id}`, stale))).toEqual([412, "WORKFLOW-004"])
    const other = await api("PUT", `/api/workflows/${id}`, { body: { id: "other", tenantId: "tenant-b" } })
    expect(outcome(other)).toEqual([400, "WORKFLOW-003"])
    expect(problemOf(other).issues?.map(({ path }) => path.join("."))).toEqual(["id", "tenantId"])
    expect(workflowOf(await api("GET", `/api/workflows/${id}`))).toMatchObject({ version: 1, tenantId: "tenant-a" })
  })

  test("an id of its own is answered with it, one that can't stand in a log with another", async () => {
    const idOf = async (id: string, path = "/api/workflows/a") =>
      (await api("GET", path, { headers: { "x-request-id": id } })).headers["x-request-id"]
    expect(await idOf("my-request-1")).toBe("my-request-1")
    expect(await idOf("my-request-1", "/health")).toBe("my-request-1")
    expect(await idOf("!".repeat(128))).toBe("!".repeat(128))
    for (const bad of ["", "two words", "!".repeat(129)]) expect(await idOf(bad)).toMatch(/^[0-9a-f-]{36}$/)
  })
})
