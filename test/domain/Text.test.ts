import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { cut } from "../../src/domain/Text.ts"

describe("cut", () => {
  it("counts as length does, and leaves a surrogate pair whole or out", () => {
    assert.deepStrictEqual([0, 1, 2, 3, 4, 5].map((characters) => cut("a😀b", characters)), [
      "",
      "a",
      "a",
      "a😀",
      "a😀b",
      "a😀b"
    ])
  })

  it("leaves a text as it is that is short enough", () => {
    assert.strictEqual(cut("\ud83d", 1), "\ud83d")
  })

  it.prop(
    "gives the well-formed beginning of a well-formed text",
    [Schema.String, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 }))],
    ([text, characters]) => {
      const whole = text.toWellFormed()
      const beginning = cut(whole, characters)
      assert.isTrue(beginning.isWellFormed())
      assert.isTrue(whole.startsWith(beginning))
      assert.isAtMost(beginning.length, characters)
      assert.isAtLeast(beginning.length, Math.min(whole.length, characters) - 1)
    }
  )
})
