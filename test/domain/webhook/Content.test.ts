import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { contentKind, defaultInputs, readContent, valuesOf } from "../../../src/domain/webhook/Content.ts"

describe("contentKind", () => {
  it("tells JSON, forms and text by their media types", () => {
    const kinds = [
      ["application/json", "json"],
      ["Application/JSON; charset=UTF-8", "json"],
      ["application/cloudevents+json", "json"],
      ["application/x-www-form-urlencoded", "form"],
      ["text/plain;charset=utf-8", "text"],
      ["text/csv; charset=\"us-ascii\"", "text"],
      ["text/plain; charset=iso-8859-1", undefined],
      ["application/octet-stream", undefined],
      ["multipart/form-data; boundary=x", undefined],
      ["application/jsonp", undefined],
      ["", undefined],
      [undefined, undefined]
    ] as const
    for (const [type, kind] of kinds) assert.strictEqual(contentKind(type, false), kind, String(type))
    assert.strictEqual(contentKind(undefined, true), "empty")
  })
})

describe("readContent", () => {
  it("reads each kind", () => {
    assert.deepStrictEqual(readContent("json", "[1, {\"a\": null}]"), Result.succeed([1, { a: null }]))
    assert.deepStrictEqual(readContent("form", "a=1&b=x+y&a=%C3%A9"), Result.succeed({ a: ["1", "é"], b: "x y" }))
    assert.deepStrictEqual(readContent("text", "hello"), Result.succeed("hello"))
    assert.deepStrictEqual(readContent("empty", ""), Result.succeed({}))
  })

  it("refuses what is no JSON that the service could keep", () => {
    for (const body of ["", "{", "\ufeff{}", "{\"a\":1e400}", "[".repeat(101) + "]".repeat(101)]) {
      assert.isTrue(Result.isFailure(readContent("json", body)), body.slice(0, 20))
    }
    assert.isTrue(Result.isSuccess(readContent("json", "[".repeat(100) + "]".repeat(100))))
  })
})

describe("valuesOf", () => {
  it("keeps the order of values of one name, and names that objects have anyway", () => {
    const values = valuesOf("a=1&a=2&a=3&__proto__=x&toString=y&empty=")
    assert.deepStrictEqual(Object.entries(values), [
      ["a", ["1", "2", "3"]],
      ["__proto__", "x"],
      ["toString", "y"],
      ["empty", ""]
    ])
  })
})

describe("defaultInputs", () => {
  it("takes an object as it is, and puts anything else under a name", () => {
    assert.deepStrictEqual(defaultInputs({ a: 1 }), { a: 1 })
    for (const content of [[1], "text", 3, null, true]) {
      assert.deepStrictEqual(defaultInputs(content), { body: content })
    }
  })
})
