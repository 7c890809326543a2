import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Json } from "effect/Schema"
import { TestClock } from "effect/testing"
import { evaluate } from "./evaluating.ts"

const cases: ReadonlyArray<readonly [expression: string, expected: Json]> = [
  // Fields
  ["input.name", "Ada"],
  ["input.nested.deep.value", 1],
  ["input.`a key`", "spaced"],
  ["input.missing", null],
  ["input.missing.deeper", null],
  ["steps.`step-1`.output.ok", true],
  ["steps.`step-1`.output.items[1]", 2],
  ["steps.`step-1`.error", null],
  ["secrets.TOKEN", "t0ps3cret"],
  ["$$.secrets.TOKEN", "t0ps3cret"],
  ["input.rows.id", [1, 2, 3]],
  ["input.rows[0].owner.name", "Ann"],
  ["input.rows[-1].id", 3],
  ["input.tags[[0, 2]]", ["a", "c"]],
  ["input.tags[0][]", ["a"]],
  ["input.empty", []],
  ["input.nested.*", { value: 1 }],
  ["input.rows.**.name", ["Ann", "Bob", "Cid"]],
  // Predicates
  ["input.rows[status = \"active\"].id", [1, 3]],
  ["input.rows[status = \"off\"].id", 2],
  ["input.rows[score > 1 and team = \"red\"].id", [1, 3]],
  ["input.rows[id in [1, 2]].id", [1, 2]],
  ["input.rows[owner.name = $$.input.rows[1].owner.name].id", 2],
  ["input.rows[$contains(owner.name, /^[AB]/)].id", [1, 2]],
  // Operators
  ["1 + 2 * 3", 7],
  ["7 % 4", 3],
  ["-input.age", -36],
  ["\"a\" & 1 & true & null & missing", "a1truenull"],
  ["[1..4]", [1, 2, 3, 4]],
  ["[3..1]", []],
  ["input.age > 18", true],
  ["\"b\" in input.tags", true],
  ["{\"a\": 1} = {\"a\": 1}", true],
  ["[1, [2]] != [1, [2]]", false],
  ["input.missing ?? \"other\"", "other"],
  ["\"\" ?: \"other\"", "other"],
  ["input.age > 18 ? \"adult\" : \"child\"", "adult"],
  ["false ? 1", null],
  // Objects, arrays, grouping, sorting
  ["{\"n\": input.name, \"none\": input.missing}", { n: "Ada" }],
  ["input.rows.{\"key\": id}", [{ key: 1 }, { key: 2 }, { key: 3 }]],
  ["input.rows{team: id}", { red: [1, 3], blue: 2 }],
  ["input.rows{team: $sum(score)}", { red: 5.5, blue: 1 }],
  ["input.empty{id: 1}", {}],
  ["input.rows^(score).id", [2, 3, 1]],
  ["input.rows^(>team, score).id", [3, 1, 2]],
  ["input.rows#$i[$i > 0].id", [2, 3]],
  ["(input.rows@$r.$$.input.tags@$t[$r.id = 1].{\"tag\": $t, \"id\": $r.id})[1]", { tag: "b", id: 1 }],
  ["input.rows.owner.{\"n\": name, \"team\": %.team}[1]", { n: "Bob", team: "blue" }],
  ["input.rows[0] ~> |$|{\"id\": id + 1}, [\"owner\", \"score\", \"team\"]|", { id: 2, status: "active" }],
  // Functions
  ["$sum(input.rows.score)", 6.5],
  ["$map(input.tags, $uppercase)", ["A", "B", "C"]],
  ["$map(input.rows, function($r, $i) { $r.id * $i })", [0, 2, 6]],
  ["$filter(input.tags, function($t) { $t != \"b\" })", ["a", "c"]],
  ["$reduce([1..5], function($a, $b) { $a * $b })", 120],
  ["($fact := function($n) { $n <= 1 ? 1 : $n * $fact($n - 1) }; $fact(10))", 3628800],
  ["($loop := function($n, $sum) { $n = 0 ? $sum : $loop($n - 1, $sum + $n) }; $loop(2000, 0))", 2001000],
  ["($add := function($a, $b) { $a + $b }; $inc := $add(1, ?); $inc(4))", 5],
  ["input.name ~> $uppercase ~> $substring(0, 2)", "AD"],
  ["($both := $trim ~> $uppercase; $both(\"  x \"))", "X"],
  ["$single(input.rows, function($r) { $r.id = 2 }).status", "off"],
  ["$sort([3, 1, 2])", [1, 2, 3]],
  ["$sort(input.rows, function($l, $r) { $l.score > $r.score }).id", [2, 3, 1]],
  ["$distinct([1, 2, 1, {\"a\": 1}, {\"a\": 1}])", [1, 2, { a: 1 }]],
  ["$merge([{\"a\": 1}, {\"b\": 2}])", { a: 1, b: 2 }],
  ["$keys(input.nested)", "deep"],
  ["$spread({\"a\": 1, \"b\": 2})", [{ a: 1 }, { b: 2 }]],
  ["$each({\"a\": 1, \"b\": 2}, function($v, $k) { $k & $v })", ["a1", "b2"]],
  ["$sift({\"a\": 1, \"b\": 2}, function($v) { $v > 1 })", { b: 2 }],
  ["$zip([1, 2], [\"a\", \"b\"])", [[1, "a"], [2, "b"]]],
  ["$lookup(input, \"age\")", 36],
  ["$join(input.tags, \"-\")", "a-b-c"],
  ["$split(\"a, b;c\", /[,;]\\s*/)", ["a", "b", "c"]],
  ["$replace(\"John Smith\", /(\\w+)\\s(\\w+)/, \"$2, $1\")", "Smith, John"],
  ["$replace(\"aaa\", \"a\", \"b\", 2)", "bba"],
  ["$match(\"ab12cd3\", /\\d+/).match", ["12", "3"]],
  ["$pad(\"7\", -3, \"0\")", "007"],
  ["$formatNumber(1234.5, \"#,##0.00\")", "1,234.50"],
  ["$formatInteger(1999, \"I\")", "MCMXCIX"],
  ["$number(\"12.5\") + 1", 13.5],
  ["$round(2.5)", 2],
  ["$base64decode($base64encode(\"ok\"))", "ok"],
  ["$encodeUrlComponent(\"a b&c\")", "a%20b%26c"],
  ["$type(input.tags)", "array"],
  ["$exists(input.missing)", false],
  ["$string({\"a\": [1, null]})", "{\"a\":[1,null]}"],
  // Times
  ["$now()", "2026-01-01T00:00:00.000Z"],
  ["$millis()", 1767225600000],
  ["$toMillis(\"2026-01-02T00:00:00Z\") - $millis()", 86400000],
  ["$fromMillis(0, \"[Y0001]/[M01]/[D01] [H01]:[m01]\", \"+0200\")", "1970/01/01 02:00"],
  ["$fromMillis($toMillis(\"3 Mar 2026\", \"[D] [MNn,*-3] [Y]\"), \"[FNn]\")", "Tuesday"]
]

const templates: ReadonlyArray<readonly [template: string, expected: Json]> = [
  ["{{ input.age }}", 36],
  ["{{input.rows[0].owner}}", { name: "Ann" }],
  ["Hello {{ input.name }}!", "Hello Ada!"],
  ["{{ input.name }}{{ input.age }}", "Ada36"],
  ["[{{ input.missing }}|{{ null }}]", "[|]"],
  ["tags: {{ input.tags }}", "tags: [\"a\",\"b\",\"c\"]"],
  ["\\{{ not }} {{ 1 }}", "{{ not }} 1"],
  ["\\{{ input.age }}", "{{ input.age }}"],
  ["{{ {\"a\": {\"b\": 1}} }}", { a: { b: 1 } }],
  ["{{ \"}}\" }}", "}}"],
  ["{{ '}}' & \"{{\" }}", "}}{{"],
  ["{{ /* }} */ 1 }}", 1],
  ["{{ $contains(\"a}}\", /\\}\\}/) }}", true],
  ["{{ 4 / 2 }} and {{ 6 / 3 }}", "2 and 2"],
  ["{{ `}}` ?? 5 }}", 5],
  ["{{ {\"a\":{\"b\":{}}}}}", { a: { b: {} } }],
  ["{{ inputs.text }}", "x{{y}}"],
  [" {{ 1 }}", " 1"]
]

describe("expressions", () => {
  for (const [expression, expected] of cases) {
    it.effect(expression, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(Date.UTC(2026, 0, 1))
        assert.deepStrictEqual(yield* evaluate(expression.includes("{{") ? `{{${expression}}}` : expression), expected)
      }))
  }
})

describe("templates", () => {
  for (const [template, expected] of templates) {
    it.effect(template, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* evaluate(template), expected)
      }))
  }
})
