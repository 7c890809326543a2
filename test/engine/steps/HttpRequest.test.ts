import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Layer, Redacted, Result, Schema } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { HttpRequestConfig } from "../../../src/domain/steps/HttpRequest.ts"
import { version } from "../../../src/domain/Version.ts"
import { Outbound } from "../../../src/engine/Outbound.ts"
import { makeHttpRequest } from "../../../src/engine/steps/HttpRequest.ts"
import { AppConfig } from "../../../src/services/AppConfig.ts"
import type { ScriptedResponse, ScriptedRoute, SeenRequest } from "../../../src/testing/ScriptedHttp.ts"
import * as ScriptedHttp from "../../../src/testing/ScriptedHttp.ts"
import { contextOf } from "./context.ts"

const decodeConfig = Schema.decodeUnknownSync(HttpRequestConfig, { errors: "all", onExcessProperty: "error" })

const outboundTo = (...outboundAllowHosts: ReadonlyArray<string>) =>
  Outbound.layer.pipe(Layer.provide(Layer.succeed(AppConfig, {
    allowedKeys: [Redacted.make("key")],
    executionObjects: 0,
    rateLimit: { maxRequests: 1, window: Duration.minutes(1), store: "memory" },
    mcp: { allowedHosts: [], requireApproval: false },
    outboundAllowHosts,
    secretsKeys: { current: null, previous: null },
    retention: Duration.days(30),
    logLevel: "Error"
  })))

const runStep = Effect.fnUntraced(function*(config: unknown) {
  const step = yield* makeHttpRequest
  return yield* Effect.result(step.run(decodeConfig(config), contextOf(null)))
})

/** A step's result and the requests that its upstreams saw, under a script. */
const runAgainst = Effect.fnUntraced(
  function*(routes: ReadonlyArray<ScriptedRoute>, config: unknown, ...allowedHosts: ReadonlyArray<string>) {
    return yield* Effect.gen(function*() {
      const result = yield* runStep(config)
      const seen = yield* (yield* ScriptedHttp.SeenRequests).all
      return { result, seen }
    }).pipe(Effect.provide([ScriptedHttp.layer(routes), outboundTo(...allowedHosts)]))
  }
)

const address = "https://api.example.com/data"
const echo: ReadonlyArray<ScriptedRoute> = [{ url: /.*/, respond: {} }]

/** The one request that a step makes. */
const requestOf = Effect.fnUntraced(function*(config: object) {
  const { result, seen } = yield* runAgainst(echo, { url: address, ...config })
  assert.deepStrictEqual(result, Result.succeed(null))
  assert.strictEqual(seen.length, 1)
  const [request] = seen
  return request ?? assert.fail("no request")
})

const answered = (respond: ScriptedResponse, config: object = {}) =>
  Effect.map(runAgainst([{ url: address, respond }], { url: address, ...config }), ({ result }) => result)

/** A step's failure as plain data. */
const failureOf = <A>(
  result: Result.Result<A, { readonly code: string; readonly message: string; readonly details?: unknown }>
) => {
  const { code, details, message } = Result.getOrThrow(Result.flip(result))
  return details === undefined ? { code, message } : { code, message, details }
}

describe("the request", () => {
  it.effect("is a GET that says who asks and for which step", () =>
    Effect.gen(function*() {
      const request = yield* requestOf({})
      assert.strictEqual(request.method, "GET")
      assert.strictEqual(request.url, address)
      assert.isNull(request.body)
      assert.deepStrictEqual(request.headers, {
        "accept": "application/json, text/*;q=0.9, */*;q=0.8",
        "user-agent": `AtlasIT-Orchestrator/${version}`,
        "idempotency-key": "exec-1:steps.a"
      })
    }))

  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]) {
    it.effect(`may be a ${method}`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* requestOf({ method })).method, method)
      }))
  }

  it.effect("carries no trace of the service's own tracing", () =>
    Effect.gen(function*() {
      const { headers } = yield* requestOf({}).pipe(Effect.withSpan("execution"))
      for (
        const name of ["traceparent", "tracestate", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "baggage"]
      ) {
        assert.notProperty(headers, name)
      }
    }))

  const queries: ReadonlyArray<readonly [url: string, query: object, sent: string]> = [
    ["https://api.example.com/", {}, "https://api.example.com/"],
    ["https://api.example.com", { a: 1 }, "https://api.example.com/?a=1"],
    ["https://api.example.com/?a=0&b=x%20y", { a: 1 }, "https://api.example.com/?a=0&b=x+y&a=1"],
    ["https://api.example.com/?", { a: true, b: false }, "https://api.example.com/?a=true&b=false"],
    ["https://api.example.com/", { "a b": "c&d=e", "": "ü" }, "https://api.example.com/?a+b=c%26d%3De&=%C3%BC"],
    ["https://api.example.com/?x=1", {}, "https://api.example.com/?x=1"],
    ["https://api.example.com/?x=%2F%20y", {}, "https://api.example.com/?x=%2F%20y"],
    ["https://API.example.com:443/%7Ea b", { n: -1.5 }, "https://api.example.com/%7Ea%20b?n=-1.5"]
  ]

  for (const [url, query, sent] of queries) {
    it.effect(`to ${url} with ${JSON.stringify(query)} goes to ${sent}`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* requestOf({ url, query })).url, sent)
      }))
  }

  it.effect("keeps a query named as a prototype's members", () =>
    Effect.gen(function*() {
      const request = yield* requestOf({ query: JSON.parse(`{"__proto__":"a","constructor":1}`) })
      assert.strictEqual(request.url, `${address}?__proto__=a&constructor=1`)
    }))

  const bodies: ReadonlyArray<readonly [name: string, config: object, body: string | null, type: string | undefined]> =
    [
      ["none", {}, null, undefined],
      ["an object", { body: { a: [1, null, "ü"] } }, "{\"a\":[1,null,\"ü\"]}", "application/json"],
      ["an array", { body: [] }, "[]", "application/json"],
      ["a number", { body: 0 }, "0", "application/json"],
      ["false", { body: false }, "false", "application/json"],
      ["null", { body: null }, "null", "application/json"],
      ["a text", { body: "a=b&ü" }, "a=b&ü", "text/plain; charset=utf-8"],
      ["an empty text", { body: "" }, "", "text/plain; charset=utf-8"],
      [
        "a text of an own type",
        { body: "a=b", headers: { "Content-Type": "application/x-www-form-urlencoded" } },
        "a=b",
        "application/x-www-form-urlencoded"
      ],
      [
        "an object of an own type",
        { body: { a: 1 }, headers: { "CONTENT-TYPE": "application/vnd.api+json" } },
        "{\"a\":1}",
        "application/vnd.api+json"
      ]
    ]

  for (const [name, config, body, type] of bodies) {
    it.effect(`may carry ${name} as its body`, () =>
      Effect.gen(function*() {
        const request = yield* requestOf({ method: "POST", ...config })
        assert.strictEqual(request.body, body)
        assert.strictEqual(request.headers["content-type"], type)
      }))
  }

  it.effect("carries the headers of the definition", () =>
    Effect.gen(function*() {
      const { headers } = yield* requestOf({
        headers: { "X-One": "1", "Authorization": "Bearer t", "Accept": "text/csv", "User-Agent": "mine" }
      })
      assert.deepStrictEqual(headers, {
        "accept": "text/csv",
        "user-agent": "mine",
        "idempotency-key": "exec-1:steps.a",
        "x-one": "1",
        "authorization": "Bearer t"
      })
    }))

  for (const name of ["Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY", "iDeMpOtEnCy-KeY"]) {
    it.effect(`takes the definition's ${name} for its own`, () =>
      Effect.gen(function*() {
        const { headers } = yield* requestOf({ method: "POST", headers: { [name]: "mine" } })
        assert.deepStrictEqual(
          Object.entries(headers).filter(([header]) => header.toLowerCase() === "idempotency-key"),
          [["idempotency-key", "mine"]]
        )
      }))
  }

  it.effect("keeps headers named as a prototype's members", () =>
    Effect.gen(function*() {
      const { headers } = yield* requestOf({
        headers: JSON.parse(`{"__proto__":"a","constructor":"b","toString":"c"}`)
      })
      assert.deepStrictEqual(
        Object.entries(headers).filter(([name]) => ["__proto__", "constructor", "tostring"].includes(name)),
        [["__proto__", "a"], ["constructor", "b"], ["tostring", "c"]]
      )
    }))
})

const json = (body: string, type = "application/json"): ScriptedResponse => ({
  body,
  headers: { "content-type": type }
})

describe("the answer", () => {
  const outputs: ReadonlyArray<readonly [name: string, answer: ScriptedResponse, output: unknown]> = [
    ["JSON", { body: { a: [1, null] } }, { a: [1, null] }],
    ["JSON null", json("null"), null],
    ["a JSON string", json("\"a\""), "a"],
    ["JSON with spaces around", json(" \n[1]\n "), [1]],
    ["JSON with a byte order mark", json("\ufeff[1]"), [1]],
    ["JSON by its media type's suffix", json("{\"a\":1}", "application/problem+json; charset=utf-8"), { a: 1 }],
    ["JSON in capitals", json("[1]", "Application/JSON;charset=UTF-8"), [1]],
    ["JSON of a vendor", json("[1]", "application/vnd.api-v2.x+json"), [1]],
    ["JSON with __proto__", json("{\"__proto__\":{\"a\":1}}"), JSON.parse("{\"__proto__\":{\"a\":1}}")],
    ["a status of 201", { status: 201, body: { id: 1 } }, { id: 1 }],
    ["text", { body: "hello" }, "hello"],
    ["text that looks like JSON", json("{\"a\":1}", "text/plain"), "{\"a\":1}"],
    ["text of several bytes a character", { body: "ü€\u{1f600}" }, "ü€\u{1f600}"],
    ["HTML", json("<p>", "text/html"), "<p>"],
    ["a sequence of JSON", json("[1]\n[2]", "application/json-seq"), "[1]\n[2]"],
    ["lines of JSON", json("[1]\n[2]", "application/jsonl"), "[1]\n[2]"],
    ["nothing", {}, null],
    ["nothing, said to be JSON", json(""), null],
    ["an empty text", { body: "" }, null],
    ["204", { status: 204 }, null],
    ["205", { status: 205 }, null],
    [
      "JSON that nests 100 deep",
      json("[".repeat(100) + "]".repeat(100)),
      JSON.parse("[".repeat(100) + "]".repeat(100))
    ],
    ["JSON of braces in a text", json(JSON.stringify("[".repeat(200))), "[".repeat(200)],
    ["1,048,576 bytes", { body: "a".repeat(1_048_576) }, "a".repeat(1_048_576)]
  ]

  for (const [name, answer, output] of outputs) {
    it.effect(`${name} becomes the output`, () =>
      Effect.gen(function*() {
        const value = Result.getOrThrow(yield* answered(answer))
        assert.deepStrictEqual(value, output)
        assert.strictEqual(JSON.stringify(value), JSON.stringify(output))
      }))
  }

  it.effect("without a media type is text", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* answered(json("{}", "")), Result.succeed("{}"))
    }))

  it.effect("to HEAD is nothing", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* answered({}, { method: "HEAD" }), Result.succeed(null))
    }))

  for (const text of ["{", "{\"a\":}", "undefined", "NaN", "[1]]", "<p>", "{'a':1}"]) {
    it.effect(`that is said to be JSON and is ${text} fails`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(failureOf(yield* answered(json(text))), {
          code: "invalid-response",
          message: "The answer is not the JSON that it says it is"
        })
      }))
  }

  for (const text of ["[".repeat(101) + "]".repeat(101), "{\"a\":".repeat(100_000)]) {
    it.effect(`of ${text.length} characters that nests deeper than 100 fails`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(failureOf(yield* answered(json(text))), {
          code: "invalid-response",
          message: "The answer nests deeper than 100"
        })
      }))
  }

  for (const body of ["a".repeat(1_048_577), "ü".repeat(524_289)]) {
    it.effect(`of ${body.length} characters and more than 1,048,576 bytes fails`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(failureOf(yield* answered({ body })), {
          code: "response-too-large",
          message: "The answer is larger than 1048576 bytes"
        })
      }))
  }

  const statuses: ReadonlyArray<readonly [status: number, code: string]> = [
    [300, "http-3xx"],
    [304, "http-3xx"],
    [302, "http-3xx"],
    [400, "http-4xx"],
    [401, "http-4xx"],
    [404, "http-4xx"],
    [409, "http-4xx"],
    [418, "http-4xx"],
    [429, "http-429"],
    [499, "http-4xx"],
    [500, "http-5xx"],
    [502, "http-5xx"],
    [503, "http-5xx"],
    [599, "http-5xx"]
  ]

  for (const [status, code] of statuses) {
    it.effect(`with the status ${status} fails with ${code}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(failureOf(yield* answered({ status, body: "because" })), {
          code,
          message: `The upstream answered ${status}`,
          details: { status, body: status === 304 ? "" : "because" }
        })
      }))
  }

  it.effect("of an error is told as it is, invalid JSON and all", () =>
    Effect.gen(function*() {
      const answer = { ...json("{"), status: 500 }
      assert.deepStrictEqual(failureOf(yield* answered(answer)).details, { status: 500, body: "{" })
    }))

  it.effect("of an error is told up to 2,000 characters", () =>
    Effect.gen(function*() {
      const { details } = failureOf(yield* answered({ status: 400, body: "e".repeat(2_001) }))
      assert.deepStrictEqual(details, { status: 400, body: "e".repeat(2_000) })
    }))

  it.effect("of an error is not cut inside of a character", () =>
    Effect.gen(function*() {
      const { details } = failureOf(yield* answered({ status: 400, body: `${"e".repeat(1_999)}😀` }))
      assert.deepStrictEqual(details, { status: 400, body: "e".repeat(1_999) })
    }))

  it.effect("of an error without a body", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(failureOf(yield* answered({ status: 503 })), {
        code: "http-5xx",
        message: "The upstream answered 503",
        details: { status: 503, body: "" }
      })
    }))

  it.effect("that never comes: the upstream can't be reached", () =>
    Effect.gen(function*() {
      const { result } = yield* runAgainst([], { url: address })
      assert.deepStrictEqual(failureOf(result), {
        code: "network",
        message: "The upstream could not be reached: the script has no answer to GET https://api.example.com/data"
      })
    }))
})

/** An upstream that answers with whatever its bodies do. */
const upstream = (respond: (url: URL) => Response) =>
  Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) => Effect.sync(() => HttpClientResponse.fromWeb(request, respond(url))))
  )

const streamOf = (chunks: ReadonlyArray<Uint8Array>) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    }
  })

const runUpstream = (respond: (url: URL) => Response) =>
  runStep({ url: address }).pipe(Effect.provide([upstream(respond), outboundTo()]))

describe("the answer as a stream", () => {
  it.effect("is not read beyond the limit, and is cancelled", () =>
    Effect.gen(function*() {
      let read = 0
      let cancelled = false
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          read++
          controller.enqueue(new Uint8Array(65_536))
        },
        cancel: () => {
          cancelled = true
        }
      }, { highWaterMark: 0 })
      const result = yield* runUpstream(() => new Response(body))
      assert.strictEqual(failureOf(result).code, "response-too-large")
      assert.strictEqual(read, 17)
      assert.isTrue(cancelled)
    }))

  it.effect("is put together from its pieces, also within a character", () =>
    Effect.gen(function*() {
      const bytes = new TextEncoder().encode("{\"a\":\"ü€\u{1f600}\"}")
      const body = streamOf(Array.from(bytes, (byte) => Uint8Array.of(byte)))
      const result = yield* runUpstream(() => new Response(body, { headers: { "content-type": "application/json" } }))
      assert.deepStrictEqual(result, Result.succeed({ a: "ü€\u{1f600}" }))
    }))

  it.effect("passes with exactly 1,048,576 bytes in pieces", () =>
    Effect.gen(function*() {
      const body = streamOf(Array.from({ length: 16 }, () => new Uint8Array(65_536).fill(0x61)))
      const result = yield* runUpstream(() => new Response(body))
      assert.deepStrictEqual(result, Result.succeed("a".repeat(1_048_576)))
    }))

  it.effect("that breaks is a network failure", () =>
    Effect.gen(function*() {
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.error(new Error("connection reset"))
      })
      assert.deepStrictEqual(failureOf(yield* runUpstream(() => new Response(body))), {
        code: "network",
        message: "The upstream could not be reached: connection reset"
      })
    }))

  it.effect("of a redirect is not waited for", () =>
    Effect.gen(function*() {
      let cancelled = false
      const silent = new ReadableStream<Uint8Array>({
        cancel: () => {
          cancelled = true
        }
      })
      const result = yield* runUpstream((url) =>
        url.pathname === "/data"
          ? new Response(silent, { status: 302, headers: { location: "/next" } })
          : new Response("there")
      )
      assert.deepStrictEqual(result, Result.succeed("there"))
      assert.isTrue(cancelled)
    }), 2_000)

  it.effect("is closed when the step is interrupted", () =>
    Effect.gen(function*() {
      const reading = yield* Deferred.make<void>()
      let cancelled = false
      const body = new ReadableStream<Uint8Array>({
        pull: () => {
          Deferred.doneUnsafe(reading, Effect.void)
          return new Promise(() => undefined)
        },
        cancel: () => {
          cancelled = true
        }
      }, { highWaterMark: 0 })
      const fiber = yield* Effect.forkChild(runUpstream(() => new Response(body)))
      yield* Deferred.await(reading)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(cancelled)
    }))
})

describe("interruption", () => {
  it.effect("aborts a request that has no answer yet", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<void>()
      const finalized = yield* Deferred.make<void>()
      let aborted = false
      const hanging = Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make((_request, _url, signal) =>
          Effect.gen(function*() {
            signal.addEventListener("abort", () => {
              aborted = true
            })
            yield* Deferred.succeed(asked, undefined)
            return yield* Effect.never
          }).pipe(Effect.ensuring(Deferred.succeed(finalized, undefined)))
        )
      )
      const fiber = yield* Effect.forkChild(runStep({ url: address }).pipe(Effect.provide([hanging, outboundTo()])))
      yield* Deferred.await(asked)
      assert.isFalse(aborted)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(yield* Deferred.isDone(finalized))
      assert.isTrue(aborted)
    }))
})

const start = "https://one.example.com/start"
const redirect = (status: number, location: string): ScriptedResponse => ({ status, headers: { location } })

/** What the upstreams saw, as `method address`. */
const lines = (seen: ReadonlyArray<SeenRequest>): ReadonlyArray<string> =>
  seen.map(({ method, url }) => `${method} ${url}`)

describe("redirects", () => {
  const methods: ReadonlyArray<readonly [status: number, method: string, next: string, keepsBody: boolean]> = [
    [301, "GET", "GET", false],
    [302, "GET", "GET", false],
    [303, "GET", "GET", false],
    [307, "GET", "GET", false],
    [308, "GET", "GET", false],
    [301, "POST", "GET", false],
    [302, "POST", "GET", false],
    [303, "POST", "GET", false],
    [307, "POST", "POST", true],
    [308, "POST", "POST", true],
    [301, "PUT", "PUT", true],
    [302, "DELETE", "DELETE", true],
    [303, "PUT", "GET", false],
    [303, "DELETE", "GET", false],
    [307, "PATCH", "PATCH", true],
    [301, "HEAD", "HEAD", false],
    [303, "HEAD", "HEAD", false]
  ]

  for (const [status, method, next, keepsBody] of methods) {
    it.effect(`${status} on ${method} goes on as ${next}${keepsBody ? " with the body" : ""}`, () =>
      Effect.gen(function*() {
        const hasBody = method !== "GET" && method !== "HEAD"
        const { result, seen } = yield* runAgainst(
          [{ url: start, respond: redirect(status, "https://one.example.com/end") }, {
            url: /end/,
            respond: { body: "done" }
          }],
          {
            url: start,
            method,
            headers: { "Content-Language": "de", "x-kept": "1" },
            ...(hasBody ? { body: { a: 1 } } : {})
          }
        )
        assert.deepStrictEqual(result, Result.succeed("done"))
        assert.deepStrictEqual(lines(seen), [`${method} ${start}`, `${next} https://one.example.com/end`])
        assert.strictEqual(seen[1]?.body, keepsBody ? "{\"a\":1}" : null)
        assert.strictEqual(seen[1]?.headers["content-type"], keepsBody ? "application/json" : undefined)
        assert.strictEqual(seen[1]?.headers["x-kept"], "1")
        if (hasBody) assert.strictEqual(seen[1]?.headers["content-language"], keepsBody ? "de" : undefined)
        assert.strictEqual(seen[1]?.headers["idempotency-key"], "exec-1:steps.a")
      }))
  }

  const chain = (length: number): ReadonlyArray<ScriptedRoute> => [
    ...Array.from({ length }, (_, index): ScriptedRoute => ({
      url: index === 0 ? start : `https://one.example.com/${index}`,
      respond: redirect(302, `/${index + 1}`)
    })),
    { url: `https://one.example.com/${length}`, respond: { body: "arrived" } }
  ]

  it.effect("five are followed", () =>
    Effect.gen(function*() {
      const { result, seen } = yield* runAgainst(chain(5), { url: start })
      assert.deepStrictEqual(result, Result.succeed("arrived"))
      assert.strictEqual(seen.length, 6)
    }))

  it.effect("the sixth is refused", () =>
    Effect.gen(function*() {
      const { result, seen } = yield* runAgainst(chain(6), { url: start })
      assert.deepStrictEqual(failureOf(result), { code: "http-3xx", message: "More than 5 redirects" })
      assert.strictEqual(seen.length, 6)
    }))

  it.effect("a circle ends", () =>
    Effect.gen(function*() {
      const { result, seen } = yield* runAgainst([{ url: start, respond: redirect(307, start) }], { url: start })
      assert.strictEqual(failureOf(result).code, "http-3xx")
      assert.strictEqual(seen.length, 6)
    }))

  const locations: ReadonlyArray<readonly [location: string, to: string]> = [
    ["/other", "https://one.example.com/other"],
    ["other", "https://one.example.com/a/other"],
    ["../other", "https://one.example.com/other"],
    ["?q=1", "https://one.example.com/a/b?q=1"],
    ["//two.example.com/x", "https://two.example.com/x"],
    ["http://two.example.com", "http://two.example.com/"]
  ]

  for (const [location, to] of locations) {
    it.effect(`to ${location} goes to ${to}`, () =>
      Effect.gen(function*() {
        const from = "https://one.example.com/a/b?secret=1"
        const { seen } = yield* runAgainst(
          [{ url: /secret=1/, respond: redirect(302, location) }, { url: /.*/, respond: {} }],
          { url: from }
        )
        assert.deepStrictEqual(lines(seen), [`GET ${from}`, `GET ${to}`])
      }))
  }

  it.effect("the query of the definition is not sent again", () =>
    Effect.gen(function*() {
      const { seen } = yield* runAgainst(
        [{ url: start, respond: redirect(302, "/end") }, { url: /end/, respond: {} }],
        { url: start, query: { token: "t" } }
      )
      assert.deepStrictEqual(lines(seen), [`GET ${start}?token=t`, "GET https://one.example.com/end"])
    }))

  const secrets = {
    "Authorization": "Bearer secret",
    "Cookie": "session=1",
    "PROXY-AUTHORIZATION": "Basic x",
    "X-Plain": "kept"
  }

  const origins: ReadonlyArray<readonly [to: string, keeps: boolean]> = [
    ["https://one.example.com/end", true],
    ["https://ONE.example.com:443/end", true],
    ["https://two.example.com/end", false],
    ["http://one.example.com/end", false],
    ["https://one.example.com:8443/end", false],
    ["https://sub.one.example.com/end", false]
  ]

  for (const [to, keeps] of origins) {
    for (const status of to.startsWith("http:") ? [302] : [302, 307]) {
      it.effect(`${status} to ${to} ${keeps ? "keeps" : "drops"} the definition's headers`, () =>
        Effect.gen(function*() {
          const { result, seen } = yield* runAgainst(
            [{ url: start, respond: redirect(status, to) }, { url: /end/, respond: { body: "done" } }],
            { url: start, method: "POST", body: "x", headers: secrets }
          )
          assert.deepStrictEqual(result, Result.succeed("done"))
          const headers = seen[1]?.headers ?? {}
          assert.strictEqual(headers["authorization"], keeps ? "Bearer secret" : undefined)
          assert.strictEqual(headers["cookie"], keeps ? "session=1" : undefined)
          assert.strictEqual(headers["proxy-authorization"], keeps ? "Basic x" : undefined)
          assert.strictEqual(headers["idempotency-key"], keeps ? "exec-1:steps.a" : undefined)
          assert.strictEqual(headers["x-plain"], keeps ? "kept" : undefined)
        }))
    }
  }

  const unencrypted = "http://one.example.com/end"

  it.effect("from https to http are followed without a body, and with one refused", () =>
    Effect.gen(function*() {
      const end: ScriptedRoute = { url: unencrypted, respond: { body: "done" } }
      for (
        const [status, method] of [[307, "GET"], [308, "HEAD"], [307, "DELETE"], [303, "PUT"], [301, "POST"]] as const
      ) {
        const body = status < 307 ? { body: "x" } : {}
        const { result } = yield* runAgainst([{ url: start, respond: redirect(status, unencrypted) }, end], {
          url: start,
          method,
          ...body
        })
        assert.isTrue(Result.isSuccess(result))
      }
      for (const [status, method] of [[307, "POST"], [308, "PATCH"], [301, "PUT"], [302, "DELETE"]] as const) {
        const { result, seen } = yield* runAgainst([
          { url: start, respond: redirect(status, "https://two.example.com/") },
          { url: "https://two.example.com/", respond: redirect(status, unencrypted) },
          end
        ], { url: start, method, body: "x" })
        assert.deepStrictEqual(failureOf(result), {
          code: "http-3xx",
          message: "A redirect from https to http would send the body unencrypted"
        })
        assert.deepStrictEqual(lines(seen), [`${method} ${start}`, `${method} https://two.example.com/`])
      }
    }))

  it.effect("from http to http and to https are followed with the body", () =>
    Effect.gen(function*() {
      const from = "http://one.example.com/start"
      for (const to of [unencrypted, "https://one.example.com/end"]) {
        const { result, seen } = yield* runAgainst([
          { url: from, respond: redirect(307, to) },
          { url: to, respond: { body: "done" } }
        ], { url: from, method: "POST", body: "x" })
        assert.deepStrictEqual(result, Result.succeed("done"))
        assert.strictEqual(seen[1]?.body, "x")
      }
    }))

  it.effect("credentials that were dropped don't come back", () =>
    Effect.gen(function*() {
      const { seen } = yield* runAgainst([
        { url: start, respond: redirect(302, "https://two.example.com/middle") },
        { url: "https://two.example.com/middle", respond: redirect(302, "https://one.example.com/end") },
        { url: /end/, respond: {} }
      ], { url: start, headers: secrets })
      assert.deepStrictEqual(seen.map(({ headers }) => headers["authorization"]), [
        "Bearer secret",
        undefined,
        undefined
      ])
    }))

  const refusals: ReadonlyArray<readonly [location: string, code: string, message: string]> = [
    ["http://127.0.0.1/", "blocked-address", "127.0.0.1 is an internal address"],
    ["http://2130706433/", "blocked-address", "127.0.0.1 is an internal address"],
    ["//localhost/", "blocked-address", "localhost is an internal address"],
    ["http://169.254.169.254/latest/meta-data/", "blocked-address", "169.254.169.254 is an internal address"],
    ["http://[::ffff:10.0.0.1]/", "blocked-address", "[::ffff:a00:1] is an internal address"],
    ["https://u:p@two.example.com/", "blocked-address", "addresses with credentials can't be called"],
    ["ftp://two.example.com/", "blocked-address", "ftp: addresses can't be called"],
    ["javascript:alert(1)", "blocked-address", "javascript: addresses can't be called"],
    ["file:///etc/passwd", "blocked-address", "file: addresses can't be called"],
    ["data:text/plain,a", "blocked-address", "data: addresses can't be called"],
    ["https://", "http-3xx", "A redirect names no valid address"],
    ["http://[", "http-3xx", "A redirect names no valid address"]
  ]

  for (const [location, code, message] of refusals) {
    it.effect(`to ${location} is refused`, () =>
      Effect.gen(function*() {
        const { result, seen } = yield* runAgainst(
          [{ url: start, respond: redirect(302, location) }, { url: /.*/, respond: { body: "secret" } }],
          { url: start }
        )
        assert.deepStrictEqual(failureOf(result), { code, message })
        assert.strictEqual(seen.length, 1)
      }))
  }
})

describe("addresses", () => {
  const everywhere: ReadonlyArray<ScriptedRoute> = [{ url: /.*/, respond: { body: "reached" } }]

  const blocked: ReadonlyArray<readonly [url: string, host: string]> = [
    ["http://localhost/", "localhost"],
    ["http://LOCALHOST.:3000/", "localhost."],
    ["http://127.1:8080/", "127.0.0.1"],
    ["http://0x7f000001/", "127.0.0.1"],
    ["http://[::1]/", "[::1]"],
    ["http://192.168.1.1/", "192.168.1.1"],
    ["http://169.254.169.254/", "169.254.169.254"],
    ["http://metadata.google.internal/", "metadata.google.internal"],
    ["http://redis:6379/", "redis"]
  ]

  for (const [url, host] of blocked) {
    it.effect(`${url} is not called`, () =>
      Effect.gen(function*() {
        const { result, seen } = yield* runAgainst(everywhere, { url })
        assert.deepStrictEqual(failureOf(result), {
          code: "blocked-address",
          message: `${host} is an internal address`
        })
        assert.deepStrictEqual(seen, [])
      }))
  }

  const allowances: ReadonlyArray<readonly [allowed: string, url: string, isReached: boolean]> = [
    ["localhost", "http://localhost/", true],
    ["localhost", "http://localhost:8080/", true],
    ["LocalHost", "https://LOCALHOST/", true],
    ["localhost:8080", "http://localhost:8080/", true],
    ["localhost:8080", "http://localhost:8081/", false],
    ["localhost:8080", "http://localhost/", false],
    ["localhost", "http://127.0.0.1/", false],
    ["127.0.0.1", "http://127.0.0.1:9/", true],
    ["127.0.0.1", "http://2130706433/", true],
    ["127.0.0.1", "http://127.0.0.2/", false],
    ["[::1]", "http://[::1]:8080/", true],
    ["localhost", "http://localhost.evil.internal/", false],
    ["localhost", "http://evil.localhost/", false],
    ["localhost", "https://example.com/", true]
  ]

  for (const [allowed, url, isReached] of allowances) {
    it.effect(`with ${allowed} allowed, ${url} is ${isReached ? "called" : "not called"}`, () =>
      Effect.gen(function*() {
        const { result, seen } = yield* runAgainst(everywhere, { url }, allowed)
        assert.strictEqual(Result.isSuccess(result), isReached)
        assert.strictEqual(seen.length, isReached ? 1 : 0)
        if (Result.isFailure(result)) assert.strictEqual(result.failure.code, "blocked-address")
      }))
  }

  it.effect("an allowed host does not allow where it redirects to", () =>
    Effect.gen(function*() {
      const { result, seen } = yield* runAgainst(
        [{ url: "http://localhost/", respond: redirect(302, "http://127.0.0.1/") }, ...everywhere],
        { url: "http://localhost/" },
        "localhost"
      )
      assert.deepStrictEqual(failureOf(result), {
        code: "blocked-address",
        message: "127.0.0.1 is an internal address"
      })
      assert.strictEqual(seen.length, 1)
    }))
})
