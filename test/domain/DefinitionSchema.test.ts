import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { decodeDefinition } from "../../src/domain/DefinitionCheck.ts"
import { definitionSchema } from "../../src/domain/DefinitionSchema.ts"
import * as Validator from "../../src/layers/SchemaValidator.ts"
import { SchemaValidator } from "../../src/services/SchemaValidator.ts"
import { bad, http, root, stepped } from "./BadDefinitions.ts"
import { good } from "./GoodDefinitions.ts"

const decodeJson = Schema.decodeUnknownSync(Schema.Json)
const decodeObject = Schema.decodeUnknownSync(Schema.JsonObject)
const asJson = (value: unknown) => decodeJson(JSON.parse(JSON.stringify(value)))

const schema = decodeObject(asJson(definitionSchema()))
const validator = Effect.runSync(Effect.provide(SchemaValidator, Validator.layer))
const isAccepted = (definition: unknown) => validator.validate(schema, asJson(definition)).length === 0

const step = (type: string, config: unknown, more: object = {}) => stepped({ id: "a", type, order: 1, ...more, config })
const inner = [{ id: "b", type: "transform", order: 1, config: { operation: "unique" } }]

/** Definitions of what the tables don't hold: steps inside steps, waits, what every step may have, templates. */
const alsoGood: Record<string, unknown> = {
  "a condition": step("condition", { if: "input.a", then: inner, else: inner }),
  "a loop in a loop": step("for-each", {
    items: [1, "{{ a }}"],
    concurrency: 5,
    steps: [{ id: "l", type: "for-each", order: 1, config: { items: "input", steps: inner, continueOnError: true } }]
  }),
  "a delay": step("delay", { duration: "30d" }),
  "a delay until": step("delay", { until: "2027-01-01T09:00:00+01:00" }),
  "a wait": step("wait-for-event", { signal: "approved", timeout: 5_000 }),
  "a child": step("workflow", { workflowId: "01a20893-34f8-7560-8f27-921cd7c3ab0c", inputs: { a: 1 }, wait: false }),
  "a child by templates": step("workflow", { workflowId: "{{ a }}", inputs: "{{ a }}", wait: "{{ a }}", input: "a" }),
  "a tool": step("mcp-tool", {
    url: "https://mcp.example.com/mcp",
    tool: "create_ticket",
    arguments: { title: "{{ input.title }}", tags: [1, null] },
    auth: { type: "header", name: "X-Key", value: "{{ secrets.KEY }}" },
    maxBytes: 1_048_576,
    input: { a: "{{ inputs.a }}" }
  }),
  "a tool without arguments": step("mcp-tool", { url: "http://localhost:1/mcp", tool: "t" }),
  "a tool by templates": step("mcp-tool", { url: "{{ a }}", tool: "{{ a }}", arguments: "{{ a }}", auth: "{{ a }}" }),
  "a failure": step("fail", { message: "No {{ input.name }}", code: "none" }),
  "what every step may have": step("fail", { message: "no" }, {
    name: "Fails",
    when: "{{ input.a }}",
    timeout: "1s",
    retry: { attempts: 3, backoff: "fixed", delay: "1s", maxDelay: 1_000, jitter: false, on: ["any"] },
    onError: { output: null }
  }),
  "auth and expectations": http({
    auth: { type: "bearer", token: "{{ secrets.A }}" },
    expect: [200, "4xx", "{{ a }}"],
    response: "full",
    maxBytes: 10
  }),
  "templates all over": http({
    url: "{{ a }}",
    method: "{{ a }}",
    headers: "{{ a }}",
    query: { a: "{{ b }}" },
    auth: "{{ a }}",
    expect: "{{ a }}",
    response: "{{ a }}",
    maxBytes: "{{ a }}",
    input: "{{ a }}"
  }),
  "a template as method beside a body": http({ method: "{{ a }}", body: "{{ a }}" }),
  "a template as count": step("transform", { operation: "limit", count: "{{ a }}", offset: "{{ b }}" }),
  "filter by an expression": step("transform", { operation: "filter", where: "item.a > 1" }),
  "an expression": step("transform", { operation: "expression", expression: "$sum(input)" }),
  "options": root({
    inputSchema: { type: "object" },
    outputs: { a: "{{ steps.a.output }}" },
    settings: { timeout: "1h", onFailure: "01a20893-34f8-7560-8f27-921cd7c3ab0c" }
  }),
  "a limit": root({ settings: { concurrency: { limit: 1 } } }),
  "a keyed limit": root({ settings: { concurrency: { limit: 1_000, key: "inputs.a", whenFull: "cancel-oldest" } } })
}

const alsoBad: Record<string, unknown> = {
  "an empty branch": step("condition", { if: "a", then: [] }),
  "no branch": step("condition", { if: "a" }),
  "a bad step inside": step("for-each", { steps: [{ ...inner[0], order: "1" }] }),
  "an unknown member inside": step("for-each", { steps: [{ ...inner[0], retries: 1 }] }),
  "concurrency 0": step("for-each", { steps: inner, concurrency: 0 }),
  "a delay of nothing": step("delay", {}),
  "a delay of both": step("delay", { duration: "1s", until: "2027-01-01T09:00:00Z" }),
  "a wait without a signal": step("wait-for-event", {}),
  "a signal with a space": step("wait-for-event", { signal: "a b" }),
  "a child of no workflow": step("workflow", {}),
  "a child of what is no id": step("workflow", { workflowId: "W-1" }),
  "inputs of a child that are no object": step("workflow", {
    workflowId: "01a20893-34f8-7560-8f27-921cd7c3ab0c",
    inputs: [1]
  }),
  "onFailure by a template": root({ settings: { onFailure: "{{ a }}" } }),
  "a tool of no server": step("mcp-tool", { tool: "t" }),
  "a server and no tool": step("mcp-tool", { url: "https://mcp.example.com/mcp" }),
  "arguments that are no object": step("mcp-tool", { url: "https://mcp.example.com/mcp", tool: "t", arguments: [1] }),
  "headers of a tool": step("mcp-tool", { url: "https://mcp.example.com/mcp", tool: "t", headers: {} }),
  "a failure without a message": step("fail", {}),
  "filter by both": step("transform", { operation: "filter", where: "a", field: "b", value: 1 }),
  "a retry without attempts": step("fail", { message: "a" }, { retry: {} }),
  "an output beside an unknown member": step("fail", { message: "a" }, { onError: { output: 1, log: true } }),
  "a template as type": step("{{ a }}", { message: "a" }),
  "a template as order": step("fail", { message: "a" }, { order: "{{ a }}" }),
  "a template as operation": step("transform", { operation: "{{ a }}" }),
  "a template as the type of auth": http({ auth: { type: "{{ a }}", token: "b" } }),
  "a text that is no template": step("transform", { operation: "limit", count: "{ 5 }" }),
  "a limit of nothing": root({ settings: { concurrency: {} } }),
  "a limit that nobody knows": root({ settings: { concurrency: { limit: 1, size: 1 } } }),
  "settings that nobody knows": root({ settings: { speed: 9 } })
}

/** What a text or a number says beyond its form is the service's to check. */
const beyondForm = new Set([
  "name of a no-break space",
  "name with half a character",
  "description with half a character",
  "timeout 0s",
  "timeout of 25 hours",
  "a retention of 59 minutes",
  "a retention of 3,651 days",
  "url of no host",
  "url with a space in its host",
  "url with a port too large",
  "url with a user and a password",
  "url with a user",
  "url with a password",
  "a tool's server with credentials",
  "Host",
  "Connection",
  "Content-Length",
  "Transfer-Encoding and Upgrade",
  "filter in without a list",
  "filter matches without a pattern",
  "cron in words",
  "cron of 4 fields",
  "cron of 7 fields",
  "cron of minute 60",
  "cron of a day that never comes",
  "time zone of Mars"
])

describe("the JSON Schema of definitions", () => {
  it("is one", () => {
    assert.deepStrictEqual(validator.check(schema), [])
  })

  for (const [name, definition] of Object.entries({ ...good, ...alsoGood })) {
    it(`accepts ${name}, as the service does`, () => {
      assert.isTrue(Result.isSuccess(decodeDefinition(asJson(definition))))
      assert.deepStrictEqual(validator.validate(schema, asJson(definition)), [])
    })
  }

  for (const [name, definition] of [...bad, ...Object.entries(alsoBad)]) {
    it(`${beyondForm.has(name) ? "leaves to the service" : "refuses"} ${name}`, () => {
      assert.isTrue(Result.isFailure(decodeDefinition(asJson(definition))))
      assert.strictEqual(isAccepted(definition), beyondForm.has(name))
    })
  }
})

/** Every schema inside a schema, with its path. */
const nodesOf = (node: unknown, path = ""): ReadonlyArray<readonly [path: string, node: Record<string, unknown>]> =>
  Array.isArray(node)
    ? node.flatMap((item, index) => nodesOf(item, `${path}/${index}`))
    : typeof node === "object" && node !== null
    ? [
      [path, { ...node }],
      ...Object.entries(node).flatMap(([name, value]) =>
        name === "default" || name === "examples" ? [] : nodesOf(value, `${path}/${name}`)
      )
    ]
    : []

describe("what an editor reads in it", () => {
  const nodes = nodesOf(schema)
  const definitions = Object(schema["$defs"])

  it("describes every member but those that tell kinds apart", () => {
    const properties = nodes
      .filter(([path]) => path.endsWith("/properties") && !path.endsWith("/then/properties"))
      .flatMap(([path, node]) =>
        Object.entries(node).map(([name, member]) => [`${path}/${name}`, Object(member)] as const)
      )
      .filter(([path, { enum: kinds }]) =>
        !(/\/(type|operation|method|operator|function)$/.test(path) && kinds !== undefined)
      )
    assert.isAbove(properties.length, 60)
    const silent = properties.filter(([, { $ref, description }]) =>
      description === undefined && definitions[String($ref).replace("#/$defs/", "")]?.description === undefined
    )
    assert.deepStrictEqual(silent.map(([path]) => path), [])
  })

  it("names and describes every step type", () => {
    const steps: ReadonlyArray<Record<string, unknown>> = definitions.Step.anyOf
    assert.includeMembers(steps.map(({ title }) => title), [
      "http-request",
      "transform",
      "condition",
      "for-each",
      "fail"
    ])
    for (const { description, properties, title } of steps) {
      assert.isString(description)
      assert.deepStrictEqual(Object(properties).type.enum, [title])
    }
  })

  it("gives defaults and examples that are valid where they stand", () => {
    const told = nodes.filter(([, node]) => node["default"] !== undefined || Array.isArray(node["examples"]))
    assert.isAbove(told.length, 30)
    for (const [path, { default: standard, examples, ...node }] of told) {
      const member = decodeObject({ ...node, $defs: definitions })
      const values = [...(standard === undefined ? [] : [standard]), ...(Array.isArray(examples) ? examples : [])]
      for (const value of values) assert.deepStrictEqual(validator.validate(member, decodeJson(value)), [], path)
    }
  })

  it("refers to steps inside steps", () => {
    assert.deepStrictEqual(definitions.ConditionConfig.properties.then.items, { $ref: "#/$defs/Step" })
    assert.deepStrictEqual(definitions.ForEachConfig.properties.steps.items, { $ref: "#/$defs/Step" })
  })
})
