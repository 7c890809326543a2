import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Result, Schema } from "effect"
import type { Json } from "effect/Schema"
import { TransformConfig } from "../../../src/domain/steps/Transform.ts"
import * as Expressions from "../../../src/engine/expressions/Layer.ts"
import { makeTransform } from "../../../src/engine/steps/Transform.ts"
import { contextOf } from "./context.ts"

const decodeConfig = Schema.decodeUnknownSync(TransformConfig, { errors: "all", onExcessProperty: "error" })

/** The output of a transformation, or its failure as `code: message`. */
const run = (config: unknown, input: Json) =>
  makeTransform.pipe(
    Effect.flatMap((transform) => transform.run(decodeConfig(config), contextOf(input))),
    Effect.mapError((failure) => `${failure.code}: ${failure.message}`),
    Effect.result,
    Effect.provide(Expressions.layer)
  )

type Case = readonly [name: string, config: object, input: Json, output: Json]

const own = (text: string): Json => JSON.parse(text)

const check = (operation: string, cases: ReadonlyArray<Case>) =>
  describe(`${operation}`, () => {
    it.effect.each([...cases])("%s", ([, config, input, output]) =>
      Effect.gen(function*() {
        const result = Result.getOrThrow(yield* run({ operation, ...config }, input))
        assert.deepStrictEqual(result, output)
        // Also members named as a prototype's, and the order of all.
        assert.strictEqual(JSON.stringify(result), JSON.stringify(output))
      }))
  })

const people: Json = [
  { name: "Ann", age: 31, city: { name: "Bern" }, tags: ["a", "b"] },
  { name: "Bob", age: 25, city: { name: "Ulm" }, tags: [] },
  { name: "Cid", age: null, city: {}, tags: "ab" },
  { name: "Dee", tags: [["a"], { k: 1, l: 2 }] }
]

/** The names of the people that a filter lets pass. */
const passing = (...names: ReadonlyArray<string>): Json =>
  people.filter((person: Json) =>
    typeof person === "object" && person !== null && "name" in person && names.includes(String(person["name"]))
  )

check("filter", [
  ["eq is the default", { field: "name", value: "Bob" }, people, passing("Bob")],
  ["eq compares a nested field", { field: "city.name", value: "Bern" }, people, passing("Ann")],
  ["eq null passes null, not what is missing", { field: "age", value: null }, people, passing("Cid")],
  ["eq does not turn numbers into texts", { field: "age", value: "31" }, people, []],
  ["eq compares objects whatever their order", { field: "o", value: { b: 1, a: [2] } }, [{ o: { a: [2], b: 1 } }], [{
    o: { a: [2], b: 1 }
  }]],
  ["eq tells arrays by order", { field: "o", value: [1, 2] }, [{ o: [2, 1] }, { o: [1, 2] }], [{ o: [1, 2] }]],
  ["ne passes what is missing", { field: "age", operator: "ne", value: 31 }, people, passing("Bob", "Cid", "Dee")],
  ["ne null", { field: "age", operator: "ne", value: null }, people, passing("Ann", "Bob", "Dee")],
  ["ne of an object", { field: "o", operator: "ne", value: { a: 1 } }, [{ o: { a: 1 } }, {}], [{}]],
  ["gt", { field: "age", operator: "gt", value: 25 }, people, passing("Ann")],
  ["gte", { field: "age", operator: "gte", value: 25 }, people, passing("Ann", "Bob")],
  ["lt", { field: "age", operator: "lt", value: 31 }, people, passing("Bob")],
  ["lte", { field: "age", operator: "lte", value: 31 }, people, passing("Ann", "Bob")],
  ["gt compares texts by code unit", { field: "name", operator: "gt", value: "Bob" }, people, passing("Cid", "Dee")],
  ["gte does not compare texts with numbers", { field: "name", operator: "gte", value: 0 }, people, []],
  ["lt does not compare with null", { field: "age", operator: "lt", value: null }, people, []],
  ["in", { field: "name", operator: "in", value: ["Dee", "Ann", 5] }, people, passing("Ann", "Dee")],
  ["in an empty list", { field: "name", operator: "in", value: [] }, people, []],
  ["in finds null and objects", { field: "v", operator: "in", value: [null, { a: 1, b: 2 }] }, [{ v: null }, {}, {
    v: { b: 2, a: 1 }
  }], [{ v: null }, { v: { b: 2, a: 1 } }]],
  ["contains in texts", { field: "tags", operator: "contains", value: "ab" }, people, passing("Cid")],
  ["contains in arrays and texts", { field: "tags", operator: "contains", value: "a" }, people, passing("Ann", "Cid")],
  ["contains an array", { field: "tags", operator: "contains", value: ["a"] }, people, passing("Dee")],
  [
    "contains an object with reordered members",
    { field: "tags", operator: "contains", value: { l: 2, k: 1 } },
    people,
    passing("Dee")
  ],
  ["contains no number in a text", { field: "t", operator: "contains", value: 1 }, [{ t: "1" }, { t: [1] }], [{
    t: [1]
  }]],
  ["exists", { field: "age", operator: "exists" }, people, passing("Ann", "Bob", "Cid")],
  ["exists true", { field: "age", operator: "exists", value: true }, people, passing("Ann", "Bob", "Cid")],
  ["exists false", { field: "age", operator: "exists", value: false }, people, passing("Dee")],
  ["exists does not see prototypes", { field: "toString", operator: "exists" }, [{}, own(`{"toString":1}`)], [
    own(`{"toString":1}`)
  ]],
  ["matches anywhere in a text", { field: "name", operator: "matches", value: "n" }, people, passing("Ann")],
  [
    "matches with anchors",
    { field: "name", operator: "matches", value: "^[A-C]..$" },
    people,
    passing("Ann", "Bob", "Cid")
  ],
  ["matches texts alone", { field: "v", operator: "matches", value: "1" }, [{ v: 1 }, { v: "1" }, { v: ["1"] }, {}], [{
    v: "1"
  }]],
  ["an index in the path", { field: "tags.1", value: "b" }, people, passing("Ann")],
  ["items without members", { field: "a", operator: "ne", value: 1 }, [null, 1, "a", [], { a: 1 }], [null, 1, "a", []]],
  ["an empty array", { field: "a", value: 1 }, [], []],
  ["path", { path: "data.items", field: "ok", value: true }, { data: { items: [{ ok: true }, { ok: false }] } }, [{
    ok: true
  }]]
])

describe("filter with a pattern that others take exponential time for", () => {
  for (const pattern of ["(a+)+$", "(a|aa)+$", "^(a*)*b$", "(.*)*x"]) {
    it.effect(`${pattern} on 50,000 a's`, () =>
      Effect.gen(function*() {
        const config = { operation: "filter", field: "t", operator: "matches", value: pattern }
        const started = performance.now()
        assert.deepStrictEqual(yield* run(config, [{ t: `${"a".repeat(50_000)}!` }]), Result.succeed([]))
        assert.isBelow(performance.now() - started, 2_000)
      }))
  }
})

check("map", [
  ["picks fields", { fields: ["name", "age"] }, [{ name: "a", age: 1, x: 2 }, { age: null }], [{ name: "a", age: 1 }, {
    age: null
  }]],
  ["picks nested fields where they stood", { fields: ["a.b", "a.c", "d"] }, [{ a: { b: 1, c: 2, x: 3 }, d: 4 }], [{
    a: { b: 1, c: 2 },
    d: 4
  }]],
  ["leaves out what is missing", { fields: ["a.b", "c"] }, [{ a: {} }, null, 5], [{}, {}, {}]],
  ["picks __proto__ as a member", { fields: ["__proto__.a", "constructor"] }, [
    own(`{"__proto__":{"a":1},"constructor":2}`)
  ], [own(`{"__proto__":{"a":1},"constructor":2}`)]],
  ["gives new names", { fields: { id: "user.id", first: "tags.0" } }, [{ user: { id: 7 }, tags: ["x"] }, {}], [{
    id: 7,
    first: "x"
  }, {}]],
  ["a name is a name, not a path", { fields: { "a.b": "x" } }, [{ x: 1 }], [{ "a.b": 1 }]],
  ["gives __proto__ as a new name", { fields: own(`{"__proto__":"a"}`) }, [{ a: { polluted: true } }], [
    own(`{"__proto__":{"polluted":true}}`)
  ]],
  ["an empty array", { fields: ["a"] }, [], []],
  ["path", { path: "items", fields: ["a"] }, { items: [{ a: 1, b: 2 }] }, [{ a: 1 }]]
])

const keyed = (...keys: ReadonlyArray<Json>): Json => keys.map((k) => ({ k }))

check("sort", [
  ["ascending is the default", { field: "k" }, keyed(3, 1, 2), keyed(1, 2, 3)],
  ["descending", { field: "k", direction: "desc" }, keyed(3, 1, 2), keyed(3, 2, 1)],
  ["numbers as numbers", { field: "k" }, keyed(10, 9, -1, 1.5), keyed(-1, 1.5, 9, 10)],
  ["texts by code unit", { field: "k" }, keyed("b", "B", "a", "ä", "10", "9"), keyed("10", "9", "B", "a", "b", "ä")],
  ["stable ascending", { field: "k" }, [{ k: 1, i: 0 }, { k: 0, i: 1 }, { k: 1, i: 2 }, { k: 0, i: 3 }], [
    { k: 0, i: 1 },
    { k: 0, i: 3 },
    { k: 1, i: 0 },
    { k: 1, i: 2 }
  ]],
  ["stable descending", { field: "k", direction: "desc" }, [{ k: 1, i: 0 }, { k: 0, i: 1 }, { k: 1, i: 2 }, {
    k: 0,
    i: 3
  }], [{ k: 1, i: 0 }, { k: 1, i: 2 }, { k: 0, i: 1 }, { k: 0, i: 3 }]],
  ["numbers, then texts, then others, then nothing", { field: "k" }, [{ k: null }, { k: true }, { k: "a" }, {}, {
    k: [1]
  }, { k: 1 }], [{ k: 1 }, { k: "a" }, { k: true }, { k: [1] }, { k: null }, {}]],
  ["nothing comes last descending too", { field: "k", direction: "desc" }, [{ k: null }, { k: 1 }, {}, { k: "a" }, {
    k: true
  }], [{ k: true }, { k: "a" }, { k: 1 }, { k: null }, {}]],
  ["by a nested field", { field: "a.b" }, [{ a: { b: 2 } }, { a: { b: 1 } }], [{ a: { b: 1 } }, { a: { b: 2 } }]],
  ["an empty array", { field: "k" }, [], []],
  ["path", { path: "x", field: "k" }, { x: keyed(2, 1) }, keyed(1, 2)]
])

check("limit", [
  ["takes the first", { count: 2 }, [1, 2, 3], [1, 2]],
  ["from an offset", { count: 2, offset: 1 }, [1, 2, 3, 4], [2, 3]],
  ["fewer than asked for", { count: 5, offset: 2 }, [1, 2, 3], [3]],
  ["none", { count: 0 }, [1, 2], []],
  ["an offset behind the end", { count: 1, offset: 9 }, [1, 2], []],
  ["path", { path: "a.0", count: 1 }, { a: [[1, 2]] }, [1]]
])

check("unique", [
  ["of plain values", {}, [1, "1", 1, null, null, true, "1"], [1, "1", null, true]],
  ["of objects with reordered members", {}, [{ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }, { a: 1 }], [{
    a: 1,
    b: { c: 2, d: 3 }
  }, { a: 1 }]],
  ["of arrays by their order", {}, [[1, 2], [2, 1], [1, 2]], [[1, 2], [2, 1]]],
  ["by a field, the first stays", { field: "k" }, [{ k: 1, i: 0 }, { k: 1, i: 1 }, { k: 2, i: 2 }], [{ k: 1, i: 0 }, {
    k: 2,
    i: 2
  }]],
  ["what is missing is a value of its own", { field: "k" }, [{}, { k: null }, { i: 1 }, { k: "" }, { k: null }], [{}, {
    k: null
  }, { k: "" }]],
  ["an empty array", {}, [], []],
  ["path", { path: "a" }, { a: [1, 1] }, [1]]
])

check("group", [
  ["by a field", { field: "k" }, [{ k: "x", i: 0 }, { k: "y", i: 1 }, { k: "x", i: 2 }], {
    x: [{ k: "x", i: 0 }, { k: "x", i: 2 }],
    y: [{ k: "y", i: 1 }]
  }],
  ["by the text of numbers and booleans", { field: "k" }, keyed(1, true, "1"), {
    1: [{ k: 1 }, { k: "1" }],
    true: [{ k: true }]
  }],
  ["what is missing stands under null", { field: "k" }, [{}, { k: null }], { null: [{}, { k: null }] }],
  ["by objects whatever their order", { field: "k" }, keyed({ a: 1, b: 2 }, { b: 2, a: 1 }), {
    "{\"a\":1,\"b\":2}": keyed({ a: 1, b: 2 }, { b: 2, a: 1 })
  }],
  [
    "by names of a prototype",
    { field: "k" },
    keyed("__proto__", "constructor", "__proto__", "toString"),
    own(
      `{"__proto__":[{"k":"__proto__"},{"k":"__proto__"}],"constructor":[{"k":"constructor"}],"toString":[{"k":"toString"}]}`
    )
  ],
  ["an empty array", { field: "k" }, [], {}],
  ["path", { path: "a", field: "k" }, { a: keyed("x") }, { x: [{ k: "x" }] }]
])

const sales: Json = [
  { shop: "a", sum: 10 },
  { shop: "b", sum: 5 },
  { shop: "a", sum: 2.5 },
  { shop: "b", sum: null },
  { shop: "b" }
]

const all = [
  { as: "items", function: "count" },
  { as: "sums", function: "count", field: "sum" },
  { as: "total", function: "sum", field: "sum" },
  { as: "mean", function: "avg", field: "sum" },
  { as: "least", function: "min", field: "sum" },
  { as: "most", function: "max", field: "sum" }
]

check("aggregate", [
  ["all of it", { operations: all }, sales, { items: 5, sums: 3, total: 17.5, mean: 17.5 / 3, least: 2.5, most: 10 }],
  ["by a field, in order of appearance", { operations: all, by: "shop" }, sales, [
    { shop: "a", items: 2, sums: 2, total: 12.5, mean: 6.25, least: 2.5, most: 10 },
    { shop: "b", items: 3, sums: 1, total: 5, mean: 5, least: 5, most: 5 }
  ]],
  ["of nothing", { operations: all }, [], { items: 0, sums: 0, total: 0, mean: null, least: null, most: null }],
  ["of nothing, by a field", { operations: all, by: "shop" }, [], []],
  ["by a field that is missing", { operations: [{ as: "n", function: "count" }], by: "x.y" }, [{}, { x: { y: null } }, {
    x: { y: 1 }
  }], [{ "x.y": null, n: 2 }, { "x.y": 1, n: 1 }]],
  [
    "by objects whatever their order",
    { operations: [{ as: "n", function: "count" }], by: "k" },
    keyed({ a: 1, b: 2 }, { b: 2, a: 1 }),
    [{ k: { a: 1, b: 2 }, n: 2 }]
  ],
  ["by numbers and texts apart", { operations: [{ as: "n", function: "count" }], by: "k" }, keyed(1, "1"), [{
    k: 1,
    n: 1
  }, { k: "1", n: 1 }]],
  ["named after a prototype", { operations: [{ as: "__proto__", function: "count" }], by: "constructor" }, [
    own(`{"constructor":"x"}`)
  ], [own(`{"constructor":"x","__proto__":1}`)]],
  ["by a value __proto__", { operations: [{ as: "n", function: "count" }], by: "k" }, keyed("__proto__"), [{
    k: "__proto__",
    n: 1
  }]],
  ["path", { path: "a", operations: [{ as: "s", function: "sum", field: "k" }] }, { a: keyed(1, 2) }, { s: 3 }]
])

check("flatten", [
  ["one level is the default", {}, [1, [2, [3, [4]]], []], [1, 2, [3, [4]]]],
  ["two levels", { depth: 2 }, [1, [2, [3, [4]]]], [1, 2, 3, [4]]],
  ["as deep as it goes", { depth: 100 }, [[[[[[1]], 2]]], [[]]], [1, 2]],
  ["objects stay", {}, [{ a: [1] }, [{ b: 2 }], null], [{ a: [1] }, { b: 2 }, null]],
  ["an empty array", {}, [], []],
  ["path", { path: "a" }, { a: [[1]] }, [1]]
])

check("merge", [
  ["objects deeply, the second wins", { with: { a: { y: 3, z: 4 }, b: 5 } }, { a: { x: 1, y: 2 }, c: 6 }, {
    a: { x: 1, y: 3, z: 4 },
    c: 6,
    b: 5
  }],
  ["arrays inside are replaced", { with: { a: [2] } }, { a: [1] }, { a: [2] }],
  ["null replaces", { with: { a: null } }, { a: { b: 1 } }, { a: null }],
  ["an object replaces what is none", { with: { a: { b: 1 } } }, { a: 5 }, { a: { b: 1 } }],
  ["arrays one after the other", { with: [2, [3]] }, [1], [1, 2, [3]]],
  ["with nothing", { with: {} }, { a: 1 }, { a: 1 }],
  [
    "__proto__ is a member as any other",
    { with: own(`{"__proto__":{"b":2},"constructor":{"prototype":{"polluted":true}}}`) },
    own(`{"__proto__":{"a":1}}`),
    own(`{"__proto__":{"a":1,"b":2},"constructor":{"prototype":{"polluted":true}}}`)
  ],
  ["what stands in a prototype is not merged", { with: { toString: { a: 1 } } }, {}, { toString: { a: 1 } }],
  ["path", { path: "a.b", with: [2] }, { a: { b: [1] } }, [1, 2]]
])

check("set", [
  ["lays values over an object", { values: { b: 2, c: { d: 3 } } }, { a: 1, b: 1, c: { e: 4 } }, {
    a: 1,
    b: 2,
    c: { d: 3 }
  }],
  ["nothing", { values: {} }, { a: 1 }, { a: 1 }],
  [
    "__proto__ is a member as any other",
    { values: own(`{"__proto__":{"polluted":true}}`) },
    { a: 1 },
    own(`{"a":1,"__proto__":{"polluted":true}}`)
  ],
  ["path", { path: "a", values: { c: 2 } }, { a: { b: 1 } }, { b: 1, c: 2 }]
])

describe("what can't be transformed", () => {
  const refused: ReadonlyArray<readonly [config: object, input: Json, message: string]> = [
    [{ operation: "filter", field: "a", value: 1 }, { a: 1 }, "filter: expected an array, got an object"],
    [{ operation: "map", fields: ["a"] }, null, "map: expected an array, got null"],
    [{ operation: "sort", field: "a" }, "text", "sort: expected an array, got a string"],
    [{ operation: "limit", count: 1 }, 5, "limit: expected an array, got a number"],
    [{ operation: "unique" }, true, "unique: expected an array, got a boolean"],
    [{ operation: "group", field: "a" }, {}, "group: expected an array, got an object"],
    [{ operation: "aggregate", operations: all }, {}, "aggregate: expected an array, got an object"],
    [{ operation: "flatten" }, "", "flatten: expected an array, got a string"],
    [{ operation: "flatten", path: "a.b" }, { a: { b: {} } }, "flatten: expected an array at \"a.b\", got an object"],
    [{ operation: "flatten", path: "a.b" }, { a: {} }, "flatten: expected a value at \"a.b\", got nothing"],
    [{ operation: "set", path: "a", values: {} }, null, "set: expected a value at \"a\", got nothing"],
    [{ operation: "set", values: {} }, [], "set: expected an object, got an array"],
    [{ operation: "set", path: "a", values: {} }, { a: 1 }, "set: expected an object at \"a\", got a number"],
    [{ operation: "merge", with: [] }, {}, "merge: expected two objects or two arrays, got an object and an array"],
    [{ operation: "merge", with: 1 }, null, "merge: expected two objects or two arrays, got null and a number"],
    [
      { operation: "aggregate", operations: [{ as: "s", function: "sum", field: "sum" }] },
      [{ sum: 1 }, { sum: "2" }],
      "aggregate: sum expected numbers in \"sum\", got a string"
    ],
    [
      { operation: "aggregate", operations: [{ as: "m", function: "max", field: "a.b" }], by: "k" },
      [{ k: 1, a: { b: [] } }],
      "aggregate: max expected numbers in \"a.b\", got an array"
    ]
  ]

  it.effect.each([...refused])("%j", ([config, input, message]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* run(config, input), Result.fail(`invalid-input: ${message}`))
    }))

  for (const pattern of ["(", "[", "(?=a)", "a{1001}", "((a{100}){100}){100}", "*"]) {
    it.effect(`the pattern ${pattern}`, () =>
      Effect.gen(function*() {
        const config = { operation: "filter", field: "a", operator: "matches", value: pattern }
        const message = Result.getOrThrow(Result.flip(yield* run(config, [])))
        assert.match(message, /^invalid-input: filter: "value" is not a pattern: error parsing regexp: /)
      }))
  }
})

const configs: ReadonlyArray<TransformConfig> = [
  { operation: "filter", field: "a", operator: "ne", value: 1 },
  { operation: "map", fields: ["a.b", "c"] },
  { operation: "map", fields: { x: "a" } },
  { operation: "sort", field: "a", direction: "desc" },
  { operation: "limit", count: 2, offset: 1 },
  { operation: "unique" },
  { operation: "unique", field: "a" },
  { operation: "group", field: "a" },
  { operation: "aggregate", operations: [{ as: "n", function: "count", field: "a" }], by: "c" },
  { operation: "flatten", depth: 2 },
  { operation: "merge", with: [{ a: 1 }] },
  { operation: "merge", with: { a: { b: 1 } } },
  { operation: "set", values: { a: { b: 1 } } }
]

const frozen = (value: Json): Json => {
  if (typeof value === "object" && value !== null) { for (const member of Object.values(value)) frozen(member) }
  return Object.freeze(value)
}

const Item = Schema.Struct({ a: Schema.optionalKey(Schema.Json), c: Schema.optionalKey(Schema.Json) })

const inputs = Arbitrary.schema(Schema.Union([Schema.Array(Item), Schema.Array(Schema.Json), Item, Schema.Json]))

describe("any input", () => {
  it.effect.prop(
    "is never changed, and gives the same output again",
    { input: inputs },
    ({ input }) =>
      Effect.gen(function*() {
        const before = JSON.stringify(input)
        frozen(input)
        for (const config of configs) {
          const first = yield* run(config, input)
          assert.strictEqual(JSON.stringify(input), before)
          assert.deepStrictEqual(
            yield* run(config, JSON.parse(before)),
            Result.map(first, (output): Json => JSON.parse(JSON.stringify(output)))
          )
        }
      })
  )
})
