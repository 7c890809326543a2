import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { Expressions } from "../../../src/engine/Expressions.ts"
import { compile } from "../../../src/engine/expressions/Expression.ts"
import { ExpressionFailure } from "../../../src/engine/expressions/ExpressionFailure.ts"
import { ExpressionLimits as Limits } from "../../../src/engine/expressions/ExpressionLimits.ts"
import { layer } from "../../../src/engine/expressions/Layer.ts"
import { Meter } from "../../../src/engine/expressions/Meter.ts"
import { toJson } from "../../../src/engine/expressions/Output.ts"
import type { Value } from "../../../src/engine/expressions/Values.ts"
import { evaluate } from "./evaluating.ts"

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
    return undefined
  } catch (thrown) {
    return thrown instanceof ExpressionFailure ? thrown.code : String(thrown)
  }
}

const repeat = (times: number, run: () => unknown) => {
  for (let count = 0; count < times; count++) run()
}

/** Evaluates an expression for each of so many items; a failure is its code. */
const overItems = (expression: string, count: number) =>
  Expressions.use(({ testEach }) => testEach(expression, {}, Array.from({ length: count }, (_, index) => index))).pipe(
    Effect.map((tests) => tests.filter((test) => test).length),
    Effect.catchTag("StepFailure", ({ details }) => Effect.succeed(details)),
    Effect.provide(layer)
  )

describe("an expression that is evaluated for each item", () => {
  const loop = "$count([1..900].($ * 2)) > 0"

  it.effect("has the bounds of one evaluation for each", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* overItems("item % 2 = 0 and index = item", 100_000), 50_000)
      assert.strictEqual(yield* overItems(loop, 200), 200)
      assert.deepInclude(yield* overItems("($f := function($n) { $f($n + 1) }; $f(0))", 3), { code: "limit-steps" })
    }))

  it.effect("has bounds for all of them together", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* overItems(loop, 100_000), { code: "limit-steps" })
      assert.deepInclude(yield* overItems("$contains($pad('', 900000), 'x') or true", 100_000), { code: "limit-work" })
    }))
})

describe("the meter", () => {
  const bounds: ReadonlyArray<
    readonly [code: string, fill: (meter: Meter) => unknown, more: (meter: Meter) => unknown]
  > = [
    ["limit-steps", (meter) => repeat(Limits.steps, () => meter.count()), (meter) => meter.count()],
    ["limit-depth", (meter) => repeat(Limits.depth, () => meter.enter()), (meter) => meter.enter()],
    ["limit-work", (meter) => meter.work(Limits.workPerStep), (meter) => meter.work(1)],
    ["limit-work", (meter) => repeat(5, () => (meter.work(Limits.work / 5), meter.enter())), (meter) => meter.work(1)],
    [
      "limit-memory",
      (meter) => repeat(Limits.allocatedBytes / 3200, () => (meter.object(99), meter.enter(), meter.leave())),
      (meter) => meter.object(0)
    ],
    ["limit-array", (meter) => meter.array(Limits.arrayItems), (meter) => meter.array(Limits.arrayItems + 1, 1)],
    [
      "limit-string",
      (meter) => meter.text(Limits.stringCharacters),
      (meter) => meter.joined(Limits.stringCharacters + 1)
    ],
    ["limit-output", (meter) => meter.output(Limits.outputBytes), (meter) => meter.output(1)]
  ]
  for (const [code, fill, more] of bounds) {
    it(`ends at ${code}`, () => {
      const meter = new Meter()
      assert.isUndefined(codeOf(() => fill(meter)))
      assert.strictEqual(codeOf(() => more(meter)), code)
    })
  }

  it("asks for a turn now and then, by steps and by work", () => {
    const meter = new Meter()
    const turns = Array.from({ length: Limits.stepsPerTurn * 2 }, () => {
      const turn = meter.enter()
      meter.leave()
      return turn
    })
    assert.strictEqual(turns.filter(Boolean).length, 2)
    meter.work(Limits.workPerTurn)
    assert.isTrue(meter.enter())
  })
})

describe("the syntax", () => {
  const messageOf = (source: string): string | undefined => {
    const compiled = compile(source)
    return Result.isFailure(compiled) ? compiled.failure.message : undefined
  }
  const edges: ReadonlyArray<readonly [name: string, at: string, over: string]> = [
    ["characters", "1".padEnd(Limits.textCharacters), "1".padEnd(Limits.textCharacters + 1)],
    ["brackets", `${"(".repeat(198)}1${")".repeat(198)}`, `${"(".repeat(201)}1${")".repeat(201)}`],
    ["operands", "1" + "+1".repeat(198), "1" + "+1".repeat(202)],
    ["a pattern", `/${"a".repeat(500)}/`, `/${"a".repeat(501)}/`],
    ["repeats in a pattern", "/a{1000}/", "/(a{1000}b{1000}c{1000}d{1000}e{1000})/"],
    ["left sides that are copied", `${"(".repeat(6)}a${" ?? b)".repeat(6)}`, `${"(".repeat(7)}a${" ?? b)".repeat(7)}`],
    ["signatures", "function($a)<a<n>+-:n>{1}", `function($a)<${"n+".repeat(9)}:n>{1}`]
  ]
  for (const [name, at, over] of edges) {
    it(`bounds ${name}`, () => {
      assert.isUndefined(messageOf(at))
      assert.isDefined(messageOf(over))
    })
  }

  it("refuses in time what nests without end", () => {
    for (
      const part of [
        "(",
        "[",
        "{",
        "-",
        "a.",
        "a[",
        "a?",
        "a??",
        "a?:",
        "$f(",
        "function(){",
        "a~>",
        "|",
        "%.",
        "{\"a\":"
      ]
    ) {
      assert.isDefined(messageOf(part.repeat(Math.floor(Limits.textCharacters / part.length))))
    }
    assert.isDefined(messageOf(`${"(".repeat(150)}a${" ?: b)".repeat(150)}`))
  })
})

describe("values", () => {
  it.effect("bounds at their edges", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* evaluate("$count([1..100000])"), Limits.arrayItems)
      assert.deepStrictEqual(yield* evaluate("$count([1..100001])"), { failed: "limit-array" })
      assert.deepStrictEqual(yield* evaluate("$length($pad(\"\", 1000000))"), Limits.stringCharacters)
      assert.deepStrictEqual(yield* evaluate("$pad(\"\", 1000001)"), { failed: "limit-string" })
      assert.deepStrictEqual(
        yield* evaluate("$length($formatInteger(1, $pad(\"\", 128, \"0\")))"),
        Limits.pictureCharacters
      )
      assert.deepStrictEqual(yield* evaluate("$formatInteger(1, $pad(\"\", 129, \"0\"))"), { failed: "limit-picture" })
    }))

  it("nest only so deep in a result", () => {
    const nest = (depth: number): Value => depth === 0 ? 1 : { a: nest(depth - 1) }
    assert.isUndefined(codeOf(() => toJson(nest(Limits.valueDepth), new Meter())))
    assert.strictEqual(codeOf(() => toJson(nest(Limits.valueDepth + 1), new Meter())), "limit-value-depth")
  })

  it("count their bytes as JSON does", () => {
    const value = { "a\"b": ["é", "\n", 1.5, 0, true, null, "\u{1f600}"], ["__proto__"]: { x: 1 } }
    const meter = new Meter()
    assert.deepStrictEqual(toJson(value, meter), value)
    assert.isAtLeast(meter.given, new TextEncoder().encode(JSON.stringify(value)).length)
    assert.isAtMost(meter.given, new TextEncoder().encode(JSON.stringify(value)).length + 8)
  })
})
