import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { evaluate } from "./evaluating.ts"

describe("expressions in workerd", () => {
  it.live("come to their bounds, and give turns on the way", () =>
    Effect.gen(function*() {
      let turns = 0
      const timer = setInterval(() => turns++, 0)
      assert.deepStrictEqual(yield* evaluate("($f := function($n) { $f($n + 1) }; $f(0))"), { failed: "limit-steps" })
      assert.isAbove(turns, 2)
      clearInterval(timer)
      assert.deepStrictEqual(yield* evaluate("($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(70))"), 70)
      for (
        const body of [
          "1 + $f($n)",
          "$map([1], $f)",
          "[$f($n)]",
          "{\"a\": $f($n)}",
          "$n ~> |$|{\"a\": $f($n)}|",
          "$sort([2, 1], $f)"
        ]
      ) {
        assert.deepStrictEqual(yield* evaluate(`($f := function($n) { ${body} }; $f({}))`), { failed: "limit-depth" })
      }
      assert.deepStrictEqual(yield* evaluate("$pad(\"\", 100000000)"), { failed: "limit-string" })
      assert.strictEqual(yield* evaluate("$fromMillis(0, \"[Y]\") & $formatNumber(1.5, \"0.00\")"), "19701.50")
    }))
})
