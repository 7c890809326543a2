import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { StorageError, WorkflowInvalid, WorkflowVersionConflict } from "../../src/domain/Errors.ts"
import { encodeCursor } from "../../src/domain/Page.ts"
import { encodeVersionCursor } from "../../src/domain/WorkflowVersion.ts"
import { definition, workflow } from "./fixtures.ts"
import { issuePathsOf, jsonOf, operatorKey, problemOf, serve, tenantKey } from "./harness.ts"
import { start } from "./workflowsService.ts"

const set = (values: object) => [{ id: "only", type: "transform", order: 1, config: { operation: "set", values } }]

const second = 1_000

/** A workflow of three versions, one second apart: the first has options, the third has another name. */
const history = async (members: object = {}) => {
  const service = await start()
  const first = {
    tenantId: "tenant-a",
    name: "First",
    description: "As it was",
    steps: set({ n: 1 }),
    outputs: { a: 1 }
  }
  const created = await jsonOf(await service.send("POST", "/api/workflows", { ...first, ...members }))
  const path = `/api/workflows/${String(created["id"])}`
  for (const change of [{ steps: set({ n: 2 }), triggers: ["webhook"] }, { name: "Third", status: "inactive" }]) {
    service.time.now += second
    assert.strictEqual((await service.send("PUT", path, change)).status, 200)
  }
  service.time.now += second
  return { ...service, path, id: created["id"] }
}

const at = (seconds: number) => `2026-11-22T10:00:0${seconds}.000Z`

const summaries = [
  { version: 3, name: "Third", createdAt: at(2), current: true },
  { version: 2, name: "First", createdAt: at(1), current: false },
  { version: 1, name: "First", createdAt: at(0), current: false }
]

const assertProblem = async (response: Response, status: number, code: string) => {
  assert.strictEqual(response.status, status)
  assert.strictEqual((await problemOf(response)).code, code)
}

describe("the list of versions", () => {
  it("is newest first, in pages", async () => {
    const { fetch, path } = await history()
    assert.deepStrictEqual(await jsonOf(await fetch(`${path}/versions`)), { items: summaries, nextCursor: null })
    const first = await jsonOf(await fetch(`${path}/versions?limit=2`))
    assert.deepStrictEqual(first["items"], summaries.slice(0, 2))
    const next = await jsonOf(await fetch(`${path}/versions?limit=2&cursor=${String(first["nextCursor"])}`))
    assert.deepStrictEqual(next, { items: summaries.slice(2), nextCursor: null })
  })

  it("may be empty after the first version", async () => {
    const { fetch, path } = await history()
    const response = await fetch(`${path}/versions?cursor=${encodeVersionCursor(1)}`)
    assert.deepStrictEqual(await jsonOf(response), { items: [], nextCursor: null })
  })

  const alien = encodeCursor({ createdAt: workflow.createdAt, id: "workflow-9" })
  const cases = [["limit=0", "limit"], ["limit=101", "limit"], ["cursor=nonsense", "cursor"], [
    `cursor=${alien}`,
    "cursor"
  ]]
  for (const [query = "", member = ""] of [...cases, ["status=active", "status"]]) {
    it(`${query} is REQUEST-001`, async () => {
      const { fetch, path } = await history()
      assert.deepStrictEqual(await issuePathsOf(await fetch(`${path}/versions?${query}`), "REQUEST-001"), [member])
    })
  }
})

describe("a version", () => {
  it("has its definition", async () => {
    const { fetch, path } = await history()
    assert.deepStrictEqual(await jsonOf(await fetch(`${path}/versions/1`)), {
      ...summaries[2],
      description: "As it was",
      steps: set({ n: 1 }),
      triggers: [],
      outputs: { a: 1 }
    })
    const third = await jsonOf(await fetch(`${path}/versions/3`))
    assert.deepStrictEqual(third, {
      ...summaries[0],
      description: "As it was",
      steps: set({ n: 2 }),
      triggers: ["webhook"],
      outputs: { a: 1 }
    })
  })

  for (const version of ["0", "4", "999999999"]) {
    it(`${version} is none: 404 WORKFLOW-002`, async () => {
      const { fetch, path } = await history()
      await assertProblem(await fetch(`${path}/versions/${version}`), 404, "WORKFLOW-002")
      await assertProblem(await fetch(`${path}/versions/${version}/restore`, { method: "POST" }), 404, "WORKFLOW-002")
    })
  }

  for (const version of ["-1", "1.0", "1e1", "one", "%20", "1234567890"]) {
    it(`${version} is no number: 400 REQUEST-001`, async () => {
      const { fetch, path } = await history()
      assert.deepStrictEqual(await issuePathsOf(await fetch(`${path}/versions/${version}`), "REQUEST-001"), ["version"])
    })
  }
})

describe("restoring a version", () => {
  const restore = (
    service: Awaited<ReturnType<typeof history>>,
    version: number,
    headers: Record<string, string> = {}
  ) => service.fetch(`${service.path}/versions/${version}/restore`, { method: "POST", headers })

  it("makes a new version of its definition; the status stays", async () => {
    const service = await history()
    const response = await restore(service, 1)
    assert.strictEqual(response.status, 200)
    assert.strictEqual(response.headers.get("etag"), "\"4\"")
    const restored = {
      id: service.id,
      tenantId: "tenant-a",
      name: "First",
      description: "As it was",
      steps: set({ n: 1 }),
      triggers: [],
      outputs: { a: 1 },
      status: "inactive",
      version: 4,
      createdAt: at(0),
      updatedAt: at(3)
    }
    assert.deepStrictEqual(await jsonOf(response), restored)
    assert.deepStrictEqual(await jsonOf(await service.fetch(service.path)), restored)
    const { items } = await jsonOf(await service.fetch(`${service.path}/versions`))
    assert.deepStrictEqual(items, [
      { version: 4, name: "First", createdAt: at(3), current: true },
      ...summaries.map((summary) => ({ ...summary, current: false }))
    ])
  })

  it("takes away the options that the version did not have", async () => {
    const service = await history({ outputs: undefined })
    await service.send("PUT", service.path, { settings: { timeout: "1h" }, outputs: { b: 2 } })
    const restored = await jsonOf(await restore(service, 2))
    assert.notProperty(restored, "settings")
    assert.notProperty(restored, "outputs")
    assert.notProperty(await jsonOf(await service.fetch(service.path)), "settings")
  })

  it("of the current version makes one more", async () => {
    const service = await history()
    assert.strictEqual((await jsonOf(await restore(service, 3)))["version"], 4)
  })

  it("honours If-Match", async () => {
    const service = await history()
    await assertProblem(await restore(service, 1, { "if-match": "\"2\"" }), 412, "WORKFLOW-004")
    await assertProblem(await restore(service, 1, { "if-match": "W/\"3\"" }), 412, "WORKFLOW-004")
    await assertProblem(await restore(service, 1, { "if-match": "3" }), 400, "REQUEST-001")
    assert.strictEqual((await restore(service, 1, { "if-match": "\"2\", \"3\"" })).status, 200)
    assert.strictEqual((await restore(service, 1, { "if-match": "*" })).status, 200)
  })

  it("at the same time makes a version each", async () => {
    const service = await history()
    const responses = await Promise.all([1, 2, 1].map((version) => restore(service, version)))
    const versions = await Promise.all(responses.map(async (response) => (await jsonOf(response))["version"]))
    assert.sameMembers(versions, [4, 5, 6])
  })
})

describe("a version that can't be restored", () => {
  const id = workflow.id
  const cases = [
    [
      new WorkflowInvalid({ issues: [{ path: ["steps", 0, "when"], message: "is no expression" }], missing: false }),
      400,
      "WORKFLOW-003"
    ],
    [new WorkflowVersionConflict({ id, version: 4 }), 412, "WORKFLOW-004"],
    [new StorageError({ operation: "workflows.update", cause: new Error("SELECT secret") }), 500, "INTERNAL-001"]
  ] as const
  for (const [error, status, code] of cases) {
    it(`because of ${error._tag} is ${status} ${code}`, async () => {
      const { fetch } = serve({ versions: { restore: () => Effect.fail(error) } })
      await assertProblem(await fetch("/api/workflows/1/versions/1/restore", { method: "POST" }), status, code)
    })
  }
})

describe("versions that a key may not see", () => {
  const paths = ["/versions", "/versions/1", "/versions/1/restore"]
  const method = (path: string) => path.endsWith("restore") ? "POST" : "GET"

  for (const path of paths) {
    it(`${path} of another tenant, of an unknown and of a removed workflow is 404 WORKFLOW-002`, async () => {
      const own = await history()
      const others = await history({ tenantId: "tenant-b" })
      const ask = (service: typeof own, key: string) =>
        service.fetch(service.path + path, { method: method(path), key })
      assert.strictEqual((await ask(own, tenantKey)).status, 200)
      await assertProblem(await ask(others, tenantKey), 404, "WORKFLOW-002")
      assert.strictEqual((await ask(others, operatorKey)).status, 200)
      await own.fetch(own.path, { method: "DELETE" })
      await assertProblem(await ask(own, tenantKey), 404, "WORKFLOW-002")
      await assertProblem(await ask(own, operatorKey), 404, "WORKFLOW-002")
      const unknown = await own.fetch(`/api/workflows/unknown${path}`, { method: method(path) })
      await assertProblem(unknown, 404, "WORKFLOW-002")
    })

    it(`${path} needs a key`, async () => {
      const { fetch } = await start()
      const response = await fetch(`/api/workflows/${definition.tenantId}${path}`, { method: method(path), key: null })
      await assertProblem(response, 401, "AUTH-001")
    })
  }

  it("a wrong method is 405", async () => {
    const { fetch } = await start()
    const allowed = async (path: string) =>
      (await fetch(`/api/workflows/1${path}`, { method: "DELETE" })).headers.get("allow")
    assert.deepStrictEqual(await Promise.all(paths.map(allowed)), ["GET, HEAD", "GET, HEAD", "POST"])
  })
})
