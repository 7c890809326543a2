import type { Json, JsonObject } from "effect/Schema"
import { upstreamUrl } from "../../worker/Upstream.ts"
import type { Case, Reply } from "../Case.ts"
import { done, ends, fails, give, refuses } from "../Case.ts"

const mcp = (id: string, order: number, config: JsonObject = {}, more: JsonObject = {}) => ({
  id,
  type: "mcp-tool",
  order,
  ...more,
  config: { url: `${upstreamUrl}/mcp`, tool: "t", ...config }
})

const complete = { resultType: "complete", ttlMs: 0, cacheScope: "private" }
const resultOf = (id: string | number, value: JsonObject): JsonObject => ({ jsonrpc: "2.0", id, result: value })
const text = (said: string): JsonObject => ({ content: [{ type: "text", text: said }] })

/** How a server of 2026-07-28 answers the question what it speaks, and a call after it. */
const discover: Reply = {
  json: resultOf("server-discover-probe-1", {
    supportedVersions: ["2026-07-28"],
    capabilities: { tools: {} },
    ...complete
  })
}
const called = (value: JsonObject): Reply => ({ json: resultOf(0, { ...value, ...complete }) })

/** The same of an older one, which has sessions. */
const unknownMethod: Reply = {
  status: 400,
  json: { jsonrpc: "2.0", id: null, error: { code: -32_000, message: "Server not initialized" } }
}
const initialized: Reply = {
  json: resultOf(0, {
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "old", version: "1" }
  }),
  headers: { "mcp-session-id": "s-1" }
}
const noted: Reply = { status: 202, text: "" }
const event = (message: Json): Reply => ({
  text: `event: message\ndata: ${JSON.stringify(message)}\n\n`,
  headers: { "content-type": "text/event-stream" }
})

/** Requests of as many calls. */
const posts = (count: number): ReadonlyArray<string> => Array.from({ length: count }, () => "POST /mcp")

/** The request of a failed step, as its error's details tell it. */
const request = { method: "tools/call", tool: "t", url: `${upstreamUrl}/mcp` }

const failedWith = (
  error: { readonly code: string; readonly message: string },
  requests: ReadonlyArray<string>,
  details: JsonObject = {}
) => fails({ ...error, details: { request, ...details }, stepId: "a" }, { a: "failed" }, requests)

/** `mcp-tool`: what is asked, and what becomes of the answer. */
export const tools: ReadonlyArray<Case> = [
  {
    title: "a tool gives its structured content",
    http: { "/mcp": [discover, called({ content: [], structuredContent: { id: "T-1", tags: [1.5, null, "ä😀"] } })] },
    inputs: { title: "x" },
    steps: [
      mcp("a", 1, { arguments: { title: "{{ inputs.title }}", all: "{{ inputs }}" } }),
      give("b", 2, "input.tags")
    ],
    outputs: { a: "steps.a.output", b: "steps.b.output" },
    expected: ends({ a: { id: "T-1", tags: [1.5, null, "ä😀"] }, b: [1.5, null, "ä😀"] }, done("a", "b"), posts(2))
  },
  {
    title: "a tool without structured content gives its blocks, in events too",
    http: { "/mcp": [discover, event(resultOf(0, { ...text("hello"), ...complete }))] },
    steps: [mcp("a", 1), give("b", 2, "input[type = 'text'].text")],
    outputs: { a: "steps.a.output", b: "steps.b.output" },
    expected: ends({ a: [{ type: "text", text: "hello" }], b: "hello" }, done("a", "b"), posts(2))
  },
  {
    title: "a tool of a server with sessions, which is ended",
    http: { "/mcp": [unknownMethod, initialized, noted, event(resultOf(1, text("old"))), noted] },
    steps: [mcp("a", 1)],
    expected: ends({ a: [{ type: "text", text: "old" }] }, done("a"), ["DELETE /mcp", ...posts(4)])
  },
  {
    title: "a server, a tool and arguments by expressions",
    http: { "/mcp": [discover, called({ content: [], structuredContent: { done: true } })] },
    inputs: { where: `${upstreamUrl}/mcp`, what: "t", with: { a: 1 } },
    steps: [mcp("a", 1, { url: "{{ inputs.where }}", tool: "{{ inputs.what }}", arguments: "{{ inputs.with }}" })],
    expected: ends({ a: { done: true } }, done("a"), posts(2))
  },
  {
    title: "a tool that fails, with a secret in what it says",
    http: { "/mcp": [discover, called({ isError: true, ...text("no such key: s3cr3t-val/ue+1") })] },
    secrets: { TOKEN: "s3cr3t-val/ue+1" },
    steps: [mcp("a", 1, { auth: { type: "bearer", token: "{{ secrets.TOKEN }}" } })],
    expected: failedWith({ code: "mcp-error", message: "no such key: [secret:TOKEN]" }, posts(2))
  },
  {
    title: "a secret in what a tool gives",
    http: {
      "/mcp": [discover, called({ content: [], structuredContent: { "s3cr3t-val/ue+1": "s3cr3t-val%2Fue%2B1!" } })]
    },
    secrets: { TOKEN: "s3cr3t-val/ue+1" },
    steps: [mcp("a", 1, { arguments: { key: "{{ secrets.TOKEN }}" } })],
    expected: ends({ a: { "[secret:TOKEN]": "[secret:TOKEN]!" } }, done("a"), posts(2))
  },
  {
    title: "a tool that the server does not have",
    http: {
      "/mcp": [discover, { json: { jsonrpc: "2.0", id: 0, error: { code: -32_602, message: "Unknown tool: t" } } }]
    },
    steps: [mcp("a", 1, {}, { onError: "continue" }), give("b", 2, "steps.a.error")],
    expected: ends(
      { b: { code: "mcp-error", message: "Unknown tool: t", details: { request, code: -32_602 } } },
      { a: "failed", b: "completed" },
      posts(2)
    )
  },
  {
    title: "a tool that fails is not tried again by default",
    http: { "/mcp": [discover, called({ isError: true, ...text("busy") })] },
    steps: [mcp("a", 1, {}, { retry: { attempts: 3, delay: 1, jitter: false } })],
    expected: failedWith({ code: "mcp-error", message: "busy" }, posts(2))
  },
  {
    title: "a tool that fails is tried again if the step says so",
    http: {
      "/mcp": [discover, called({ isError: true, ...text("busy") }), discover, called({ ...text("now") })]
    },
    steps: [mcp("a", 1, {}, { retry: { attempts: 3, delay: 1, jitter: false, on: ["mcp-error"] } })],
    expected: ends({ a: [{ type: "text", text: "now" }] }, { a: "completed (2)" }, posts(4))
  },
  {
    title: "a server that has too much to do is asked again",
    http: {
      "/mcp": [{ status: 429, headers: { "retry-after": "0" } }, discover, { status: 503 }, discover, called(text("a"))]
    },
    steps: [mcp("a", 1, {}, { retry: { attempts: 3, delay: 1, jitter: false } })],
    expected: ends({ a: [{ type: "text", text: "a" }] }, { a: "completed (3)" }, posts(5))
  },
  {
    title: "a server that wants another key",
    http: { "/mcp": { status: 401, text: "who?", headers: { "www-authenticate": "Bearer" } } },
    steps: [mcp("a", 1)],
    expected: failedWith(
      { code: "http-4xx", message: "The upstream answered 401" },
      posts(1),
      { status: 401, body: "who?" }
    )
  },
  {
    title: "a failure tells the server and the tool without the secrets in them",
    http: { "/mcp": { status: 403, text: "" } },
    secrets: { TOKEN: "s3cr3t-val/ue+1" },
    steps: [
      mcp("a", 1, {
        tool: "{{ secrets.TOKEN }}",
        url: `${upstreamUrl}/mcp?key={{ $encodeUrlComponent(secrets.TOKEN) }}`
      })
    ],
    expected: fails(
      {
        code: "http-4xx",
        message: "The upstream answered 403",
        details: {
          request: { method: "tools/call", tool: "[secret:TOKEN]", url: `${upstreamUrl}/mcp?key=[secret:TOKEN]` },
          status: 403,
          body: ""
        },
        stepId: "a"
      },
      { a: "failed" },
      ["POST /mcp?key=s3cr3t-val%2Fue%2B1"]
    )
  },
  {
    title: "a server that is no MCP server",
    http: { "/mcp": { text: "<p>hello</p>", headers: { "content-type": "text/html" } } },
    steps: [mcp("a", 1)],
    expected: failedWith(
      {
        code: "invalid-response",
        message: "The answer is not what MCP asks for: Unexpected content type: text/html"
      },
      posts(1)
    )
  },
  {
    title: "a server that never answers, within the step's timeout",
    http: { "/mcp": [discover, { lost: "never" }] },
    steps: [mcp("a", 1, {}, { timeout: 250 })],
    expected: fails(
      { code: "timeout", message: "The step took longer than 250 ms", stepId: "a" },
      { a: "failed" },
      posts(2)
    )
  },
  {
    title: "a server that breaks the connection",
    http: { "/mcp": [discover, { lost: "broken" }] },
    steps: [mcp("a", 1)],
    expected: failedWith(
      { code: "network", message: "The upstream could not be reached: the connection broke" },
      posts(2)
    )
  },
  {
    title: "events that end without a result",
    http: { "/mcp": [discover, { text: "", headers: { "content-type": "text/event-stream" } }] },
    steps: [mcp("a", 1)],
    expected: failedWith({ code: "network", message: "The upstream ended its answer without a result" }, posts(2))
  },
  {
    title: "an answer to another question",
    http: { "/mcp": [discover, { json: resultOf(7, { ...text("seven"), ...complete }) }] },
    steps: [mcp("a", 1)],
    expected: failedWith({ code: "network", message: "The upstream ended its answer without a result" }, posts(2))
  },
  {
    title: "a tool that asks for input",
    http: { "/mcp": [discover, { json: resultOf(0, { resultType: "input_required", requestState: "s" }) }] },
    steps: [mcp("a", 1)],
    expected: failedWith(
      { code: "mcp-error", message: "The tool asks for input (input_required), which a step can't give" },
      posts(2)
    )
  },
  {
    title: "answers that are larger than maxBytes together",
    http: { "/mcp": [discover, called(text("a".repeat(1_000)))] },
    steps: [mcp("a", 1, { maxBytes: 1_200 })],
    expected: failedWith({ code: "response-too-large", message: "The answer is larger than 1200 bytes" }, posts(2))
  },
  {
    title: "a result with a number that JSON can't say",
    http: {
      "/mcp": [discover, {
        text: JSON.stringify(resultOf(0, { content: [], structuredContent: { n: 12345 }, ...complete })).replace(
          "12345",
          "1e400"
        ),
        headers: { "content-type": "application/json" }
      }]
    },
    steps: [mcp("a", 1)],
    expected: fails(
      { code: "invalid-output", message: "The output holds a number that is too large for JSON", stepId: "a" },
      { a: "failed" },
      posts(2)
    )
  },
  {
    title: "a list of tools that goes in a circle",
    http: {
      "/mcp": [
        discover,
        { status: 400, json: { jsonrpc: "2.0", id: 0, error: { code: -32_020, message: "Header mismatch" } } },
        { json: resultOf(1, { tools: [], nextCursor: "1", ...complete }) },
        { json: resultOf(2, { tools: [], nextCursor: "1", ...complete }) }
      ]
    },
    steps: [mcp("a", 1)],
    expected: failedWith(
      {
        code: "invalid-response",
        message: "The server's list of tools comes back to a page that it has given"
      },
      posts(4)
    )
  },
  {
    title: "a redirect of a call from https to http is not followed",
    http: { "/mcp": { status: 307, text: "", headers: { location: upstreamUrl.replace("https:", "http:") } } },
    steps: [mcp("a", 1)],
    expected: failedWith(
      { code: "http-3xx", message: "A redirect from https to http would send the body unencrypted" },
      posts(1)
    )
  },
  {
    title: "a redirect of a call to an internal address is refused",
    http: { "/mcp": { status: 307, text: "", headers: { location: "http://[::ffff:169.254.169.254]/" } } },
    steps: [mcp("a", 1)],
    expected: failedWith(
      { code: "blocked-address", message: "[::ffff:a9fe:a9fe] is an internal address" },
      posts(1)
    )
  },
  {
    title: "everything that is wrong with a tool is told",
    steps: [
      mcp("a", 1, { url: "ftp://x.test/", tool: "", arguments: [], auth: { type: "digest" }, maxBytes: 0, headers: {} })
    ],
    expected: refuses(
      "WORKFLOW-003",
      "steps[0].config.arguments must be an object, not an array",
      "steps[0].config.auth.type must be one of \"bearer\", \"basic\", \"header\"",
      "steps[0].config.headers is not known here",
      "steps[0].config.maxBytes must be a value between 1 and 1048576",
      "steps[0].config.tool must be a value with a length of at least 1",
      "steps[0].config.url must be an absolute http or https URL"
    )
  }
]
