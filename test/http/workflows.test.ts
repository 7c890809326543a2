import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TenantForbidden, WorkflowInvalid, WorkflowNotFound, WorkflowVersionConflict } from "../../src/domain/Errors.ts"
import { encodeCursor } from "../../src/domain/Page.ts"
import type { Workflows } from "../../src/services/Workflows.ts"
import { definition, workflow } from "./fixtures.ts"
import { problemOf, serve } from "./harness.ts"

/** A service that answers well, and what it was asked. */
const recording = (overrides: Partial<Workflows["Service"]> = {}) => {
  const asked: Array<ReadonlyArray<unknown>> = []
  const answer = <A>(value: A) => (...args: ReadonlyArray<unknown>) =>
    Effect.sync(() => {
      asked.push(args.slice(1))
      return value
    })
  const service = serve({
    workflows: {
      create: answer(workflow),
      get: answer(workflow),
      list: answer({ items: [workflow], nextCursor: "next" }),
      update: answer({ ...workflow, version: 4 }),
      remove: answer(undefined),
      ...overrides
    }
  })
  return { ...service, asked }
}

describe("answers", () => {
  it("create: 201, Location, the workflow", async () => {
    const { asked, send } = recording()
    const response = await send("POST", "/api/workflows", definition)
    assert.strictEqual(response.status, 201)
    assert.strictEqual(response.headers.get("location"), "/api/workflows/workflow-1")
    assert.strictEqual(response.headers.get("content-type"), "application/json")
    assert.deepStrictEqual(await response.json(), workflow)
    assert.deepStrictEqual(asked, [[definition]])
  })

  it("get: 200, ETag", async () => {
    const { asked, fetch } = recording()
    const response = await fetch("/api/workflows/workflow-1")
    assert.strictEqual(response.status, 200)
    assert.strictEqual(response.headers.get("etag"), "\"3\"")
    assert.deepStrictEqual(await response.json(), workflow)
    assert.deepStrictEqual(asked, [["workflow-1"]])
  })

  it("update: 200, ETag of the new version; what was read may be written back", async () => {
    const { asked, send } = recording()
    const response = await send("PUT", "/api/workflows/workflow-1", workflow)
    assert.strictEqual(response.status, 200)
    assert.strictEqual(response.headers.get("etag"), "\"4\"")
    assert.deepStrictEqual(asked, [["workflow-1", workflow, null]])
  })

  it("remove: 204, no body", async () => {
    const { asked, fetch } = recording()
    const response = await fetch("/api/workflows/workflow-1", { method: "DELETE" })
    assert.strictEqual(response.status, 204)
    assert.strictEqual(await response.text(), "")
    await fetch("/api/workflows/workflow-1", { method: "DELETE", headers: { "If-Match": "\"3\"" } })
    assert.deepStrictEqual(asked, [["workflow-1", null], ["workflow-1", 3]])
  })

  it("list: 200, with every filter or none", async () => {
    const { asked, fetch } = recording()
    const response = await fetch("/api/workflows")
    assert.deepStrictEqual(await response.json(), { items: [workflow], nextCursor: "next" })
    const after = { createdAt: workflow.createdAt, id: "workflow-9" }
    await fetch(`/api/workflows/?tenantId=tenant-a&status=inactive&name=a%25b&limit=100&cursor=${encodeCursor(after)}`)
    assert.deepStrictEqual(asked, [
      [{ tenantId: null, limit: 50, after: undefined }],
      [{ tenantId: "tenant-a", status: "inactive", name: "a%b", limit: 100, after }]
    ])
  })
})

describe("errors of the service", () => {
  const issues = [{ path: ["steps", 1, "id"], message: "is the id of another step already (steps[0])" }]
  const id = workflow.id
  const cases = [
    ["WORKFLOW-001", 400, new WorkflowInvalid({ issues, missing: true })],
    ["WORKFLOW-002", 404, new WorkflowNotFound({ id })],
    ["WORKFLOW-003", 400, new WorkflowInvalid({ issues, missing: false })],
    ["WORKFLOW-004", 412, new WorkflowVersionConflict({ id, version: 3 })]
  ] as const
  for (const [code, status, error] of cases) {
    it(`${error._tag} is ${status} ${code}`, async () => {
      const { send } = recording({ update: () => Effect.fail(error) })
      const response = await send("PUT", "/api/workflows/workflow-1", {})
      assert.strictEqual(response.status, status)
      const problem = await problemOf(response)
      assert.strictEqual(problem.code, code)
      assert.strictEqual(problem.status, status)
      assert.strictEqual(problem.type, `/errors#${code}`)
      assert.deepStrictEqual(problem.issues, error._tag === "WorkflowInvalid" ? issues : undefined)
    })
  }

  it("TenantForbidden is 403 AUTH-003", async () => {
    const { send } = recording({
      create: (_, { tenantId }) => Effect.fail(new TenantForbidden({ tenantId }))
    })
    const response = await send("POST", "/api/workflows", definition)
    assert.strictEqual(response.status, 403)
    assert.strictEqual((await problemOf(response)).code, "AUTH-003")
  })

  it("WorkflowNotFound is 404 for a read and a removal", async () => {
    const notFound = () => Effect.fail(new WorkflowNotFound({ id }))
    const { fetch } = recording({ get: notFound, remove: notFound })
    for (const method of ["GET", "DELETE"]) {
      const response = await fetch("/api/workflows/workflow-1", { method })
      assert.strictEqual(response.status, 404)
      assert.strictEqual((await problemOf(response)).code, "WORKFLOW-002")
    }
  })
})

describe("a body that is not valid", () => {
  const [first] = definition.steps
  const cases = [
    ["a missing field", { ...definition, name: undefined }, "WORKFLOW-001", [["name"]]],
    [
      "a missing field of a config",
      {
        ...definition,
        steps: [first, { id: "b", type: "transform", order: 2, config: { operation: "filter", value: 1 } }]
      },
      "WORKFLOW-001",
      [["steps", 1, "config", "field"]]
    ],
    ["a wrong type", { ...definition, name: 1 }, "WORKFLOW-003", [["name"]]],
    ["an unknown member", { ...definition, owner: "me" }, "WORKFLOW-003", [["owner"]]],
    ["an unknown step type", { ...definition, steps: [{ ...first, type: "magic" }] }, "WORKFLOW-003", [[
      "steps",
      0,
      "type"
    ]]],
    [
      "an unknown member of a config",
      { ...definition, steps: [{ ...first, config: { url: "https://example.test", retries: 3 } }] },
      "WORKFLOW-003",
      [["steps", 0, "config", "retries"]]
    ],
    ["no object", [], "WORKFLOW-003", [[]]],
    [
      "steps that can't be put in order, beside something else",
      { ...definition, name: 1, steps: [first, { ...first, dependsOn: ["gone"] }] },
      "WORKFLOW-003",
      [["name"], ["steps", 1, "id"], ["steps", 1, "dependsOn", 0]]
    ],
    [
      "several at once, a missing one among them",
      { tenantId: "a b", steps: [{ ...first, order: "1" }], status: "paused", owner: "me" },
      "WORKFLOW-001",
      [["tenantId"], ["name"], ["steps", 0, "order"], ["status"], ["owner"]]
    ]
  ] as const
  for (const [name, body, code, paths] of cases) {
    it(`${name} is ${code}`, async () => {
      const { asked, send } = recording()
      const response = await send("POST", "/api/workflows", body)
      assert.strictEqual(response.status, 400)
      const problem = await problemOf(response)
      assert.strictEqual(problem.code, code)
      const found = problem.issues?.map((issue) => issue.path) ?? []
      assert.sameDeepMembers(found, paths.map((path) => [...path]))
      assert.isAbove(problem.detail.length, 0)
      assert.deepStrictEqual(asked, [])
    })
  }

  it("is told by a change too", async () => {
    const { send } = recording()
    const response = await send("PUT", "/api/workflows/workflow-1", { steps: [], owner: 1 })
    const problem = await problemOf(response)
    assert.strictEqual(problem.code, "WORKFLOW-003")
    assert.strictEqual(problem.issues?.find(({ path }) => String(path) === "owner")?.message, "is not known here")
  })
})

describe("a query that is not valid", () => {
  const cases = [
    ["limit=0", [["limit"]]],
    ["limit=101", [["limit"]]],
    ["limit=1.5", [["limit"]]],
    ["limit=ten", [["limit"]]],
    ["limit=", [["limit"]]],
    ["limit=1&limit=2", [["limit"]]],
    ["cursor=nonsense", [["cursor"]]],
    ["cursor=", [["cursor"]]],
    ["status=paused", [["status"]]],
    ["tenantId=a%20b", [["tenantId"]]],
    [`name=${"x".repeat(201)}`, [["name"]]],
    ["offset=1", [["offset"]]],
    ["limit=0&cursor=x&status=y&offset=1", [["limit"], ["cursor"], ["status"], ["offset"]]]
  ] as const
  for (const [query, paths] of cases) {
    it(`${query.slice(0, 40)} is REQUEST-001`, async () => {
      const { asked, fetch } = recording()
      const response = await fetch(`/api/workflows?${query}`)
      assert.strictEqual(response.status, 400)
      const problem = await problemOf(response)
      assert.strictEqual(problem.code, "REQUEST-001")
      const found = problem.issues?.map((issue) => issue.path) ?? []
      assert.sameDeepMembers(found, paths.map((path) => [...path]))
      assert.deepStrictEqual(asked, [])
    })
  }

  for (const query of ["limit=1", "limit=100", `name=${"x".repeat(200)}`, "name=%zz"]) {
    it(`${query.slice(0, 20)} is valid`, async () => {
      const { fetch } = recording()
      assert.strictEqual((await fetch(`/api/workflows?${query}`)).status, 200)
    })
  }
})
