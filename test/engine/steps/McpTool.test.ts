import { assert, describe, it } from "@effect/vitest"
import { inputRequired } from "@modelcontextprotocol/server"
import { Duration, Effect, Fiber, Layer, Redacted, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { onTestFinished, vi } from "vitest"
import { McpToolConfig } from "../../../src/domain/steps/McpTool.ts"
import { version } from "../../../src/domain/Version.ts"
import { Outbound } from "../../../src/engine/Outbound.ts"
import type { StepContext } from "../../../src/engine/StepHandler.ts"
import { makeMcpTool } from "../../../src/engine/steps/McpTool.ts"
import { AppConfig } from "../../../src/services/AppConfig.ts"
import { contextOf } from "./context.ts"
import type { Message, Seen, ToolResult, Upstream } from "./McpServers.ts"
import {
  clientOf,
  events,
  json,
  makeMoment,
  modern,
  result,
  resultText,
  rpcError,
  scripted,
  sessionful
} from "./McpServers.ts"

const outbound = Outbound.layer.pipe(Layer.provide(Layer.succeed(AppConfig, {
  allowedKeys: [Redacted.make("key")],
  executionObjects: 0,
  rateLimit: { maxRequests: 1, window: Duration.minutes(1), store: "memory" },
  mcp: { allowedHosts: [], requireApproval: false },
  outboundAllowHosts: [],
  secretsKeys: { current: null, previous: null },
  retention: Duration.days(30),
  logLevel: "Error"
})))

const address = "https://mcp.example.com/mcp"
const decodeConfig = Schema.decodeUnknownSync(McpToolConfig, { errors: "all", onExcessProperty: "error" })

/** A step that calls `upstream`, and what that saw. */
const stepTo = (upstream: Upstream, config: object = {}, context: Partial<StepContext> = {}) => {
  const { aborted, layer, seen } = clientOf(upstream)
  const run = Effect.flatMap(
    makeMcpTool,
    (step) => step.run(decodeConfig({ url: address, tool: "echo", ...config }), { ...contextOf(null), ...context })
  ).pipe(
    Effect.result,
    Effect.provide([layer, outbound])
  )
  return { run, seen, aborted }
}

const resultOf = (upstream: Upstream, config: object = {}, context: Partial<StepContext> = {}) =>
  stepTo(upstream, config, context).run

/** A step's failure as plain data. */
const failureOf = <A>(
  outcome: Result.Result<
    A,
    { readonly _tag: string; readonly message: string; readonly code?: string; details?: unknown }
  >
) => {
  const { code, details, message } = Result.getOrThrow(Result.flip(outcome))
  return details === undefined ? { code, message } : { code, message, details }
}

const lines = (seen: ReadonlyArray<Seen>): ReadonlyArray<string> =>
  seen.map(({ method, rpc }) => rpc === undefined ? method : `${method} ${rpc}`)

const echo = (name: string, args: Readonly<Record<string, unknown>>): Promise<ToolResult> =>
  Promise.resolve({ content: [{ type: "text", text: name }], structuredContent: { name, args } })
const say = (text: string): ToolResult => ({ content: [{ type: "text", text }] })

const servers: ReadonlyArray<
  readonly [name: string, make: (tool: typeof echo) => Upstream, asked: ReadonlyArray<string>]
> = [
  ["2026-07-28, in JSON", (tool) => modern(tool), [
    "POST server/discover",
    "POST tools/call"
  ]],
  ["2026-07-28, in events", (tool) => modern(tool, { responseMode: "sse" }), [
    "POST server/discover",
    "POST tools/call"
  ]],
  ["2025-11-25 with a session, in events", (tool) => sessionful(tool).upstream, [
    "POST server/discover",
    "POST initialize",
    "POST notifications/initialized",
    "POST tools/call",
    "DELETE"
  ]],
  ["2025-11-25 with a session, in JSON", (tool) => sessionful(tool, { json: true }).upstream, [
    "POST server/discover",
    "POST initialize",
    "POST notifications/initialized",
    "POST tools/call",
    "DELETE"
  ]]
]

for (const [name, make, asked] of servers) {
  describe(`a server of ${name}`, () => {
    it.effect("is asked no more than it must be, and gives the tool's structured content", () =>
      Effect.gen(function*() {
        const { run, seen } = stepTo(make(echo), { arguments: { a: 1, b: ["ü", null] } })
        assert.deepStrictEqual(yield* run, Result.succeed({ name: "echo", args: { a: 1, b: ["ü", null] } }))
        assert.deepStrictEqual(lines(seen), asked)
      }))

    it.effect("sees in each request who asks, and in the call for which step", () =>
      Effect.gen(function*() {
        const { run, seen } = stepTo(make(echo), { auth: { type: "bearer", token: "t0ken" } })
        assert.deepStrictEqual(yield* run, Result.succeed({ name: "echo", args: {} }))
        for (const { headers } of seen) {
          assert.strictEqual(headers["user-agent"], `AtlasIT-Orchestrator/${version}`)
          assert.strictEqual(headers["authorization"], "Bearer t0ken")
          for (const trace of ["traceparent", "b3"]) assert.notProperty(headers, trace)
        }
        assert.deepStrictEqual(
          seen.map(({ headers }) => headers["idempotency-key"]),
          asked.map((line) => line === "POST tools/call" ? "exec-1:steps.a" : undefined)
        )
      }))

    it.effect("is asked for a tool of any name", () =>
      Effect.gen(function*() {
        for (const tool of ["größe", "a b/c", "=?base64?x?=", " a", "😀\n"]) {
          assert.deepStrictEqual(yield* resultOf(make(echo), { tool }), Result.succeed({ name: tool, args: {} }))
        }
      }))

    it.effect("gives the blocks of a tool without structured content, also if it is one", () =>
      Effect.gen(function*() {
        const upstream = make(() => Promise.resolve(say("hello")))
        assert.deepStrictEqual(yield* resultOf(upstream), Result.succeed([{ type: "text", text: "hello" }]))
        const blocks: ToolResult["content"] = [
          { type: "text", text: "a" },
          { type: "image", data: "AAEC", mimeType: "image/png" },
          { type: "resource_link", uri: "file:///a", name: "a" },
          { type: "resource", resource: { uri: "file:///b", text: "b" } }
        ]
        const several = make(() => Promise.resolve({ content: blocks }))
        assert.deepStrictEqual<unknown>(yield* resultOf(several), Result.succeed(blocks))
        assert.deepStrictEqual(
          yield* resultOf(make(() => Promise.resolve({ content: [] }))),
          Result.succeed([])
        )
      }))

    it.effect("fails the step with what a tool says of its failure", () =>
      Effect.gen(function*() {
        const failing = (...texts: ReadonlyArray<string>) =>
          make(() => Promise.resolve({ isError: true, content: texts.map((text) => ({ type: "text", text })) }))
        assert.deepStrictEqual(failureOf(yield* resultOf(failing("No such", "ticket"))), {
          code: "mcp-error",
          message: "No such\nticket"
        })
        assert.deepStrictEqual(failureOf(yield* resultOf(failing())), { code: "mcp-error", message: "The tool failed" })
        const { message } = failureOf(yield* resultOf(failing("e".repeat(2_001))))
        assert.strictEqual(message, "e".repeat(2_000))
        const smiling = failureOf(yield* resultOf(failing(`${"e".repeat(1_999)}😀`)))
        assert.strictEqual(smiling.message, "e".repeat(1_999))
        const secret = yield* resultOf(failing(`${"e".repeat(1_998)}s3cr3t`), {}, {
          redact: (text) => text.replaceAll("s3cr3t", "*")
        })
        assert.strictEqual(failureOf(secret).message, `${"e".repeat(1_998)}*`)
      }))

    it.effect("fails the step with its JSON-RPC error", () =>
      Effect.gen(function*() {
        const upstream = make(() => Promise.reject(Object.assign(new Error("Unknown tool: s3cr3t"), { code: -32_602 })))
        const { code, details, message } = failureOf(
          yield* resultOf(upstream, {}, { redact: (text) => text.replaceAll("s3cr3t", "*") })
        )
        assert.strictEqual(code, "mcp-error")
        assert.deepStrictEqual(details, { code: -32_602 })
        assert.include(message, "Unknown tool: *")
      }))

    it.effect("sees the connection close when the step is interrupted, and its session end", () =>
      Effect.gen(function*() {
        const called = makeMoment()
        const upstream = make(() => {
          called.reach()
          return new Promise(() => undefined)
        })
        const { aborted, run, seen } = stepTo(upstream)
        const fiber = yield* Effect.forkChild(run)
        yield* called.reached
        assert.notInclude(aborted, "tools/call")
        yield* Fiber.interrupt(fiber)
        assert.include(aborted, "tools/call")
        assert.strictEqual(seen.at(-1)?.method, asked.at(-1)?.split(" ")[0])
      }))

    it.effect("fails the step if it answers too much", () =>
      Effect.gen(function*() {
        const upstream = make(() => Promise.resolve(say("a".repeat(2_000))))
        const whole = yield* resultOf(upstream, { maxBytes: 10_000 })
        assert.isTrue(Result.isSuccess(whole))
        assert.deepStrictEqual(failureOf(yield* resultOf(upstream, { maxBytes: 2_000 })), {
          code: "response-too-large",
          message: "The answer is larger than 2000 bytes"
        })
        // The call's own answer would fit.
        assert.strictEqual(failureOf(yield* resultOf(upstream, { maxBytes: 2_150 })).code, "response-too-large")
      }))

    it.effect("is not printed about, and leaves no timer", () =>
      Effect.gen(function*() {
        const spies = (["log", "debug", "info", "warn", "error"] as const).map((method) =>
          vi.spyOn(console, method).mockImplementation(() => {})
        )
        onTestFinished(() => void vi.restoreAllMocks())
        const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length
        const before = timers()
        yield* resultOf(make(echo))
        yield* resultOf(make(() => Promise.resolve({ ...say("no"), isError: true })))
        yield* resultOf(make(echo), { maxBytes: 10 })
        for (const spy of spies) assert.strictEqual(spy.mock.calls.length, 0)
        assert.isAtMost(timers(), before)
      }))
  })
}

describe("sessions", () => {
  it.effect("are ended, whatever came of the call", () =>
    Effect.gen(function*() {
      for (
        const tool of [
          () => Promise.resolve(say("done")),
          () => Promise.resolve({ ...say("no"), isError: true }),
          () => Promise.reject(new Error("broken"))
        ]
      ) {
        const { sessions, upstream } = sessionful(tool)
        yield* resultOf(upstream)
        assert.strictEqual(sessions(), 0)
      }
    }))

  it.effect("are ended when the step is interrupted, and the tool is told", () =>
    Effect.gen(function*() {
      const called = makeMoment()
      const told = makeMoment()
      const { sessions, upstream } = sessionful((_, __, { signal }) => {
        signal.addEventListener("abort", told.reach)
        called.reach()
        return new Promise(() => undefined)
      })
      const fiber = yield* Effect.forkChild(resultOf(upstream))
      yield* called.reached
      assert.strictEqual(sessions(), 1)
      yield* Fiber.interrupt(fiber)
      yield* told.reached
      assert.strictEqual(sessions(), 0)
    }))

  it.effect("that can't be ended don't fail the step, nor hold it up for longer than a second", () =>
    Effect.gen(function*() {
      const { upstream } = sessionful(echo)
      const deaf: Upstream = (request) =>
        request.method === "DELETE" ? Promise.reject(new Error("gone")) : upstream(request)
      assert.isTrue(Result.isSuccess(yield* resultOf(deaf)))

      const asked = makeMoment()
      const silent: Upstream = (request) => {
        if (request.method !== "DELETE") return upstream(request)
        asked.reach()
        return new Promise(() => undefined)
      }
      const fiber = yield* Effect.forkChild(resultOf(silent))
      yield* asked.reached
      yield* TestClock.adjust("999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.isTrue(Result.isSuccess(yield* Fiber.join(fiber)))
    }))

  it.effect("go on after a lost stream: the answer is asked for again, a second later", () =>
    Effect.gen(function*() {
      const stored: Array<readonly [id: string, stream: string, message: unknown]> = []
      const hungUp = makeMoment()
      const { upstream } = sessionful(async (_, __, { hangUp }) => {
        hangUp()
        hungUp.reach()
        return say("after all")
      }, {
        events: {
          storeEvent: (stream, message) => {
            stored.push([String(stored.length), stream, message])
            return Promise.resolve(String(stored.length - 1))
          },
          getStreamIdForEventId: (id) => Promise.resolve(stored[Number(id)]?.[1]),
          replayEventsAfter: async (id, { send }) => {
            const stream = stored[Number(id)]?.[1] ?? ""
            for (const [other, of, message] of stored) {
              // SAFETY: it is a message that the transport has stored itself.
              if (of === stream && Number(other) > Number(id)) await send(other, message as never)
            }
            return stream
          }
        }
      })
      const { run, seen } = stepTo(upstream)
      const fiber = yield* Effect.forkChild(run)
      yield* hungUp.reached
      while (fiber.pollUnsafe() === undefined) {
        yield* TestClock.withLive(Effect.sleep(1))
        yield* TestClock.adjust("1 second")
      }
      assert.deepStrictEqual(yield* Fiber.join(fiber), Result.succeed([{ type: "text", text: "after all" }]))
      assert.deepStrictEqual(lines(seen).slice(3), ["POST tools/call", "GET", "DELETE"])
      assert.isDefined(seen[4]?.headers["last-event-id"])
    }))
})

describe("a lost stream", () => {
  const losing = (again: () => Response): Upstream => {
    const upstream = scripted(() => events("id: 1\ndata:\n\n"))
    return (request) => request.method === "GET" ? Promise.resolve(again()) : upstream(request)
  }
  /** The outcome, when the clock goes on as often as it must. */
  const patiently = Effect.fnUntraced(function*(upstream: Upstream, config: object = {}) {
    const { run, seen } = stepTo(upstream, config)
    const fiber = yield* Effect.forkChild(run)
    while (fiber.pollUnsafe() === undefined) {
      yield* TestClock.withLive(Effect.sleep(1))
      yield* TestClock.adjust("1 second")
    }
    return { failure: failureOf(yield* Fiber.join(fiber)), asked: lines(seen).slice(1) }
  })

  it.effect("that can't be asked for again fails the step as the last try did", () =>
    Effect.gen(function*() {
      for (
        const [status, code] of [[404, "http-4xx"], [405, "http-4xx"], [503, "http-5xx"]] as const
      ) {
        const { asked, failure } = yield* patiently(losing(() => new Response("gone", { status })))
        assert.strictEqual(failure.code, code)
        assert.isAtMost(asked.filter((line) => line === "GET").length, 2)
      }
    }))

  it.effect("that leads elsewhere is not followed to an internal address", () =>
    Effect.gen(function*() {
      const { asked, failure } = yield* patiently(
        losing(() => new Response(null, { status: 307, headers: { location: "http://10.0.0.1/" } }))
      )
      assert.strictEqual(failure.code, "blocked-address")
      assert.deepStrictEqual(asked, ["POST tools/call", "GET"])
    }))

  it.effect("that is lost again and again is asked for once a second, as long as it fits", () =>
    Effect.gen(function*() {
      const { asked, failure } = yield* patiently(
        losing(() => events(`id: 2\nretry: 0\ndata: ${" ".repeat(80)}\n\n`)),
        {
          maxBytes: 1_000
        }
      )
      assert.strictEqual(failure.code, "response-too-large")
      assert.isAtMost(asked.length, 12)
    }))
})

describe("a step can't answer", () => {
  it.effect("a question of 2026-07-28", () =>
    Effect.gen(function*() {
      const upstream = modern(() =>
        Promise.resolve(inputRequired({
          inputRequests: {
            sure: inputRequired.elicit({ message: "Sure?", requestedSchema: { type: "object", properties: {} } })
          }
        }))
      )
      const { code, message } = failureOf(yield* resultOf(upstream))
      assert.strictEqual(code, "mcp-error")
      assert.include(message, "input")
      const asking = scripted(({ id }) =>
        json(
          JSON.stringify({
            jsonrpc: "2.0",
            id,
            result: { resultType: "input_required", inputRequests: {}, requestState: "s" }
          })
        )
      )
      assert.deepStrictEqual(failureOf(yield* resultOf(asking)), {
        code: "mcp-error",
        message: "The tool asks for input (input_required), which a step can't give"
      })
    }))

  for (const method of ["elicitation/create", "sampling/createMessage", "roots/list"]) {
    it.effect(`a question of an older server: ${method}`, () =>
      Effect.gen(function*() {
        const upstream = scripted(() =>
          events(`data: ${JSON.stringify({ jsonrpc: "2.0", id: 7, method, params: {} })}\n\n`)
        )
        assert.deepStrictEqual(failureOf(yield* resultOf(upstream)), {
          code: "mcp-error",
          message: `The tool asks for input (${method}), which a step can't give`
        })
      }))
  }
})

describe("a hostile server", () => {
  it.effect("writes no more into an error than fits, nor a secret", () =>
    Effect.gen(function*() {
      const named = (method: string) =>
        resultOf(scripted(() => events(`data: ${JSON.stringify({ jsonrpc: "2.0", id: 7, method })}\n\n`)), {}, {
          redact: (text) => text.replaceAll("s3cr3t", "*")
        })
      for (
        const [method, told] of [["m".repeat(1_000_000), "m".repeat(200)], [
          `${"m".repeat(196)}s3cr3t`,
          `${"m".repeat(196)}*`
        ]]
      ) {
        assert.deepStrictEqual(failureOf(yield* named(method ?? "")), {
          code: "mcp-error",
          message: `The tool asks for input (${told}), which a step can't give`
        })
      }
    }))

  /** Lists its tool on this page alone; each page has a cursor that the others don't have, if `cursorOf` gives it one. */
  const paged = (last: number, cursorOf = (page: number): string => `page-${page}`) => {
    let page = 0
    return scripted(({ headers, id, method }) => {
      if (method !== "tools/list") {
        return headers.get("mcp-param-a") === "1"
          ? result(id, { content: [], structuredContent: { page } })
          : rpcError(id, -32_020, "Header mismatch")
      }
      const name = ++page === last ? "echo" : "other"
      const properties = { a: { type: "string", "x-mcp-header": "A" } }
      return result(id, {
        tools: [{ name, inputSchema: { type: "object", properties } }],
        nextCursor: cursorOf(page)
      })
    })
  }

  it.effect("with an endless list of tools is asked for 20 pages of it", () =>
    Effect.gen(function*() {
      const config = { arguments: { a: "1" } }
      assert.deepStrictEqual(yield* resultOf(paged(20), config), Result.succeed({ page: 20 }))
      const { run, seen } = stepTo(paged(21), config)
      assert.deepStrictEqual(failureOf(yield* run), {
        code: "invalid-response",
        message: "The server's list of tools has more than 20 pages"
      })
      assert.lengthOf(lines(seen).filter((line) => line === "POST tools/list"), 20)
    }))

  it.effect("with a list of tools that goes in a circle is asked for no page twice", () =>
    Effect.gen(function*() {
      const { run, seen } = stepTo(paged(9, (page) => String(page % 2)))
      assert.deepStrictEqual(failureOf(yield* run), {
        code: "invalid-response",
        message: "The server's list of tools comes back to a page that it has given"
      })
      assert.lengthOf(lines(seen).filter((line) => line === "POST tools/list"), 3)
    }))

  /** A server of 2025-06-18 that gives its result once so many of its pings are answered; `answer`: what it says to that. */
  const pinging = (
    pings: number,
    answer: (request: Request) => Response = () => new Response(null, { status: 202 })
  ): Upstream => {
    let left = pings
    let finish = () => {}
    const call = (id: Message["id"]) =>
      events(
        new ReadableStream({
          start: (controller) => {
            const send = (data: string) => controller.enqueue(new TextEncoder().encode(`data: ${data}\n\n`))
            for (let ping = 0; ping < pings; ping++) {
              send(JSON.stringify({ jsonrpc: "2.0", id: `ping-${ping}`, method: "ping" }))
            }
            finish = () => {
              send(resultText(id, say("done")))
              controller.close()
            }
          }
        })
      )
    return async (request) => {
      const { id, method } = JSON.parse(await request.clone().text())
      switch (method) {
        case "server/discover":
          return rpcError(id, -32_601, "Method not found")
        case "initialize":
          return result(id, {
            protocolVersion: "2025-06-18",
            capabilities: { tools: {} },
            serverInfo: { name: "old", version: "1" }
          })
        case "notifications/initialized":
          return new Response(null, { status: 202 })
        case "tools/call":
          return call(id)
      }
      const answered = answer(request)
      if (answered.ok && --left === 0) finish()
      return answered
    }
  }

  it.effect("that pings is answered, within 100 requests in all", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* resultOf(pinging(96)), Result.succeed([{ type: "text", text: "done" }]))
      const { run, seen } = stepTo(pinging(97))
      assert.deepStrictEqual(failureOf(yield* run), {
        code: "invalid-response",
        message: "The server asked for more than 100 requests"
      })
      assert.lengthOf(seen, 100)
    }))

  const redirecting = (to: string) => (request: Request) =>
    request.url === address
      ? new Response(null, { status: 307, headers: { location: to } })
      : new Response(null, { status: 202 })

  it.effect("that redirects answers to its pings is followed on its own origin alone, and each counts", () =>
    Effect.gen(function*() {
      const near = stepTo(pinging(48, redirecting("/pings")))
      assert.isTrue(Result.isSuccess(yield* near.run))
      assert.lengthOf(near.seen.filter(({ url }) => url.endsWith("/pings")), 48)
      assert.strictEqual(failureOf(yield* resultOf(pinging(49, redirecting("/pings")))).code, "invalid-response")

      const far = stepTo(pinging(1, redirecting("https://other.example.com/")))
      assert.deepStrictEqual(failureOf(yield* far.run), {
        code: "http-3xx",
        message: "A redirect leads to another origin"
      })
      assert.deepStrictEqual([...new Set(far.seen.map(({ url }) => url))], [address])
    }))

  it.effect("aims no notification at another origin, and no end of a session anywhere", () =>
    Effect.gen(function*() {
      const { upstream } = sessionful(echo)
      const turning = (what: RegExp, to: string): Upstream => async (request) =>
        what.test(`${request.method} ${await request.clone().text()}`) ? redirecting(to)(request) : upstream(request)

      const noted = stepTo(turning(/notifications.initialized/, "https://other.example.com/"))
      assert.strictEqual(failureOf(yield* noted.run).code, "http-3xx")
      for (const to of ["https://other.example.com/", "/sessions/1"]) {
        const ended = stepTo(turning(/^DELETE/, to))
        assert.isTrue(Result.isSuccess(yield* ended.run))
        assert.deepStrictEqual(lines(ended.seen).slice(-2), ["POST tools/call", "DELETE"])
        assert.deepStrictEqual([...new Set([...noted.seen, ...ended.seen].map(({ url }) => url))], [address])
      }
    }))

  it.effect("that answers something else than it was asked fails the step at once", () =>
    Effect.gen(function*() {
      for (const send of [result, (id: Message["id"], value: object) => events(`data: ${resultText(id, value)}\n\n`)]) {
        for (const upstream of [scripted(() => send(7, { content: [] })), () => Promise.resolve(send("x", {}))]) {
          assert.deepStrictEqual(failureOf(yield* resultOf(upstream)), {
            code: "network",
            message: "The upstream ended its answer without a result"
          })
        }
        const inText = scripted(({ id }) => send(String(id), { content: [] }))
        assert.deepStrictEqual(yield* resultOf(inText), Result.succeed([]))
      }
    }))
})

describe("arguments in headers", () => {
  const mirrored: Upstream = scripted(({ headers, id, method }) =>
    method === "tools/list"
      ? result(id, {
        tools: [{
          name: "echo",
          inputSchema: {
            type: "object",
            properties: { region: { type: "string", "x-mcp-header": "Region" } }
          },
          outputSchema: { type: "object", properties: { n: { type: "string", pattern: "^(a+)+$" } } }
        }]
      })
      : headers.get("mcp-param-region") === "eu"
      ? result(id, { content: [], structuredContent: { n: 1 } })
      : rpcError(id, -32_020, "Header mismatch")
  )

  it.effect("are sent when the server misses them; its schemas don't judge what it answers", () =>
    Effect.gen(function*() {
      const { run, seen } = stepTo(mirrored, { arguments: { region: "eu" } })
      assert.deepStrictEqual(yield* run, Result.succeed({ n: 1 }))
      assert.deepStrictEqual(lines(seen), [
        "POST server/discover",
        "POST tools/call",
        "POST tools/list",
        "POST tools/call"
      ])
      assert.deepStrictEqual(seen.map(({ headers }) => headers["idempotency-key"]), [
        undefined,
        "exec-1:steps.a",
        undefined,
        "exec-1:steps.a"
      ])
    }))

  it.effect("of a tool that the server doesn't list: the server's error stands", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(failureOf(yield* resultOf(mirrored, { tool: "other" })), {
        code: "mcp-error",
        message: "Header mismatch",
        details: { code: -32_020 }
      })
    }))
})

const answers = (answer: (message: Message) => Response) => scripted(answer)

describe("statuses", () => {
  const statuses: ReadonlyArray<readonly [status: number, code: string, asked: number]> = [
    [302, "http-3xx", 1],
    [400, "http-4xx", 2],
    [401, "http-4xx", 1],
    [403, "http-4xx", 1],
    [404, "http-4xx", 2],
    [405, "http-4xx", 2],
    [429, "http-429", 1],
    [500, "http-5xx", 1],
    [503, "http-5xx", 1]
  ]

  for (const [status, code, asked] of statuses) {
    it.effect(`${status} to all is ${code}`, () =>
      Effect.gen(function*() {
        const { run, seen } = stepTo(() =>
          Promise.resolve(
            new Response("because", { status, headers: { location: "/x", "www-authenticate": "Bearer" } })
          )
        )
        assert.deepStrictEqual(failureOf(yield* run), {
          code,
          message: `The upstream answered ${status}`,
          details: { status, body: "because" }
        })
        assert.strictEqual(seen.length, asked)
      }))

    it.effect(`${status} to the call is ${code}`, () =>
      Effect.gen(function*() {
        const upstream = answers(() => new Response("s3cr3t", { status, headers: { location: "/x" } }))
        const outcome = yield* resultOf(upstream, {}, { redact: (text) => text.replaceAll("s3cr3t", "*") })
        assert.deepStrictEqual(failureOf(outcome), {
          code,
          message: `The upstream answered ${status}`,
          details: { status, body: "*" }
        })
      }))
  }

  it.effect("429 tells when to try again", () =>
    Effect.gen(function*() {
      const upstream = answers(() => new Response("", { status: 429, headers: { "retry-after": "7" } }))
      const failure = Result.getOrThrow(Result.flip(yield* resultOf(upstream)))
      assert.strictEqual(failure._tag === "StepFailure" ? failure.retryAfterMillis : 0, 7_000)
    }))
})

describe("redirects", () => {
  const moved = (status: number, to: string, then: Upstream): Upstream => (request) =>
    request.url === address
      ? Promise.resolve(new Response(null, { status, headers: { location: to } }))
      : then(request)

  for (const status of [307, 308]) {
    it.effect(`${status} is followed with the call`, () =>
      Effect.gen(function*() {
        const { run, seen } = stepTo(moved(status, "/v2/mcp", modern(echo)), { auth: { type: "bearer", token: "t" } })
        assert.deepStrictEqual(yield* run, Result.succeed({ name: "echo", args: {} }))
        assert.deepStrictEqual(seen.map(({ url }) => url), [
          address,
          "https://mcp.example.com/v2/mcp",
          address,
          "https://mcp.example.com/v2/mcp"
        ])
        assert.strictEqual(seen[3]?.headers["authorization"], "Bearer t")
        assert.strictEqual(seen[3]?.headers["idempotency-key"], "exec-1:steps.a")
      }))
  }

  it.effect("to another origin lose who calls, and keep what the protocol needs", () =>
    Effect.gen(function*() {
      const { run, seen } = stepTo(moved(307, "https://other.example.com/mcp", modern(echo)), {
        auth: { type: "header", name: "X-Key", value: "k" }
      })
      assert.deepStrictEqual(yield* run, Result.succeed({ name: "echo", args: {} }))
      assert.strictEqual(seen[2]?.headers["x-key"], "k")
      assert.notProperty(seen[3]?.headers, "x-key")
      assert.notProperty(seen[3]?.headers, "idempotency-key")
      assert.strictEqual(seen[3]?.headers["mcp-method"], "tools/call")
    }))

  for (const status of [301, 302, 303]) {
    it.effect(`${status} would drop the call, and is not followed`, () =>
      Effect.gen(function*() {
        const { run, seen } = stepTo(moved(status, "/v2/mcp", modern(echo)))
        assert.strictEqual(failureOf(yield* run).code, "http-3xx")
        assert.strictEqual(seen.length, 1)
      }))
  }

  it.effect("in a circle end", () =>
    Effect.gen(function*() {
      const { run, seen } = stepTo(() =>
        Promise.resolve(new Response(null, { status: 307, headers: { location: "/mcp" } }))
      )
      assert.deepStrictEqual(failureOf(yield* run), { code: "http-3xx", message: "More than 5 redirects" })
      assert.strictEqual(seen.length, 6)
    }))

  it.effect("from https to http would send the call unencrypted, and are not followed", () =>
    Effect.gen(function*() {
      const { run, seen } = stepTo(moved(308, "http://mcp.example.com/mcp", modern(echo)))
      assert.deepStrictEqual(failureOf(yield* run), {
        code: "http-3xx",
        message: "A redirect from https to http would send the body unencrypted"
      })
      assert.strictEqual(seen.length, 1)
    }))

  it.effect("to an internal address are refused", () =>
    Effect.gen(function*() {
      const { run, seen } = stepTo(moved(307, "http://169.254.169.254/", modern(echo)))
      assert.deepStrictEqual(failureOf(yield* run), {
        code: "blocked-address",
        message: "169.254.169.254 is an internal address"
      })
      assert.strictEqual(seen.length, 1)
    }))
})

describe("an answer", () => {
  const event = (id: Message["id"], value: object) => events(`data: ${resultText(id, value)}\n\n`)
  const nested = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth))

  it.effect("may be structured content of any kind", () =>
    Effect.gen(function*() {
      for (const structuredContent of [null, 0, "", false, [1], { a: {} }]) {
        const upstream = answers(({ id }) => result(id, { content: [], structuredContent }))
        assert.deepStrictEqual(yield* resultOf(upstream), Result.succeed(structuredContent))
      }
    }))

  for (const [name, send] of [["in JSON", result], ["in events", event]] as const) {
    it.effect(`${name} may not nest deeper than 100`, () =>
      Effect.gen(function*() {
        const upstream = answers(({ id }) => send(id, { content: [], structuredContent: { a: nested(98) } }))
        assert.deepStrictEqual(failureOf(yield* resultOf(upstream)), {
          code: "invalid-response",
          message: "The answer nests deeper than 100"
        })
        const fits = answers(({ id }) => send(id, { content: [], structuredContent: { a: nested(97) } }))
        assert.isTrue(Result.isSuccess(yield* resultOf(fits)))
      }))
  }

  const odd: ReadonlyArray<readonly [name: string, answer: () => Response, code: string, message: RegExp]> = [
    ["no JSON", () => json("<p>"), "invalid-response", /^The answer is not the JSON that it says it is$/],
    ["no message", () => json("{\"a\":1}"), "invalid-response", /no message of the protocol$/],
    ["nothing", () => json(""), "invalid-response", /no message of the protocol$/],
    ["HTML", () => new Response("<p>", { headers: { "content-type": "text/html" } }), "invalid-response", /text\/html/],
    ["202", () => new Response(null, { status: 202 }), "invalid-response", /Unexpected content type: null$/],
    ["204", () => new Response(null, { status: 204 }), "invalid-response", /Unexpected content type: null$/],
    ["no result", () => events("data: {}\n\n"), "network", /^The upstream ended its answer without a result$/],
    ["no events", () => events(""), "network", /^The upstream ended its answer without a result$/],
    ["nested 100,000 deep", () => json("[".repeat(100_000)), "invalid-response", /nests deeper than 100$/]
  ]

  for (const [name, answer, code, message] of odd) {
    it.effect(`that is ${name} fails the step with ${code}`, () =>
      Effect.gen(function*() {
        for (const upstream of [answers(answer), () => Promise.resolve(answer())]) {
          const failure = failureOf(yield* resultOf(upstream))
          assert.strictEqual(failure.code, code)
          assert.match(failure.message, message)
        }
      }))
  }

  it.effect("that is no result of a tool fails the step", () =>
    Effect.gen(function*() {
      const failure = failureOf(yield* resultOf(answers(({ id }) => result(id, { content: "text" }))))
      assert.strictEqual(failure.code, "invalid-response")
      assert.match(failure.message, /^The answer is not what MCP asks for: Invalid result for tools\/call/)
    }))

  it.effect("that breaks is a network failure", () =>
    Effect.gen(function*() {
      const broken = () =>
        events(
          new ReadableStream({
            pull: (controller) => controller.error(new Error("connection reset"))
          })
        )
      assert.deepStrictEqual(failureOf(yield* resultOf(answers(broken))), {
        code: "network",
        message: "The upstream could not be reached: connection reset"
      })
    }))

  it.effect("that never comes, since nobody is there, is one as well", () =>
    Effect.gen(function*() {
      const { run, seen } = stepTo(() => Promise.reject(new Error("refused s3cr3t")), {}, {
        redact: (text) => text.replaceAll("s3cr3t", "*")
      })
      assert.deepStrictEqual(failureOf(yield* run), {
        code: "network",
        message: "The upstream could not be reached: refused *"
      })
      assert.strictEqual(seen.length, 1)
    }))

  it.effect("without end is not read beyond the limit, and is cancelled", () =>
    Effect.gen(function*() {
      let read = 0
      let cancelled = false
      const endless = () =>
        events(
          new ReadableStream({
            pull: (controller) => {
              read++
              controller.enqueue(new TextEncoder().encode(`: ${"a".repeat(65_533)}\n`))
            },
            cancel: () => {
              cancelled = true
            }
          }, { highWaterMark: 0 })
        )
      const failure = failureOf(yield* resultOf(answers(endless)))
      assert.strictEqual(failure.code, "response-too-large")
      assert.isAtMost(read, 17)
      assert.isTrue(cancelled)
    }))

  it.effect("comes in events, also in pieces, with news before it", () =>
    Effect.gen(function*() {
      const upstream = answers(({ id }) => {
        const progress = { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: "ü" } }
        const text = `: hello\n\ndata: ${JSON.stringify(progress)}\n\nevent: message\ndata: ${
          resultText(id, say("ü€"))
        }\n\n`
        const bytes = new TextEncoder().encode(text)
        return events(
          new ReadableStream({
            start: (controller) => {
              for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
              controller.close()
            }
          })
        )
      })
      assert.deepStrictEqual(yield* resultOf(upstream), Result.succeed([{ type: "text", text: "ü€" }]))
    }))
})
