import { Limits } from "../../src/domain/Limits.ts"

/** The example of the language's page. */
export const example = {
  tenantId: "tenant-123",
  name: "Data Processing Pipeline",
  description: "Process and analyze incoming data",
  steps: [
    { id: "step-1", type: "http-request", order: 1, config: { url: "https://api.example.com/data", method: "GET" } },
    { id: "step-2", type: "transform", order: 2, config: { operation: "filter", field: "status", value: "active" } }
  ],
  triggers: ["webhook", "schedule"]
}

const http = (config: object, more: object = {}) => ({
  tenantId: "tenant-1",
  name: "Test",
  steps: [{ id: "a", type: "http-request", order: 1, ...more, config: { url: "https://example.com/", ...config } }]
})

const transform = (config: object) => ({
  tenantId: "tenant-1",
  name: "Test",
  steps: [{ id: "a", type: "transform", order: 1, config }]
})

const triggered = (...triggers: ReadonlyArray<unknown>) => ({ ...http({}), triggers })

/** Definitions that the service stores. */
export const good: Record<string, object> = {
  "the example of the language": example,
  "every member of a step": http({}, {
    dependsOn: [],
    name: "Call it",
    timeout: "5m",
    onError: "continue"
  }),
  "every member of an undo": http({}, {
    undo: {
      type: "http-request",
      name: "Take it back",
      when: "input.id",
      timeout: "5s",
      retry: { attempts: 3 },
      config: { url: "https://example.com/{{ input.id }}", method: "DELETE" }
    }
  }),
  "an undo that holds steps": http({}, {
    undo: {
      type: "for-each",
      config: { steps: [{ id: "each", type: "fail", order: 1, config: { message: "x" } }] }
    }
  }),
  "a timeout in milliseconds": http({}, { timeout: 86_400_000 }),
  "the shortest retention": { ...http({}), settings: { retention: "1h" } },
  "the shortest retention in milliseconds": { ...http({}), settings: { retention: 3_600_000 } },
  "the longest retention": { ...http({}), settings: { retention: "3650d" } },
  "the longest retention in milliseconds": { ...http({}), settings: { retention: 315_360_000_000 } },
  "a negative order": http({}, { order: -5 }),
  "an id of 64 characters": http({}, { id: "A-z_0".padEnd(64, "9") }),
  "every member of a tool": {
    tenantId: "tenant-1",
    name: "Test",
    steps: [{
      id: "a",
      type: "mcp-tool",
      order: 1,
      config: {
        url: "https://mcp.example.com/mcp",
        tool: "create_ticket",
        arguments: { title: "A laptop", tags: ["a", 1, null], more: {} },
        auth: { type: "basic", username: "u", password: "p" },
        maxBytes: 1,
        input: { a: 1 }
      }
    }]
  },
  "every member of an HTTP request": http({
    method: "POST",
    headers: { "X-Custom": "a b\tc", "authorization": "Bearer x", "x!#$%&'*+.^_`|~-": "" },
    query: { "": "", "a b": 1.5, ok: true, "ü": "\u{1f600}" },
    body: { deep: [{ a: null }, [], {}, -1.5e300, "", false] }
  }),
  "a text as body": http({ method: "PUT", body: "plain" }),
  "null as body": http({ method: "PATCH", body: null }),
  "a body with DELETE": http({ method: "DELETE", body: [] }),
  "a URL in capitals": http({ url: "HTTPS://EXAMPLE.COM/%7Ea?b=c#d" }),
  "a URL of an internal address: it is refused when the step runs": http({ url: "http://127.0.0.1:9/" }),
  "filter": transform({ operation: "filter", path: "data.items", field: "a.b", operator: "in", value: [1, null] }),
  "filter for null": transform({ operation: "filter", field: "a", value: null }),
  "filter exists without a value": transform({ operation: "filter", field: "a", operator: "exists" }),
  "map by names": transform({ operation: "map", fields: ["a", "b.c"] }),
  "map to new names": transform({ operation: "map", fields: { x: "a", y: "b.c" } }),
  "sort": transform({ operation: "sort", field: "a", direction: "desc" }),
  "limit": transform({ operation: "limit", count: 0, offset: 0 }),
  "unique": transform({ operation: "unique" }),
  "group": transform({ operation: "group", field: "a" }),
  "aggregate": transform({
    operation: "aggregate",
    operations: [{ as: "n", function: "count" }, { as: "s", function: "sum", field: "a" }],
    by: "b"
  }),
  "flatten": transform({ operation: "flatten", depth: 100 }),
  "merge": transform({ operation: "merge", with: { a: [1] } }),
  "set": transform({ operation: "set", values: {} }),
  "short triggers": triggered("webhook", "schedule", "mcp"),
  "webhook": triggered({ type: "webhook", secret: "HOOK", respond: "result" }),
  "schedule": triggered({
    type: "schedule",
    cron: "0 9 * * 1-5",
    timezone: "Europe/Berlin",
    inputs: { a: 1 },
    overlap: "skip",
    catchUp: "last"
  }),
  "mcp": triggered({ type: "mcp", tool: "t".repeat(40), description: "What it does" }),
  "no triggers": triggered(),
  "a name of 200 characters": { ...http({}), name: "n".repeat(200) },
  "null as description": { ...http({}), description: null },
  "an empty description": { ...http({}), description: "" },
  "a description of 4,096 characters": { ...http({}), description: "d".repeat(4_096) },
  "a status": { ...http({}), status: "inactive" },
  "a tenant of 64 characters": { ...http({}), tenantId: "T.e-n_4".padEnd(64, "x") },
  "1,000 steps": {
    ...http({}),
    steps: Array.from({ length: Limits.steps }, (_, index) => ({
      id: `s${index}`,
      type: "transform",
      order: index,
      config: { operation: "unique" }
    }))
  }
}
