import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { Expressions } from "../../../src/engine/Expressions.ts"
import { check, checkExpression } from "../../../src/engine/expressions/Check.ts"
import { compile } from "../../../src/engine/expressions/Expression.ts"
import { ExpressionLimits } from "../../../src/engine/expressions/ExpressionLimits.ts"
import { layer } from "../../../src/engine/expressions/Layer.ts"
import { evaluate, scope } from "./evaluating.ts"

const referencesOf = (source: string) => {
  const compiled = compile(source)
  if (Result.isFailure(compiled)) return compiled.failure.message
  const { roots, secrets, whole } = compiled.success.references
  return { roots: [...roots], secrets: [...secrets], whole }
}

describe("the check of a definition", () => {
  it("finds every problem with its path and position", () => {
    const { issues, secrets } = check({
      url: "https://x/{{ input.id }}/{{ 1 + }}",
      headers: { a: "Bearer {{ secrets.TOKEN }}", b: "{{ open", c: "{{}}", d: "{{ inptu.x }}" },
      list: ["plain", "{{ $eval(\"1\") }}", "{{ secrets }}", "{{ /(?=a)/ }}"]
    }, ["steps", 0, "config"])
    assert.deepStrictEqual(secrets, [{ name: "TOKEN", path: ["steps", 0, "config", "headers", "a"] }])
    assert.deepStrictEqual(issues.map(({ message, path }) => [path.slice(3).join("."), message.replace(/:.*/s, "")]), [
      ["url", "is not a valid expression at position 32"],
      ["headers.b", "has a {{ at position 0 that no }} closes"],
      ["headers.c", "is not a valid expression at position 2"],
      ["list.1", "is not a valid expression at position 3"],
      ["list.2", "is not a valid expression at position 3"],
      ["list.3", "is not a valid expression at position 4"],
      [
        "headers.d",
        "names \"inptu\", but an expression sees only input, inputs, steps, trigger, execution, workflow, secrets, item, index"
      ]
    ])
  })

  it("takes an expression bare or in braces", () => {
    assert.deepStrictEqual(checkExpression("input.a", []), { issues: [], secrets: [], steps: [] })
    assert.deepStrictEqual(checkExpression("{{ input.a }}", []), { issues: [], secrets: [], steps: [] })
    assert.strictEqual(checkExpression("input.a )", ["if"]).issues.length, 1)
    assert.strictEqual(checkExpression("", ["if"]).issues.length, 1)
  })
})

describe("what is no name of a step", () => {
  const messagesOf = (source: string) => checkExpression(source, []).issues.map(({ message }) => message)

  it("is told with what was meant", () => {
    const selects = (id: string, written: string) =>
      `has steps[${written}], which does not select a step; write steps.\`${id}\``
    assert.deepStrictEqual(messagesOf("steps['find-user'].output"), [selects("find-user", "\"find-user\"")])
    assert.deepStrictEqual(messagesOf("$$.steps[\"a\"]"), [selects("a", "\"a\"")])
    assert.deepStrictEqual(messagesOf("steps[\"a\"][\"output\"]"), [selects("a", "\"a\"")])
    assert.deepStrictEqual(checkExpression("steps['a']", [], ["inputs"]).issues.map(({ message }) => message), [
      "names \"steps\", but an expression sees only inputs"
    ])
    for (
      const source of [
        "steps[0].a.output",
        "input.steps['a']",
        "steps[status = 'a']",
        "steps.a['b']",
        "steps.a.output[0]"
      ]
    ) {
      assert.deepStrictEqual(messagesOf(source), [], source)
    }
    const [message = ""] = messagesOf("steps.step-1.output")
    assert.match(message, /^is not a valid expression .+; an id with a "-" needs backticks: steps\.`step-1`$/)
    for (const source of ["1 +", "'steps.a-b' &", "inputs.steps.a-1 &", "steps.a-b +"]) {
      const [other = ""] = messagesOf(source)
      assert.include(other, "is not a valid expression")
      assert.notInclude(other, "backticks", source)
    }
  })
})

describe("steps that are named", () => {
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
    ["steps.a.output & steps.`b-c`.output", ["a", "b-c"]],
    ["$$.steps.a.output", ["a"]],
    ["input[id = $$.steps.a.output.id]", ["a"]],
    ["steps.a-b.output", ["a"]],
    ["steps.(a).output", []],
    ["steps.*.output", []],
    ["steps[a].b", []],
    ["$lookup(steps, \"a\")", []],
    ["input.steps.a", []],
    ["inputs.[steps.a]", []]
  ]
  for (const [source, expected] of cases) {
    it(`${source} names`, () =>
      assert.deepStrictEqual(checkExpression(source, []).steps.map(({ name }) => name), expected))
  }
})

describe("references", () => {
  const cases: ReadonlyArray<readonly [string, ReturnType<typeof referencesOf>]> = [
    ["input.a", { roots: ["input"], secrets: [], whole: false }],
    ["input.items[steps.x = 1]", { roots: ["input"], secrets: [], whole: false }],
    ["$map(input, function($x) { inputs.b })", { roots: ["input", "inputs"], secrets: [], whole: false }],
    ["secrets.A & secrets.`B`", { roots: ["secrets"], secrets: ["A", "B"], whole: false }],
    ["input[x = $$.secrets.A]", { roots: ["secrets", "input"], secrets: ["A"], whole: false }],
    ["$.secrets.A", { roots: ["secrets"], secrets: ["A"], whole: false }],
    ["{\"a\": secrets.A}", { roots: ["secrets"], secrets: ["A"], whole: false }],
    ["input.secrets", { roots: ["input"], secrets: [], whole: false }],
    ["$$", { roots: [], secrets: [], whole: true }],
    ["*", { roots: [], secrets: [], whole: true }],
    ["**.password", { roots: [], secrets: [], whole: true }]
  ]
  for (const [source, expected] of cases) {
    it(`${source} refers`, () => assert.deepStrictEqual(referencesOf(source), expected))
  }

  for (
    const source of [
      "secrets",
      "secrets.*",
      "secrets.**",
      "secrets[0].A",
      "$lookup(secrets, \"A\")",
      "$$.secrets",
      "$.secrets",
      "$keys(secrets)",
      "secrets{\"a\": A}",
      "secrets.(A)",
      "$$.(secrets)",
      "($s := secrets; $s.A)",
      "secrets^(A)",
      "$each(secrets, function($v) { $v })",
      "secrets ~> $string",
      "[secrets]",
      "{\"s\": secrets}",
      "secrets.\"A\" & $string(secrets)",
      "secrets@$s.A",
      "secrets#$i.A"
    ]
  ) {
    it(`${source} is refused`, () =>
      assert.strictEqual(referencesOf(source), "A secret must be named: write secrets.NAME"))
  }

  it.effect("only named secrets are ever seen", () =>
    Effect.gen(function*() {
      for (
        const source of [
          "$string($$)",
          "$string(**)",
          "$string(*)",
          "($r := $$; $r.secrets)",
          "$lookup($$, \"secrets\")",
          "$merge([$$]).secrets",
          "$$.*",
          "$each($$, function($v) { $v })"
        ]
      ) {
        assert.notInclude(JSON.stringify(yield* evaluate(source)), scope["secrets"] === undefined ? "" : "t0ps3cret")
      }
      assert.notInclude(JSON.stringify(yield* evaluate("[secrets.TOKEN, ($r := $$; $r.secrets)]")), "unnamed")
    }))
})

describe("the scope", () => {
  it.effect("is never changed", () =>
    Effect.gen(function*() {
      const before = JSON.stringify(scope)
      for (
        const source of [
          "input.empty{id: 1}",
          "input.empty[]",
          "input.name()",
          "input ~> |$|{\"name\": \"x\"}|",
          "($x := input; $x ~> |$|{}, \"name\"|)",
          "$sort(input.tags)",
          "$reverse(input.tags)",
          "$append(input.tags, 1)",
          "$shuffle(input.rows)",
          "input.rows#$i.id",
          "input.rows^(>id)",
          "input.rows@$r.{\"a\": $r}",
          "{} ~> |$$.input|{\"name\": 1}|",
          "input.nested ~> |$|{\"self\": $}|"
        ]
      ) yield* evaluate(source)
      assert.strictEqual(JSON.stringify(scope), before)
    }))

  it.effect("is read only as far as an expression names it", () =>
    Effect.gen(function*() {
      const reads: Array<string> = []
      const over = Object.defineProperties({ input: 1 }, {
        steps: { enumerable: true, get: () => (reads.push("steps"), {}) }
      })
      yield* evaluate("input", over)
      assert.deepStrictEqual(reads, [])
      yield* evaluate("[steps.a, steps.b, steps]", over)
      assert.deepStrictEqual(reads, ["steps"])
    }))
})

describe("filling", () => {
  it.effect("fills a configuration, and leaves the members that are a step's own", () =>
    Effect.gen(function*() {
      const { fill } = yield* Expressions
      const config = {
        where: "{{ item.a }}",
        deep: [{ text: "{{ input.name }}!", plain: 1 }],
        "\\{{": "\\{{",
        escaped: "\\{{ x }}"
      }
      const filled = { where: "{{ item.a }}", deep: [{ text: "Ada!", plain: 1 }], "\\{{": "{{", escaped: "{{ x }}" }
      assert.deepStrictEqual(yield* fill(config, scope, ["where"]), filled)
      assert.deepStrictEqual(yield* fill(config, scope, ["where"]), filled)
      const plain = { a: [1, "x"] }
      assert.strictEqual(yield* fill(plain, scope, []), plain)
    }).pipe(Effect.provide(layer)))

  it.effect("bounds all templates of a value together", () =>
    Effect.gen(function*() {
      const { fill } = yield* Expressions
      const config = Array.from({ length: 50 }, () => "{{ $pad(\"\", 50000) }}")
      const failure = yield* Effect.flip(fill(config, scope, []))
      assert.deepStrictEqual(failure.details, { code: "limit-output" })
    }).pipe(Effect.provide(layer)))

  it.effect("tests by the boolean cast", () =>
    Effect.gen(function*() {
      const { test } = yield* Expressions
      const trues = ["1", "\"a\"", "[0, 1]", "{\"a\": 0}", "true", "{{ input.age > 30 }}", "text {{ 1 }}"]
      const falses = ["0", "\"\"", "[0]", "[]", "{}", "null", "input.missing", "$sum", "{{ false }}"]
      for (const text of trues) assert.isTrue(yield* test(text, scope), text)
      for (const text of falses) assert.isFalse(yield* test(text, scope), text)
    }).pipe(Effect.provide(layer)))
})

describe("compiling", () => {
  it("keeps what was compiled last", () => {
    const first = compile("input.kept")
    assert.strictEqual(compile("input.kept"), first)
    for (let index = 0; index < ExpressionLimits.cachedExpressions; index++) compile(`input.other${index}`)
    assert.notStrictEqual(compile("input.kept"), first)
  })

  it.effect("tells where an evaluation failed", () =>
    Effect.gen(function*() {
      const { evaluate: run } = yield* Expressions
      const failure = yield* Effect.flip(run("1 + input.name", scope))
      assert.deepStrictEqual([failure.code, failure.details], ["expression", { code: "T2002", position: 2 }])
      const call = yield* Effect.flip(run("  $uppercase(input.age)", scope))
      assert.deepStrictEqual([call.message, call.details], ["Argument 1 of $uppercase has the wrong type", {
        code: "T0410",
        position: 2
      }])
    }).pipe(Effect.provide(layer)))
})
