import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { Json } from "effect/Schema"
import { jsonBytes } from "../../src/domain/Json.ts"
import { Limits } from "../../src/domain/Limits.ts"
import { bounded } from "../../src/engine/ErrorBounds.ts"

const detailsOf = (details: Json) => bounded({ message: "m", details }).details

/** Details that take so many bytes. */
const detailsOfBytes = (bytes: number) => ({
  status: 400,
  body: "b".repeat(bytes - jsonBytes({ status: 400, body: "" }))
})

describe("an error", () => {
  it("has a message of at most 2,000 characters", () => {
    assert.deepStrictEqual(bounded({ message: "m".repeat(2_000) }), { message: "m".repeat(2_000) })
    assert.deepStrictEqual(bounded({ message: "m".repeat(2_001) }), { message: "m".repeat(2_000) })
    assert.deepStrictEqual(bounded({ message: `${"m".repeat(1_999)}😀` }), { message: "m".repeat(1_999) })
  })

  it("has details of at most 65,536 bytes: the largest member gives way", () => {
    const fits = detailsOfBytes(65_536)
    assert.strictEqual(detailsOf(fits), fits)
    assert.deepStrictEqual(detailsOf(detailsOfBytes(65_537)), { status: 400, body: { omittedBytes: 65_515 } })
    assert.deepStrictEqual(detailsOf({ request: "r".repeat(50_000), body: "b".repeat(40_000), code: 1 }), {
      request: { omittedBytes: 50_002 },
      body: "b".repeat(40_000),
      code: 1
    })
    assert.deepStrictEqual(detailsOf({ request: "r".repeat(90_000), body: "ü".repeat(40_000), code: 1 }), {
      request: { omittedBytes: 90_002 },
      body: { omittedBytes: 80_002 },
      code: 1
    })
  })

  it("loses the last members of a list", () => {
    const issues = Array.from({ length: 3_000 }, (_, index) => ({ path: ["ü", index], message: "is not valid" }))
    const told = Object(detailsOf({ issues })).issues
    assert.isAtMost(jsonBytes({ issues: told }), Limits.errorDetailsBytes)
    assert.isAbove(jsonBytes({ issues: issues.slice(0, told.length + 1) }), Limits.errorDetailsBytes)
    assert.deepStrictEqual(told, issues.slice(0, told.length))
    const message = "m".repeat(Limits.errorDetailsBytes - jsonBytes({ issues: [{ path: [], message: "" }] }))
    const fits = { issues: [{ path: [], message }] }
    assert.strictEqual(detailsOf(fits), fits)
    assert.deepStrictEqual(detailsOf({ issues: [{ path: [], message: `${message}m` }] }), { issues: [] })
    const ones = Array.from({ length: 40_000 }, () => 1)
    assert.strictEqual(jsonBytes(detailsOf(ones) ?? null), Limits.errorDetailsBytes - 1)
  })

  it("keeps what is small of an error inside of it", () => {
    const error = { code: "http-5xx", message: "The upstream answered 500", details: detailsOfBytes(65_200) }
    assert.deepStrictEqual(detailsOf({ executionId: "e".repeat(400), error }), {
      executionId: "e".repeat(400),
      error: { ...error, details: { status: 400, body: { omittedBytes: jsonBytes(error.details.body) } } }
    })
  })

  it("has none where no member is large, or there is none", () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [String(index), "a"]))
    const larger = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [String(index), "a".repeat(110)]))
    for (const details of [many, larger, "d".repeat(70_000)]) {
      assert.deepStrictEqual(detailsOf(details), { omittedBytes: jsonBytes(details) })
    }
  })

  it.prop("is never larger, whatever its details are", [Schema.Json], ([value]) => {
    const large = { value, values: Array.from({ length: 2_000 }, () => value), texts: ["t".repeat(60_000), value] }
    assert.isAtMost(jsonBytes(detailsOf(large) ?? null), Limits.errorDetailsBytes)
  })
})
