import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { definitionOf, Workflow, WorkflowCreate, WorkflowUpdate } from "../../src/domain/Workflow.ts"
import { example, good } from "./GoodDefinitions.ts"

const strict = { errors: "all", onExcessProperty: "error" } as const
const decode = Schema.decodeUnknownSync(WorkflowCreate, strict)
const encode = Schema.encodeSync(WorkflowCreate)

/** What comes back of a text that is decoded, encoded and written again. */
const roundTrip = (text: string): string => JSON.stringify(encode(decode(JSON.parse(text))))

/** Any JSON, in every place of a definition that takes it. */
const Parts = Schema.Struct({
  id: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,64}$/)),
  name: Schema.String,
  order: Schema.Int,
  timeout: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 86_400_000 })),
  onError: Schema.Literals(["fail", "continue"]),
  text: Schema.String,
  json: Schema.Json,
  object: Schema.JsonObject,
  query: Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])),
  kind: Schema.Literals(["post", "get", "set", "merge", "filter"])
})

const configOf = ({ json, kind, object, query, text }: typeof Parts.Type): readonly [type: string, config: object] => {
  switch (kind) {
    case "post":
      return ["http-request", { url: "https://example.com/", method: "POST", query, body: json }]
    case "get":
      return ["http-request", { url: `https://example.com/${encodeURIComponent(text.toWellFormed())}`, query }]
    case "set":
      return ["transform", { operation: "set", values: object }]
    case "merge":
      return ["transform", { operation: "merge", with: json }]
    case "filter":
      return ["transform", { operation: "filter", field: "a", value: json }]
  }
}

const anySteps = Arbitrary.map(
  Arbitrary.array(Arbitrary.schema(Parts), { minLength: 1 }),
  (steps) =>
    steps.map((parts) => {
      const [type, config] = configOf(parts)
      const { id, name, onError, order, timeout } = parts
      return { id, type, order, dependsOn: [id], name: `n${name}`.slice(0, 200), timeout, onError, config }
    })
)

const anyDefinition = Arbitrary.map(
  Arbitrary.all({
    steps: anySteps,
    description: Arbitrary.schema(Schema.NullOr(Schema.String)),
    object: Arbitrary.schema(Schema.JsonObject)
  }),
  ({ description, object, steps }) => ({
    tenantId: "tenant-1",
    name: "Any",
    description: description?.toWellFormed() ?? null,
    steps,
    triggers: ["mcp", { type: "schedule", cron: "0 9 * * *", inputs: object }],
    status: "inactive"
  })
)

describe("good definitions", () => {
  for (const [name, definition] of Object.entries(good)) {
    it(`${name} comes back byte for byte`, () => {
      const text = JSON.stringify(encode(decode(definition)))
      assert.deepStrictEqual(JSON.parse(text), definition)
      assert.strictEqual(roundTrip(text), text)
    })
  }

  it.prop("any definition comes back byte for byte", { definition: anyDefinition }, ({ definition }) => {
    // The members of a definition stand in the schema's order once it was decoded; after that nothing moves.
    const text = JSON.stringify(encode(decode(JSON.parse(JSON.stringify(definition)))))
    assert.deepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(definition)))
    assert.strictEqual(roundTrip(text), text)
  })

  it.prop("any change comes back byte for byte", { definition: anyDefinition }, ({ definition }) => {
    const decodeUpdate = Schema.decodeUnknownSync(WorkflowUpdate, strict)
    const text = JSON.stringify(Schema.encodeSync(WorkflowUpdate)(decodeUpdate(JSON.parse(JSON.stringify(definition)))))
    assert.deepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(definition)))
    assert.strictEqual(JSON.stringify(Schema.encodeSync(WorkflowUpdate)(decodeUpdate(JSON.parse(text)))), text)
  })

  it("a change may be empty", () => {
    assert.deepStrictEqual(Schema.decodeUnknownSync(WorkflowUpdate, strict)({}), {})
  })
})

describe("names of an object's prototype", () => {
  const definitions: Record<string, string> = {
    "step ids": JSON.stringify({
      tenantId: "t",
      name: "n",
      steps: ["__proto__", "constructor", "toString"].map((id) => ({
        id,
        type: "transform",
        order: 1,
        dependsOn: ["hasOwnProperty"],
        config: { operation: "unique" }
      }))
    }),
    "header names":
      `{"tenantId":"t","name":"n","steps":[{"id":"a","type":"http-request","order":1,"config":{"url":"https://example.com/","headers":{"__proto__":"x","constructor":"y","toString":"z"}}}]}`,
    "query names":
      `{"tenantId":"t","name":"n","steps":[{"id":"a","type":"http-request","order":1,"config":{"url":"https://example.com/","query":{"__proto__":"x","constructor":1,"toString":true}}}]}`,
    "members of a body":
      `{"tenantId":"t","name":"n","steps":[{"id":"a","type":"http-request","order":1,"config":{"url":"https://example.com/","method":"POST","body":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}}]}`,
    "new names of map":
      `{"tenantId":"t","name":"n","steps":[{"id":"a","type":"transform","order":1,"config":{"operation":"map","fields":{"__proto__":"a","constructor":"__proto__","toString":"b"}}}]}`,
    "members of set":
      `{"tenantId":"t","name":"n","steps":[{"id":"a","type":"transform","order":1,"config":{"operation":"set","values":{"__proto__":{"polluted":true},"constructor":1}}}]}`,
    "members of merge":
      `{"tenantId":"t","name":"n","steps":[{"id":"a","type":"transform","order":1,"config":{"operation":"merge","with":{"__proto__":{"polluted":true}}}}]}`,
    "inputs of a schedule":
      `{"tenantId":"t","name":"n","steps":[{"id":"a","type":"transform","order":1,"config":{"operation":"unique"}}],"triggers":[{"type":"schedule","cron":"* * * * *","inputs":{"__proto__":{"polluted":true},"toString":1}}]}`
  }

  for (const [place, text] of Object.entries(definitions)) {
    it(`as ${place}: none is lost, none reaches a prototype`, () => {
      assert.strictEqual(roundTrip(text), text)
      assert.isUndefined(Reflect.get({}, "polluted"))
      assert.strictEqual(Object.getPrototypeOf(decode(JSON.parse(text))), Object.prototype)
    })
  }
})

describe("definitionOf", () => {
  it("is the part that an execution runs", () => {
    const workflow = Schema.decodeUnknownSync(Workflow, strict)({
      ...example,
      id: "w",
      status: "active",
      version: 1,
      createdAt: "2026-11-22T10:00:00.000Z",
      updatedAt: "2026-11-22T10:00:00.000Z"
    })
    assert.deepStrictEqual(definitionOf(workflow), {
      name: workflow.name,
      description: workflow.description,
      steps: workflow.steps,
      triggers: workflow.triggers
    })
  })
})
