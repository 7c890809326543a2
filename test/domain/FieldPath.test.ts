import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { Json } from "effect/Schema"
import { FieldPath, readPath } from "../../src/domain/FieldPath.ts"

describe("FieldPath", () => {
  const isPath = Schema.is(FieldPath)

  for (const path of ["a", "a.b", "items.0.id", "a b.c d", "ä", "__proto__", "x".repeat(256)]) {
    it(`holds ${path.slice(0, 20)}`, () => assert.isTrue(isPath(path)))
  }

  for (const path of ["", ".", ".a", "a.", "a..b", "x".repeat(257), 0, null, ["a"]]) {
    it(`refuses ${JSON.stringify(path).slice(0, 20)}`, () => assert.isFalse(isPath(path)))
  }
})

describe("readPath", () => {
  const value: Json = {
    a: { b: { c: 1 } },
    list: [{ id: "x" }, [10, 20]],
    nothing: null,
    text: "hello",
    "": "empty"
  }

  const cases: ReadonlyArray<readonly [path: string, found: Json | undefined]> = [
    ["a", { b: { c: 1 } }],
    ["a.b.c", 1],
    ["a.b.c.d", undefined],
    ["a.x", undefined],
    ["a.x.y", undefined],
    ["list.0.id", "x"],
    ["list.1.1", 20],
    ["list.2", undefined],
    ["list.-1", undefined],
    ["list.01", undefined],
    ["list.id", undefined],
    ["nothing", null],
    ["nothing.x", undefined],
    ["text.0", undefined],
    ["text.length", undefined],
    ["constructor", undefined],
    ["toString", undefined],
    ["__proto__", undefined],
    ["a.__proto__", undefined],
    ["list.map", undefined]
  ]

  for (const [path, found] of cases) {
    it(`${path} is ${JSON.stringify(found)}`, () => assert.deepStrictEqual(readPath(value, path), found))
  }

  it("reads nothing of a value that has no members", () => {
    for (const scalar of [null, 1, "text", true]) assert.isUndefined(readPath(scalar, "a"))
  })

  it("reads a value's own members, whatever their name", () => {
    const own: Json = JSON.parse(`{"__proto__":{"a":1},"constructor":{"b":2}}`)
    assert.strictEqual(readPath(own, "__proto__.a"), 1)
    assert.strictEqual(readPath(own, "constructor.b"), 2)
  })
})
