import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { nestsDeeper } from "../../src/domain/Json.ts"
import { Limits } from "../../src/domain/Limits.ts"
import type { WorkflowCreate } from "../../src/domain/Workflow.ts"
import { definition, executionDetail, workflow } from "./fixtures.ts"
import { problemOf, serve } from "./harness.ts"

const received: Array<WorkflowCreate> = []
const service = () =>
  serve({
    workflows: {
      create: (_, input) => {
        received.push(input)
        return Effect.succeed(workflow)
      }
    },
    executions: {
      start: () => Effect.succeed(executionDetail),
      cancel: () => Effect.succeed(executionDetail)
    }
  })

const bytesOf = (length: number): string =>
  JSON.stringify(definition) + " ".repeat(length - JSON.stringify(definition).length)

const stream = (chunks: Iterable<string>) => {
  const encoder = new TextEncoder()
  const iterator = chunks[Symbol.iterator]()
  let pulled = 0
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const next = iterator.next()
      if (next.done === true) return controller.close()
      pulled++
      controller.enqueue(encoder.encode(next.value))
    },
    cancel: () => {
      cancelled = true
    }
  }, { highWaterMark: 0 })
  return { body, pulled: () => pulled, cancelled: () => cancelled }
}

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth)
const withInputs = (depth: number): string => `{"workflowId":"w","inputs":{"a":${nested(depth - 2)}}}`

describe("size", () => {
  it("1 MiB passes, one byte more is 413", async () => {
    const { send } = service()
    assert.strictEqual((await send("POST", "/api/workflows", bytesOf(1_048_576))).status, 201)
    const refused = await send("POST", "/api/workflows", bytesOf(1_048_577))
    assert.strictEqual(refused.status, 413)
    assert.strictEqual((await problemOf(refused)).code, "REQUEST-001")
  })

  it("without a content length too, and the rest is not read", async () => {
    const { handler } = service()
    const send = (body: ReadableStream) =>
      handler(
        new Request("http://service.test/api/workflows", {
          method: "POST",
          body,
          duplex: "half",
          headers: { "x-api-key": "operator-secret-key", "content-type": "application/json" }
        } as RequestInit) // SAFETY: the types of the platform don't know `duplex`, which Node asks for.
      )
    const exact = stream([bytesOf(1_000_000), " ".repeat(48_576)])
    assert.strictEqual((await send(exact.body)).status, 201)

    const endless = stream(Array.from({ length: 1_000 }, () => " ".repeat(65_536)))
    assert.strictEqual((await send(endless.body)).status, 413)
    assert.strictEqual(endless.pulled(), 17)
    assert.isTrue(endless.cancelled())
  })

  it("is refused by the content length before a byte is read", async () => {
    const { fetch } = service()
    const headers = { "content-type": "application/json", "content-length": "1048577" }
    for (const path of ["/api/workflows", "/api/executions", "/api/executions/1/cancel"]) {
      assert.strictEqual((await fetch(path, { method: "POST", body: "{}", headers })).status, 413)
    }
  })
})

describe("media type", () => {
  const text = JSON.stringify(definition)
  const cases = [
    ["application/json", 201],
    ["application/json; charset=utf-8", 201],
    ["APPLICATION/JSON", 201],
    ["application/vnd.atlasit.workflow+json", 201],
    ["text/plain", 415],
    ["text/json", 415],
    ["application/jsonp", 415],
    ["application/+json", 415],
    ["application/x-www-form-urlencoded", 415],
    ["multipart/form-data; boundary=x", 415],
    ["application/json, text/plain", 415],
    ["", 415]
  ] as const
  for (const [type, status] of cases) {
    it(`${status} for ${JSON.stringify(type)}`, async () => {
      const { fetch } = service()
      const response = await fetch("/api/workflows", { method: "POST", body: text, headers: { "content-type": type } })
      assert.strictEqual(response.status, status)
    })
  }

  it("415 when there is a body without one", async () => {
    const { fetch } = service()
    const response = await fetch("/api/workflows", { method: "POST", body: new TextEncoder().encode(text) })
    assert.strictEqual(response.status, 415)
    assert.strictEqual((await problemOf(response)).code, "REQUEST-001")
  })

  it("415 when the body is compressed", async () => {
    const { send } = service()
    assert.strictEqual((await send("POST", "/api/workflows", text, { "content-encoding": "gzip" })).status, 415)
    assert.strictEqual((await send("POST", "/api/workflows", text, { "content-encoding": "identity" })).status, 201)
  })

  it("is not asked for where no body is needed", async () => {
    const { fetch } = service()
    assert.strictEqual((await fetch("/api/executions/1/cancel", { method: "POST" })).status, 200)
    const headers = { "content-type": "text/plain" }
    assert.strictEqual((await fetch("/api/executions/1/cancel", { method: "POST", body: "x", headers })).status, 200)
  })
})

describe("text", () => {
  const cases: ReadonlyArray<readonly [string, string | Uint8Array, string]> = [
    ["nothing", "", "The request needs a JSON body"],
    ["an open brace", "{", "The body is not valid JSON"],
    ["white space", "  ", "The body is not valid JSON"],
    ["a trailing comma", "{\"a\":1,}", "The body is not valid JSON"],
    ["NaN", "NaN", "The body is not valid JSON"],
    ["a single quote", "'a'", "The body is not valid JSON"],
    ["bytes that are not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "The body is not valid UTF-8"],
    ["an encoded surrogate", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), "The body is not valid UTF-8"],
    ["a million brackets", "[".repeat(1_000_000), "The body nests deeper than 100 levels"]
  ]
  for (const [name, body, detail] of cases) {
    it(`400 for ${name}`, async () => {
      const { fetch } = service()
      for (const path of ["/api/workflows", "/api/executions"]) {
        const response = await fetch(path, { method: "POST", body, headers: { "content-type": "application/json" } })
        assert.strictEqual(response.status, 400)
        const problem = await problemOf(response)
        assert.strictEqual(problem.code, "REQUEST-001")
        assert.strictEqual(problem.detail, detail)
        assert.notProperty(problem, "issues")
      }
    })
  }

  it("may begin with a byte order mark, and holds any character", async () => {
    const { send } = service()
    const name = "\u00dcber \ud83d\ude80 \u0000 \ufeff \u202e"
    assert.strictEqual(
      (await send("POST", "/api/workflows", "\ufeff" + JSON.stringify({ ...definition, name }))).status,
      201
    )
    assert.strictEqual(received.at(-1)?.name, name)
  })
})

describe("depth", () => {
  it("100 levels pass, 101 are 400", async () => {
    const { send } = service()
    assert.strictEqual((await send("POST", "/api/executions", withInputs(100))).status, 201)
    const refused = await send("POST", "/api/executions", withInputs(101))
    assert.strictEqual(refused.status, 400)
    assert.strictEqual((await problemOf(refused)).code, "REQUEST-001")
  })

  const cases = [
    ["[]", 1, false],
    ["[]", 0, true],
    ["[[],[],[]]", 2, false],
    ["[[],[{}]]", 2, true],
    ["{\"[[[\":\"{{{\"}", 1, false],
    ["[\"\\\"[[\",1]", 1, false],
    ["[\"\\\\\",[1]]", 1, true],
    [nested(Limits.jsonDepth), Limits.jsonDepth, false],
    [nested(Limits.jsonDepth + 1), Limits.jsonDepth, true]
  ] as const
  for (const [text, limit, deeper] of cases) {
    it(`${text.slice(0, 20)} is ${deeper ? "" : "not "}deeper than ${limit}`, () => {
      assert.strictEqual(nestsDeeper(text, limit), deeper)
    })
  }
})
