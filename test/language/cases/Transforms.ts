import type { Json, JsonObject } from "effect/Schema"
import type { Case } from "../Case.ts"
import { done, ends, fails, refuses, transform } from "../Case.ts"

const people = [
  { name: "Ada", age: 36, address: { city: "Bern" }, tags: ["x", "y"] },
  { name: "Bob", age: 25, address: { city: "Ulm" }, tags: [] },
  { name: "Cy", address: { city: "Bern" }, tags: ["y"] },
  { name: "Di", age: null, address: null }
]

/** An operation on `input`, and its output. */
const gives = (title: string, input: Json, config: JsonObject, output: Json): Case => ({
  title,
  steps: [transform("a", 1, { ...config, input })],
  expected: ends({ a: output }, done("a"))
})

/** The same, and how it fails. */
const failsWith = (title: string, input: Json, config: JsonObject, message: string): Case => ({
  title,
  steps: [transform("a", 1, { ...config, input })],
  expected: fails({ code: "invalid-input", message, stepId: "a" }, { a: "failed" })
})

/** The names of the people whose field passes. */
const keeps = (title: string, config: JsonObject, ...names: ReadonlyArray<string>): Case => ({
  title: `filter ${title}`,
  inputs: { people },
  steps: [
    transform("kept", 1, { operation: "filter", path: "people", ...config }),
    transform("a", 2, { operation: "map", fields: ["name"] })
  ],
  expected: ends({ a: names.map((name) => ({ name })) }, done("kept", "a"))
})

const set = (operation: string, more: JsonObject = {}): JsonObject => ({ operation, ...more })
const proto = (value: Json): JsonObject => ({ ["__proto__"]: value })

/** Every operation, its members, and how it fails. */
export const transforms: ReadonlyArray<Case> = [
  keeps("takes equal values by default", { field: "age", value: 25 }, "Bob"),
  keeps("eq compares objects by their members", { field: "address", value: { city: "Ulm" } }, "Bob"),
  keeps("eq null takes null, and not what is missing", { field: "age", operator: "eq", value: null }, "Di"),
  keeps("ne takes what is missing too", { field: "age", operator: "ne", value: 36 }, "Bob", "Cy", "Di"),
  keeps("gt compares numbers with numbers alone", { field: "age", operator: "gt", value: 25 }, "Ada"),
  keeps("gte takes the value itself", { field: "age", operator: "gte", value: 25 }, "Ada", "Bob"),
  keeps("lt compares texts with texts", { field: "name", operator: "lt", value: "Bz" }, "Ada", "Bob"),
  keeps("lte does not take null for 0", { field: "age", operator: "lte", value: 100 }, "Ada", "Bob"),
  keeps("in takes one of the values", { field: "address.city", operator: "in", value: ["Ulm", "Rom"] }, "Bob"),
  keeps("contains looks into arrays", { field: "tags", operator: "contains", value: "y" }, "Ada", "Cy"),
  keeps("contains looks into texts", { field: "name", operator: "contains", value: "d" }, "Ada"),
  keeps("exists takes null as well", { field: "age", operator: "exists" }, "Ada", "Bob", "Di"),
  keeps("exists false takes what is missing", { field: "age", operator: "exists", value: false }, "Cy"),
  keeps(
    "matches takes a pattern, anywhere in the text",
    { field: "name", operator: "matches", value: "^.[a-o]" },
    "Ada",
    "Bob",
    "Di"
  ),
  keeps(
    "where sees the item and its index",
    { where: "item.age = 25 or item.tags[0] = 'x' or index = 3" },
    "Ada",
    "Bob",
    "Di"
  ),
  keeps("an index in a path", { field: "tags.0", value: "y" }, "Cy"),
  keeps("members of a prototype are no fields", { field: "constructor", operator: "exists" }),
  gives(
    "filter takes items that are no objects",
    [1, null, "a", [1], { v: 1 }],
    set("filter", { field: "v", value: 1 }),
    [{ v: 1 }]
  ),
  {
    title: "filter takes its value from a template",
    inputs: { list: [{ v: 1 }, { v: "1" }], v: "1" },
    steps: [transform("a", 1, { operation: "filter", path: "list", field: "v", value: "{{ inputs.v }}" })],
    expected: ends({ a: [{ v: "1" }] }, done("a"))
  },
  failsWith(
    "filter wants an array",
    { v: 1 },
    set("filter", { field: "v", value: 1 }),
    "filter: expected an array, got an object"
  ),
  {
    title: "filter without a field, and with a pattern that is none",
    steps: [
      transform("a", 1, { operation: "filter", value: 1 }),
      transform("b", 2, { operation: "filter", field: "x" }),
      transform("c", 3, { operation: "filter", field: "x", operator: "in", value: 1 })
    ],
    expected: refuses(
      "WORKFLOW-001",
      "steps[0].config.field is required",
      "steps[1].config.value is required",
      "steps[2].config.value must be an array with operator \"in\""
    )
  },

  gives("map picks fields, and leaves out what is not there", people, set("map", { fields: ["name", "age"] }), [
    { name: "Ada", age: 36 },
    { name: "Bob", age: 25 },
    { name: "Cy" },
    { name: "Di", age: null }
  ]),
  gives(
    "map picks nested fields where they stood",
    [{ a: { b: 1, c: 2 }, d: 3 }],
    set("map", { fields: ["a.b", "d"] }),
    [{ a: { b: 1 }, d: 3 }]
  ),
  gives("map renames", [{ a: { b: [5, 6] } }], set("map", { fields: { first: "a.b.0", all: "a", none: "x" } }), [{
    first: 5,
    all: { b: [5, 6] }
  }]),
  gives(
    "map takes expressions over the item",
    [{ q: 2, p: 3 }, { q: 1, p: 4 }],
    set("map", { fields: { total: "{{ item.q * item.p }}", line: "#{{ index }}: {{ item.q }}", q: "q" } }),
    [
      { total: 6, line: "#0: 2", q: 2 },
      { total: 4, line: "#1: 1", q: 1 }
    ]
  ),
  gives(
    "map gives members named as a prototype's",
    [{ a: 1 }],
    set("map", { fields: { ...proto("a"), constructor: "{{ item.a + 1 }}" } }),
    [{ ...proto(1), constructor: 2 }]
  ),
  gives(
    "map picks members named as a prototype's",
    [{ ...proto({ x: 1 }), toString: 2 }],
    set("map", { fields: ["__proto__.x", "toString"] }),
    [{ ...proto({ x: 1 }), toString: 2 }]
  ),
  failsWith(
    "map wants an array",
    "{{ 'text' }}",
    set("map", { fields: ["a"] }),
    "map: expected an array, got a string"
  ),

  gives(
    "sort is ascending, and stable",
    [{ k: 2, v: "a" }, { k: 1, v: "b" }, { k: 2, v: "c" }, { k: 1, v: "d" }],
    set("sort", { field: "k" }),
    [
      { k: 1, v: "b" },
      { k: 1, v: "d" },
      { k: 2, v: "a" },
      { k: 2, v: "c" }
    ]
  ),
  gives(
    "sort descending is stable too",
    [{ k: 1, v: "a" }, { k: 2, v: "b" }, { k: 1, v: "c" }],
    set("sort", { field: "k", direction: "desc" }),
    [
      { k: 2, v: "b" },
      { k: 1, v: "a" },
      { k: 1, v: "c" }
    ]
  ),
  gives(
    "sort puts numbers before texts, and items without the field last",
    [{ k: "b" }, {}, { k: 10 }, { k: "B" }, { k: 9 }],
    set("sort", { field: "k" }),
    [
      { k: 9 },
      { k: 10 },
      { k: "B" },
      { k: "b" },
      {}
    ]
  ),
  failsWith("sort wants an array", null, set("sort", { field: "k" }), "sort: expected an array, got null"),

  gives("limit takes the first", [1, 2, 3], set("limit", { count: 2 }), [1, 2]),
  gives("limit leaves out as many as offset says", [1, 2, 3], set("limit", { count: 5, offset: 1 }), [2, 3]),
  gives("limit beyond the end gives nothing", [1], set("limit", { count: 1, offset: 7 }), []),
  gives("limit 0", [1], set("limit", { count: 0 }), []),
  failsWith("limit wants an array", 5, set("limit", { count: 1 }), "limit: expected an array, got a number"),

  gives(
    "unique keeps the first of equal items",
    [1, "1", 1, { a: 1, b: 2 }, { b: 2, a: 1 }, null, null, [1], [1]],
    set("unique"),
    [1, "1", { a: 1, b: 2 }, null, [1]]
  ),
  gives(
    "unique by a field",
    [{ k: 1, v: 1 }, { k: 1, v: 2 }, { v: 3 }, { v: 4 }, { k: null }],
    set("unique", { field: "k" }),
    [{ k: 1, v: 1 }, { v: 3 }, { k: null }]
  ),
  failsWith("unique wants an array", { a: 1 }, set("unique"), "unique: expected an array, got an object"),

  gives(
    "group gives an object of arrays",
    [{ k: "a", v: 1 }, { k: "b", v: 2 }, { k: "a", v: 3 }],
    set("group", { field: "k" }),
    {
      a: [{ k: "a", v: 1 }, { k: "a", v: 3 }],
      b: [{ k: "b", v: 2 }]
    }
  ),
  gives(
    "group names numbers, booleans and nothing by their text",
    [{ k: 1 }, { k: true }, {}, { k: null }],
    set("group", { field: "k" }),
    {
      "1": [{ k: 1 }],
      true: [{ k: true }],
      null: [{}, { k: null }]
    }
  ),
  gives(
    "group by names of a prototype's members",
    [{ k: "__proto__" }, { k: "constructor" }],
    set("group", { field: "k" }),
    {
      ...proto([{ k: "__proto__" }]),
      constructor: [{ k: "constructor" }]
    }
  ),
  failsWith("group wants an array", {}, set("group", { field: "k" }), "group: expected an array, got an object"),

  gives(
    "aggregate folds all items",
    [{ v: 1 }, { v: 4 }, {}, { v: null }],
    set("aggregate", {
      operations: [
        { as: "all", function: "count" },
        { as: "there", function: "count", field: "v" },
        { as: "sum", function: "sum", field: "v" },
        { as: "avg", function: "avg", field: "v" },
        { as: "min", function: "min", field: "v" },
        { as: "max", function: "max", field: "v" }
      ]
    }),
    { all: 4, there: 2, sum: 5, avg: 2.5, min: 1, max: 4 }
  ),
  gives(
    "aggregate of nothing",
    [],
    set("aggregate", {
      operations: [
        { as: "count", function: "count" },
        { as: "sum", function: "sum", field: "v" },
        { as: "avg", function: "avg", field: "v" },
        { as: "max", function: "max", field: "v" }
      ]
    }),
    { count: 0, sum: 0, avg: null, max: null }
  ),
  gives(
    "aggregate by a field, in the order of their appearance",
    [{ t: "b", v: 1 }, { t: "a", v: 2 }, { t: "b", v: 3 }, { v: 4 }],
    set("aggregate", {
      by: "t",
      operations: [{ as: "total", function: "sum", field: "v" }]
    }),
    [{ t: "b", total: 4 }, { t: "a", total: 2 }, { t: null, total: 4 }]
  ),
  failsWith(
    "aggregate sums no texts",
    [{ v: 1 }, { v: "2" }],
    set("aggregate", { operations: [{ as: "s", function: "sum", field: "v" }] }),
    "aggregate: sum expected numbers in \"v\", got a string"
  ),

  gives("flatten by one level", [1, [2, [3]], []], set("flatten"), [1, 2, [3]]),
  gives("flatten by as many levels as depth says", [1, [2, [3, [4]]]], set("flatten", { depth: 2 }), [1, 2, 3, [4]]),
  failsWith("flatten wants an array", true, set("flatten"), "flatten: expected an array, got a boolean"),

  gives(
    "merge merges objects deeply, the second wins",
    { a: 1, b: { c: 1, d: [1] }, e: 1 },
    set("merge", { with: { b: { d: [2], f: 3 }, e: null } }),
    {
      a: 1,
      b: { c: 1, d: [2], f: 3 },
      e: null
    }
  ),
  gives("merge puts arrays one after the other", [1], set("merge", { with: [[2], 1] }), [1, [2], 1]),
  gives(
    "merge puts members named as a prototype's into the object alone",
    { a: 1 },
    set("merge", { with: { ...proto({ polluted: true }), constructor: { prototype: { x: 1 } } } }),
    {
      a: 1,
      ...proto({ polluted: true }),
      constructor: { prototype: { x: 1 } }
    }
  ),
  {
    title: "merge takes an expression",
    inputs: { a: { x: 1 }, b: { y: 2 } },
    steps: [transform("a", 1, { operation: "merge", path: "a", with: "{{ inputs.b }}" })],
    expected: ends({ a: { x: 1, y: 2 } }, done("a"))
  },
  failsWith(
    "merge wants two of a kind",
    { a: 1 },
    set("merge", { with: [1] }),
    "merge: expected two objects or two arrays, got an object and an array"
  ),

  gives(
    "set lays members over the input, not deeply",
    { a: 1, b: { c: 1 } },
    set("set", { values: { b: { d: 2 }, e: "x" } }),
    { a: 1, b: { d: 2 }, e: "x" }
  ),
  gives(
    "set gives members named as a prototype's",
    {},
    set("set", { values: { ...proto({ polluted: true }), toString: null } }),
    { ...proto({ polluted: true }), toString: null }
  ),
  failsWith("set wants an object", [1], set("set", { values: {} }), "set: expected an object, got an array"),

  gives(
    "expression takes what stands at its path as its input",
    { data: { n: 4 } },
    set("expression", { path: "data.n", expression: "input * input" }),
    16
  ),
  gives("expression may stand in braces", { n: 4 }, set("expression", { expression: "{{ input.n }}" }), 4),
  gives("path goes through arrays by index", { rows: [[3, 1, 2]] }, set("limit", { path: "rows.0", count: 1 }), [3]),
  failsWith(
    "path to nothing",
    { data: {} },
    set("limit", { path: "data.items", count: 1 }),
    "limit: expected a value at \"data.items\", got nothing"
  ),
  failsWith(
    "path to something else",
    { data: { items: "x" } },
    set("limit", { path: "data.items", count: 1 }),
    "limit: expected an array at \"data.items\", got a string"
  ),
  failsWith(
    "path to a member of a prototype",
    {},
    set("set", { path: "constructor", values: {} }),
    "set: expected a value at \"constructor\", got nothing"
  ),
  {
    title: "an operation that is none, and members of another operation",
    steps: [
      transform("a", 1, { operation: "shuffle" }),
      transform("b", 2, { operation: "limit", count: 1, field: "x" })
    ],
    expected: refuses(
      "WORKFLOW-003",
      "steps[0].config.operation must be one of \"filter\", \"map\", \"sort\", \"limit\", \"unique\", \"group\", \"aggregate\", \"flatten\", \"merge\", \"set\", \"expression\"",
      "steps[1].config.field is not known here"
    )
  }
]
