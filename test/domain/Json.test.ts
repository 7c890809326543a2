import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import type { Json } from "effect/Schema"
import { canonical, isObject, isSame, jsonBytes, kindOf, nestsDeeper } from "../../src/domain/Json.ts"

/** The same value with the members of each object in the opposite order. */
const reordered = (value: Json): Json =>
  Array.isArray(value)
    ? value.map((item: Json) => reordered(item))
    : isObject(value)
    ? Object.fromEntries(Object.entries(value).toReversed().map(([name, member]) => [name, reordered(member)]))
    : value

/** How deeply a parsed value nests; a value without members nests 0 deep. */
const depthOf = (value: Json): number =>
  typeof value === "object" && value !== null
    ? 1 + Object.values(value).reduce<number>((deepest, member) => Math.max(deepest, depthOf(member)), 0)
    : 0

/** Texts made of what could mislead a reader that counts braces. */
const awkward = Arbitrary.map(
  Arbitrary.schema(Schema.Array(Schema.Literals(["{", "}", "[", "]", "\"", "\\", "\n", "a", "ü", "\u2028"]))),
  (parts) => parts.join("")
)

/** A value as deep as there are levels, with an awkward text at each. */
const nested = Arbitrary.map(
  Arbitrary.all({ levels: Arbitrary.array(Arbitrary.all([awkward, Arbitrary.schema(Schema.Boolean)])), core: awkward }),
  ({ core, levels }) =>
    levels.reduce<Json>(
      (value, [text, asArray]) => asArray ? [text, value, []] : { [text]: value, [`${text}{`]: text },
      core
    )
)

describe("isSame", () => {
  it.prop("is what the canonical texts tell", { a: Schema.Json, b: Schema.Json }, ({ a, b }) => {
    assert.isTrue(isSame(a, reordered(a)))
    assert.strictEqual(isSame(a, b), canonical(a) === canonical(b))
    for (
      const [one, other] of [[{ a, b }, { a: b, b: a }], [[a, b], [b, a]], [{ a }, { a, b }], [[a], [a, b]]] as const
    ) {
      assert.strictEqual(isSame(one, other), canonical(one) === canonical(other))
      assert.strictEqual(isSame(other, one), canonical(one) === canonical(other))
    }
  })

  it("knows a member only where it is one", () => {
    for (const text of ["{\"__proto__\":1}", "{\"toString\":1}", "[]", "null"]) {
      assert.isFalse(isSame(JSON.parse(text), {}))
      assert.isFalse(isSame({}, JSON.parse(text)))
    }
    assert.isFalse(isSame(undefined, null))
    assert.isTrue(isSame(-0, 0))
  })
})

describe("canonical", () => {
  it.prop("is the same for equal values with reordered members", { value: Schema.Json }, ({ value }) => {
    assert.strictEqual(canonical(reordered(value)), canonical(value))
    assert.deepStrictEqual(JSON.parse(canonical(value)), JSON.parse(JSON.stringify(value)))
  })

  const cases: ReadonlyArray<readonly [text: string, canonical: string]> = [
    ["null", "null"],
    ["\"a\"", "\"a\""],
    ["-0", "0"],
    [`{"b":1,"a":2}`, `{"a":2,"b":1}`],
    [`{"b":[{"d":1,"c":2}],"a":{"z":null,"y":true}}`, `{"a":{"y":true,"z":null},"b":[{"c":2,"d":1}]}`],
    [`[2,1]`, `[2,1]`],
    [`{"10":1,"9":2,"a":3}`, `{"9":2,"10":1,"a":3}`],
    [`{"z":1,"__proto__":{"b":1,"a":2}}`, `{"__proto__":{"a":2,"b":1},"z":1}`],
    [`{"toString":1,"constructor":2}`, `{"constructor":2,"toString":1}`]
  ]

  for (const [text, expected] of cases) {
    it(`${text} is ${expected}`, () => assert.strictEqual(canonical(JSON.parse(text)), expected))
  }

  it("tells values apart that are not equal", () => {
    const values: ReadonlyArray<Json> = [
      null,
      "null",
      0,
      "0",
      false,
      "",
      [],
      {},
      [null],
      { a: null },
      [[]],
      { a: [] },
      "[]"
    ]
    assert.strictEqual(new Set(values.map(canonical)).size, values.length)
  })
})

describe("jsonBytes", () => {
  const bytesOf = (value: Json): number => new TextEncoder().encode(JSON.stringify(value)).length

  it.prop("counts the bytes of the JSON in UTF-8", { value: Schema.Json }, ({ value }) => {
    assert.strictEqual(jsonBytes(value), bytesOf(value))
  })

  const cases: ReadonlyArray<readonly [value: Json, bytes: number]> = [
    [null, 4],
    ["", 2],
    ["a", 3],
    ["ä", 4],
    ["€", 5],
    ["\u{1f600}", 6],
    ["\ud800", 8],
    ["\n", 4],
    ["\u007f", 3],
    ["\u0080", 4],
    [{ "ä": [1, 2] }, 12]
  ]

  for (const [value, bytes] of cases) {
    it(`${JSON.stringify(value)} takes ${bytes}`, () => {
      assert.strictEqual(jsonBytes(value), bytes)
      assert.strictEqual(bytesOf(value), bytes)
    })
  }
})

describe("nestsDeeper", () => {
  it.prop("agrees with the depth of the parsed value", { value: nested }, ({ value }) => {
    const depth = depthOf(value)
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)]) {
      assert.isFalse(nestsDeeper(text, depth), text)
      if (depth > 0) assert.isTrue(nestsDeeper(text, depth - 1), text)
    }
  }, { arbitrary: { runs: 300 } })

  it.prop("agrees for any JSON", { value: Schema.Json }, ({ value }) => {
    const depth = depthOf(value)
    assert.isFalse(nestsDeeper(JSON.stringify(value), depth))
    assert.isTrue(nestsDeeper(JSON.stringify([value]), depth))
  })

  const cases: ReadonlyArray<readonly [text: string, maximum: number, deeper: boolean]> = [
    ["1", 0, false],
    ["[]", 0, true],
    ["[]", 1, false],
    ["[[]]", 1, true],
    ["[[],[],[]]", 2, false],
    [`"[[[["`, 0, false],
    [`["[[[["]`, 1, false],
    [`["\\"[[[["]`, 1, false],
    [`["\\\\",[]]`, 1, true],
    [`["\\\\\\"[",1]`, 1, false],
    [`{"{":{"}":1}}`, 2, false],
    [`{"{":{"}":1}}`, 1, true],
    ["", 0, false],
    ["[".repeat(101), 100, true],
    ["[".repeat(100), 100, false],
    ["{\"a\":".repeat(101), 100, true]
  ]

  for (const [text, maximum, deeper] of cases) {
    it(`${text.slice(0, 20)} ${deeper ? "nests" : "does not nest"} deeper than ${maximum}`, () => {
      assert.strictEqual(nestsDeeper(text, maximum), deeper)
    })
  }
})

describe("kindOf", () => {
  const cases: ReadonlyArray<readonly [value: Json | undefined, kind: string]> = [
    [undefined, "nothing"],
    [null, "null"],
    [[], "an array"],
    [{}, "an object"],
    ["", "a string"],
    [0, "a number"],
    [false, "a boolean"]
  ]

  for (const [value, kind] of cases) {
    it(`tells ${kind}`, () => {
      assert.strictEqual(kindOf(value), kind)
      assert.strictEqual(isObject(value), kind === "an object")
    })
  }
})
