import type { Case } from "../Case.ts"
import { condition, done, ends, fails, forEach, give, refuses, transform } from "../Case.ts"

const schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  required: ["email", "age"],
  properties: {
    email: { type: "string", format: "email" },
    age: { type: "integer", minimum: 18 },
    roles: { type: "array", items: { enum: ["admin", "user"] }, uniqueItems: true, maxItems: 2 },
    manager: { $ref: "#/$defs/person" }
  },
  additionalProperties: false,
  $defs: { person: { type: "object", required: ["name"], properties: { name: { type: "string", minLength: 1 } } } }
}

const half = "x".repeat(200_000)

/** What a run is started with, what it ends with, and values at their limits. */
export const ended: ReadonlyArray<Case> = [
  {
    title: "inputs that fit their schema are taken as they are",
    inputSchema: schema,
    inputs: { email: "ada@example.com", age: 36, roles: ["admin"], manager: { name: "Bob", more: true } },
    steps: [give("a", 1, "input")],
    expected: ends(
      { a: { email: "ada@example.com", age: 36, roles: ["admin"], manager: { name: "Bob", more: true } } },
      done("a")
    )
  },
  {
    title: "inputs that don't are refused with each problem and its path",
    inputSchema: schema,
    inputs: { age: 17.5, roles: ["user", "user", "root"], manager: { name: "" }, extra: 1 },
    steps: [give("a", 1, "input")],
    expected: refuses(
      "EXECUTION-003",
      "inputs.age must be an integer, not 17.5",
      "inputs.email is required",
      "inputs.extra is not known here",
      "inputs.manager.name must not be empty",
      "inputs.roles must have at most 2 items",
      "inputs.roles[1] is the same as item 0",
      "inputs.roles[2] must be \"admin\" or \"user\""
    )
  },
  {
    title: "a schema's default is told, not filled in",
    inputSchema: { properties: { region: { type: "string", default: "eu" } } },
    inputs: {},
    steps: [give("a", 1, "$exists(inputs.region)")],
    expected: ends({ a: false }, done("a"))
  },
  {
    title: "one of several forms",
    inputSchema: {
      oneOf: [
        { properties: { kind: { const: "card" } }, required: ["kind", "number"] },
        { properties: { kind: { const: "cash" } }, required: ["kind"] }
      ]
    },
    inputs: { kind: "cash" },
    steps: [give("a", 1, "inputs.kind")],
    expected: ends({ a: "cash" }, done("a"))
  },
  {
    title: "a pattern runs in linear time",
    inputSchema: { properties: { s: { type: "string", pattern: "^(a+)+$" } } },
    inputs: { s: `${"a".repeat(5_000)}!` },
    steps: [give("a", 1, "1")],
    expected: refuses("EXECUTION-003", "inputs.s must match the pattern ^(a+)+$")
  },
  {
    title: "a schema that is none is refused when the workflow is saved",
    inputSchema: { type: "objekt", properties: { a: { pattern: "(" } } },
    steps: [give("a", 1, "1")],
    expected: refuses(
      "WORKFLOW-003",
      "inputSchema.properties.a.pattern must be a regular expression without look-around and back-references (RE2 syntax)",
      "inputSchema.type must be one of null, boolean, object, array, number, string, integer, or an array of some of them, each once"
    )
  },
  {
    title: "inputs named as a prototype's members",
    inputSchema: { required: ["constructor"], properties: { ["__proto__"]: { type: "integer" } } },
    inputs: { ["__proto__"]: 1, constructor: { prototype: 2 } },
    steps: [
      give("a", 1, "[inputs.`__proto__`, inputs.constructor.prototype, inputs.toString]"),
      give("b", 2, "inputs")
    ],
    outputs: { a: "steps.a.output", b: "steps.b.output" },
    expected: ends(
      { a: [1, 2], b: { ["__proto__"]: 1, constructor: { prototype: 2 } } },
      done("a", "b")
    )
  },
  {
    title: "inputs of a prototype are not there",
    inputSchema: { required: ["toString"] },
    inputs: {},
    steps: [give("a", 1, "1")],
    expected: refuses("EXECUTION-003", "inputs.toString is required")
  },

  {
    title: "outputs are expressions, bare or in braces, of everything that was",
    inputs: { n: 1 },
    steps: [give("a", 1, "{ 'x': 2 }"), give("b", 2, "3")],
    outputs: {
      bare: "steps.a.output.x + inputs.n",
      braces: "{{ input }}",
      text: "b={{ steps.b.output }}",
      none: "steps.b.output.c"
    },
    expected: ends({ bare: 3, braces: 3, text: "b=3", none: null }, done("a", "b"))
  },
  {
    title: "outputs may be values with templates at any depth",
    steps: [give("a", 1, "1")],
    outputs: { deep: { list: ["{{ steps.a.status }}", "bare text", 5, null] }, number: 7 },
    expected: ends({ deep: { list: ["completed", "bare text", 5, null] }, number: 7 }, done("a"))
  },
  {
    title: "outputs named as a prototype's members",
    steps: [give("a", 1, "1")],
    outputs: { ["__proto__"]: "{ 'polluted': true }", constructor: "2" },
    expected: ends({ ["__proto__"]: { polluted: true }, constructor: 2 }, done("a"))
  },
  {
    title: "an empty mapping gives no outputs",
    steps: [give("a", 1, "1")],
    outputs: {},
    expected: ends({}, done("a"))
  },
  {
    title: "outputs that fail fail the execution, though every step is done",
    steps: [give("a", 1, "'x'")],
    outputs: { fine: "1", sum: "1 + steps.a.output" },
    expected: fails(
      {
        code: "expression",
        message: "The right side must be a number (\"+\")",
        details: { code: "T2002", position: 2 }
      },
      { a: "completed" }
    )
  },
  {
    title: "steps inside steps are not seen from outside",
    steps: [condition("c", 1, { if: "true", then: [give("x", 1, "1")] })],
    outputs: { inner: "$exists($lookup(steps, 'x'))", names: "$keys(steps)" },
    expected: ends({ inner: false, names: "c" }, done("c", "c.then.x"))
  },

  {
    title: "texts of every script and kind",
    inputs: {
      "größe 📏": "ß — “x” \u0000 \u001f \u007f \u2028 \ufeff \ud83d\ude00 é e\u0301 عربى 日本語",
      "": "empty name",
      " a\tb\n": "\\ \" /"
    },
    steps: [give("a", 1, "inputs")],
    expected: ends(
      {
        a: {
          "größe 📏": "ß — “x” \u0000 \u001f \u007f \u2028 \ufeff \ud83d\ude00 é e\u0301 عربى 日本語",
          "": "empty name",
          " a\tb\n": "\\ \" /"
        }
      },
      done("a")
    )
  },
  {
    title: "numbers at their limits",
    inputs: {
      all: [
        0,
        -0,
        1e-7,
        1e21,
        123456789012345680000,
        5e-324,
        1.7976931348623157e308,
        9007199254740991,
        -9007199254740992,
        0.1
      ]
    },
    steps: [give("a", 1, "inputs.all"), transform("b", 2, { operation: "sort", field: "0", input: [] })],
    outputs: { all: "steps.a.output" },
    expected: ends(
      {
        all: [
          0,
          0,
          1e-7,
          1e21,
          123456789012345680000,
          5e-324,
          1.7976931348623157e308,
          9007199254740991,
          -9007199254740992,
          0.1
        ]
      },
      done("a", "b")
    )
  },
  {
    title: "a sum that is too large for JSON",
    inputs: { list: [{ v: 1.7e308 }, { v: 1.7e308 }] },
    steps: [
      transform("a", 1, {
        operation: "aggregate",
        path: "list",
        operations: [{ as: "s", function: "sum", field: "v" }]
      })
    ],
    expected: fails(
      { code: "invalid-output", message: "The output holds a number that is too large for JSON", stepId: "a" },
      { a: "failed" }
    )
  },
  {
    title: "every kind of empty value is kept apart",
    inputs: { all: [null, "", 0, false, [], {}, [[]], [null]] },
    steps: [give("a", 1, "inputs.all"), forEach("l", 2, { steps: [give("x", 1, "item")] })],
    expected: ends(
      { l: [null, "", 0, false, [], {}, [[]], [null]] },
      done("a", "l", ...Array.from({ length: 8 }, (_, index) => `l[${index}].x`))
    )
  },
  {
    title: "a large text goes through a run",
    inputs: { half },
    steps: [give("a", 1, "inputs.half & inputs.half"), give("b", 2, "$length(input)")],
    outputs: { text: "steps.a.output", length: "steps.b.output" },
    expected: ends({ text: half + half, length: 400_000 }, done("a", "b"))
  },
  {
    title: "an output that takes too many bytes",
    steps: [forEach("l", 1, { items: [1, 2], steps: [give("x", 1, "$pad('', 950000, 'x')")] })],
    expected: fails(
      { code: "output-too-large", message: "The output takes 1900007 bytes as JSON, more than 1900000", stepId: "l" },
      { l: "failed", "l[0].x": "completed", "l[1].x": "completed" }
    )
  },
  {
    title: "an array of 10,000 members",
    steps: [
      give("a", 1, "[1..10000].{ 'k': $ % 3, 'v': $ }"),
      transform("b", 2, {
        operation: "aggregate",
        by: "k",
        operations: [{ as: "n", function: "count" }, { as: "max", function: "max", field: "v" }]
      })
    ],
    expected: ends(
      { b: [{ k: 1, n: 3334, max: 10000 }, { k: 2, n: 3333, max: 9998 }, { k: 0, n: 3333, max: 9999 }] },
      done("a", "b")
    )
  },
  {
    title: "members that the language does not know, and ids that are none",
    steps: [{ id: "a b", type: "transform", order: 1.5, dependson: [], config: { operation: "unique" } }, {
      id: "b",
      type: "script",
      order: 2,
      config: {}
    }],
    expected: refuses(
      "WORKFLOW-003",
      "steps[0].dependson is not known here",
      "steps[0].id must be 1 to 64 characters of A-Z a-z 0-9 _ -",
      "steps[0].order must be an integer",
      "steps[1].type must be one of \"http-request\", \"transform\", \"condition\", \"for-each\", \"delay\", \"wait-for-event\", \"workflow\", \"mcp-tool\", \"fail\""
    )
  },
  {
    title: "no steps at all",
    steps: [],
    expected: refuses("WORKFLOW-003", "steps must be a value with a length of at least 1")
  }
]
