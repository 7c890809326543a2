import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { Json } from "effect/Schema"
import { evaluate } from "./evaluating.ts"

const twice = (start: string, step: string, times: number) => `($x := ${start}; ${`$x := ${step}; `.repeat(times)}$x)`
const grown = (start: string, step: string, times: number) =>
  `($f := function($x, $n) { $n = 0 ? $x : $f(${step}, $n - 1) }; $f(${start}, ${times}))`

/** What no expression may do, and the code that it fails with; several where the order of the bounds is of no matter. */
const failing: ReadonlyArray<readonly [name: string, expression: string, code: RegExp]> = [
  // Endless loops and recursion
  ["tail call for ever", "($f := function() { $f() }; $f())", /^limit-steps$/],
  ["tail call with an argument", "($f := function($n) { $f($n + 1) }; $f(0))", /^limit-steps$/],
  ["recursion for ever", "($f := function($n) { 1 + $f($n) }; $f(1))", /^limit-depth$/],
  ["mutual tail calls", "($a := function() { $b() }; $b := function() { $a() }; $a())", /^limit-steps$/],
  ["mutual recursion", "($a := function() { [$b()] }; $b := function() { [$a()] }; $a())", /^limit-depth$/],
  ["the Y combinator", "(function($f) { $f($f) })(function($f) { $f($f) })", /^limit-steps$/],
  ["fibonacci", "($f := function($n) { $n < 2 ? $n : $f($n - 1) + $f($n - 2) }; $f(60))", /^limit-steps$/],
  [
    "ackermann",
    "($a := function($m, $n) { $m = 0 ? $n + 1 : $n = 0 ? $a($m - 1, 1) : $a($m - 1, $a($m, $n - 1)) }; $a(4, 4))",
    /^limit-(steps|depth)$/
  ],
  ["recursion through $map", "($f := function($x) { $map([1], $f) }; $f(1))", /^limit-depth$/],
  ["recursion through $sort", "($f := function($l, $r) { $sort([2, 1], $f) }; $f(1, 2))", /^limit-depth$/],
  ["recursion through $reduce", "($f := function($a, $b) { $reduce([1, 2], $f) }; $f(1, 1))", /^limit-depth$/],
  ["recursion through $replace", "($f := function($m) { $replace(\"a\", /a/, $f) }; $f(1))", /^limit-depth$/],
  ["recursion through a chain", "($f := function($x) { $x ~> $f }; $f(1))", /^limit-(steps|depth)$/],
  ["recursion through a partial", "($f := function($x) { ($g := $f(?); $g($x)) }; $f(1))", /^limit-(steps|depth)$/],
  [
    "recursion through a transform",
    "($f := function($x) { $x ~> |$|{\"a\": $f($x)}| }; $f({\"a\": 1}))",
    /^limit-depth$/
  ],
  ["recursion in a predicate", "($f := function($x) { $x[$f($x)] }; $f([1]))", /^limit-depth$/],
  ["recursion in a sort term", "($f := function($x) { [2, 1]^($f(1)) }; $f(1))", /^limit-depth$/],
  ["partials of partials", grown("$sum", "$x(?)", 20_000) + "([1])", /^limit-/],
  ["chains of chains", `${grown("$abs", "$x ~> $abs", 20_000)}(1)`, /^limit-/],
  [
    "a matcher without an end",
    "($m := function($s) { {\"match\": \"\", \"start\": 0, \"end\": 0, \"groups\": [], \"next\": function() { $m(\"\") }} }; $replace(\"a\", $m, \"b\"))",
    /^limit-steps$/
  ],
  // Ranges and arrays
  ["a giant range", "[1..1000000000]", /^limit-array$/],
  ["a range just over", "[1..100001]", /^limit-array$/],
  ["an unsafe range", "[1..9007199254740993]", /^limit-array$/],
  ["a range of 1e308", "[-1e308..1e308]", /^limit-array$/],
  ["nested ranges", "[1..1000].([1..1000].([1..1000]))", /^limit-/],
  ["a product of ranges", "[1..100000].($$.input.tags)", /^limit-/],
  ["many ranges", "$map([1..100000], function($n) { $count([1..100000]) })", /^limit-(work|memory)$/],
  ["many large arrays kept", "$map([1..1000], function($n) { {\"a\": [1..100000]} })", /^limit-(work|memory)$/],
  ["doubling an array", twice("[1]", "[$x, $x]", 40), /^limit-(array|memory)$/],
  ["doubling with $append", twice("[1]", "$append($x, $x)", 40), /^limit-(array|memory)$/],
  ["doubling with $reduce", "$reduce([1..60], function($a, $b) { $append($a, $a) }, [1])", /^limit-(array|memory)$/],
  ["doubling with a path", twice("[1]", "[1, 2].($x)", 40), /^limit-(array|steps|memory)$/],
  ["$zip of large arrays, often", "[1..1000].$zip([1..100000], [1..100000])", /^limit-(work|memory)$/],
  ["$reverse, often", "($a := [1..100000]; [1..1000].$count($reverse($a)))", /^limit-(work|memory)$/],
  ["$shuffle, often", "($a := [1..100000]; [1..1000].$count($shuffle($a)))", /^limit-(work|memory)$/],
  ["$sort, often", "($a := [1..100000]; [1..1000].$count($sort($a)))", /^limit-(work|memory)$/],
  ["$sort with a function that makes no sense", "$sort([1..100000], function($l, $r) { true })", /^limit-steps$/],
  ["order-by of many", "[1..100000]^($)", /^limit-(steps|work)$/],
  ["$distinct of objects", "$distinct([1..5000].{\"a\": $})", /^limit-(work|steps)$/],
  ["$sum, often", "($a := [1..100000]; [1..10000].$sum($a))", /^limit-work$/],
  ["$max, often", "($a := [1..100000]; [1..10000].$max($a))", /^limit-work$/],
  ["in, often", "($a := [1..100000]; [1..10000].(0 in $a))", /^limit-work$/],
  ["=, often", "($a := [1..100000]; $b := [1..100000]; [1..10000].($a = $b))", /^limit-work$/],
  ["grouping into one", "[1..100000]{\"a\": $}", /^limit-(steps|memory|work)$/],
  ["tuples of tuples", "($r := [1..1000].{\"v\": $}; $r.v@$a.$r.v@$b.{\"c\": $a + $b})", /^limit-/],
  ["parents of many", "{\"a\": [1..1000].{\"b\": [1..1000]}}.a.b.{\"c\": %}", /^limit-|^SYNTAX/],
  ["predicates on a large array", "($a := [1..100000]; $a[$ in $a])", /^limit-(work|steps)$/],
  ["an array as a predicate", "($a := [1..100000]; $a[$a])", /^limit-(work|steps)$/],
  // Texts
  ["doubling a text", twice("\"ab\"", "$x & $x", 40), /^limit-string$/],
  ["doubling a text in a loop", grown("\"ab\"", "$x & $x", 60), /^limit-string$/],
  ["$pad", "$pad(\"x\", 100000000)", /^limit-string$/],
  ["$pad to infinity", "$pad(\"x\", 1e308)", /^limit-string$/],
  ["$pad to the left", "$pad(\"x\", -100000000, \"ab\")", /^limit-string$/],
  ["$join of doubled arrays", twice("[\"0123456789\"]", "[$join($x) & $join($x)]", 40), /^limit-string$/],
  ["$join with a large separator", "$join([1..100000].\"a\", $pad(\"\", 100000))", /^limit-(string|steps)$/],
  ["$replace that grows", grown("\"a\"", "$replace($x, \"a\", \"aaaaaaaaaa\")", 50), /^limit-string$/],
  ["$replace of nothing", grown("\"a\"", "$replace($x, /a/, \"$0$0$0$0\")", 50), /^limit-/],
  ["$split of a large text", "$split($pad(\"\", 900000), \"\")", /^limit-array$/],
  ["$string of doubled objects", twice("{\"a\": 1}", "{\"a\": $x, \"b\": $x}", 40), /^limit-/],
  ["$string, often", "($a := [1..10000]; [1..10000].$string($a))", /^limit-/],
  ["$string that escapes itself", grown("\"\\\"\"", "$string([$x])", 60), /^limit-/],
  ["$uppercase, often", "($a := $pad(\"a\", 900000); [1..1000].$length($uppercase($a)))", /^limit-/],
  ["$encodeUrl of much", "$encodeUrlComponent($pad(\"\", 900000, \"€\"))", /^limit-string$/],
  ["$base64encode, often", "($a := $pad(\"a\", 400000); [1..1000].$length($base64encode($a)))", /^limit-/],
  ["$substring, often", "($a := $pad(\"a\", 900000); [1..1000].$substring($a, 1))", /^limit-/],
  ["$contains, often", "($a := $pad(\"a\", 900000); [1..10000].$contains($a, \"b\"))", /^limit-work$/],
  [
    "comparing large texts",
    "($a := $pad(\"a\", 900000); $b := $pad(\"a\", 900000); [1..10000].($a = $b))",
    /^limit-work$/
  ],
  ["a text as a key, often", "($a := $pad(\"a\", 900000); [1..1000].{$a & $string($): 1})", /^limit-/],
  ["an output that is too large", "[1..100].$pad(\"\", 50000)", /^limit-output$/],
  ["an output of doubled objects", twice("1", "{\"a\": $x, \"b\": $x, \"c\": [$x]}", 30), /^limit-/],
  // Deep values
  ["a deep value", grown("1", "[[$x]]", 5000), /^limit-/],
  ["a deep object", grown("1", "{\"a\": $x}", 5000), /^limit-/],
  ["comparing deep values", `(${grown("1", "{\"a\": $x}", 1500)}) = (${grown("1", "{\"a\": $x}", 1500)})`, /^limit-/],
  ["descendants of a deep value", `$count(${grown("1", "{\"a\": $x}", 3000)}.**)`, /^limit-/],
  ["descendants of doubled objects", `$count(${twice("{\"a\": 1}", "{\"a\": $x, \"b\": $x}", 40)}.**)`, /^limit-/],
  ["the truth of doubled arrays", `${twice("[false]", "[[$x], [$x]]", 40)} ? 1 : 2`, /^limit-/],
  [
    "equality of doubled objects",
    `${twice("{\"a\": 1}", "{\"a\": $x, \"b\": $x}", 40)} = ${twice("{\"a\": 1}", "{\"a\": $x, \"b\": $x}", 40)}`,
    /^limit-/
  ],
  [
    "$distinct of doubled objects",
    `$distinct([${twice("{\"a\": 1}", "{\"a\": $x, \"b\": $x}", 40)}, ${
      twice("{\"a\": 1}", "{\"a\": $x, \"b\": $x}", 40)
    }])`,
    /^limit-/
  ],
  ["a clone of doubled objects", `$clone(${twice("{\"a\": 1}", "{\"a\": $x, \"b\": $x}", 40)})`, /^limit-/],
  ["wildcards of doubled arrays", `$count({"a": ${twice("[1]", "[[$x], [$x]]", 40)}}.*)`, /^limit-/],
  // Regular expressions
  ["an ambiguous expression, often", "[1..10000].$match($pad(\"\", 10000, \"a\") & \"!\", /^(a+)+$/)", /^limit-/],
  ["matches that look ahead to the end", "$count($match($pad(\"\", 200000, \"a\"), /a|a.*b/))", /^limit-work$/],
  [
    "a large pattern on a large text",
    "$contains($pad(\"\", 900000, \"ab\") & \"c!\", /(a|b|ab){1,30}(a|b){1,30}c$/)",
    /^limit-work$/
  ],
  ["matches without end", "$match(\"aaa\", /b*/)", /^D1004$/],
  // Pictures
  ["a wide year", "$fromMillis(0, \"[Y,1000000000-1000000000]\")", /^limit-picture$/],
  ["a wide number", "$formatNumber(1, $pad(\"\", 1000, \"0\"))", /^limit-picture$/],
  ["a long Roman numeral", "$formatInteger(1e15, \"I\")", /^D1001$/],
  [
    "an ambiguous picture",
    "$toMillis(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", \"[MNn][MNn][MNn][MNn][MNn][MNn][MNn][MNn]\")",
    /^forbidden$/
  ],
  ["a number without a base", "$formatBase(10, 99)", /^D3100$/],
  ["a power out of range", "$power(10, 400)", /^D3061$/],
  ["numbers out of range", "1e308 * 10", /^not-json$/],
  ["division by zero", "1 / 0", /^not-json$/],
  ["not a number", "0 / 0", /^not-json$/],
  // The host
  ["a function as a result", "$sum", /^not-json$/],
  ["a lambda as a result", "function() { 1 }", /^not-json$/],
  ["a function in a result", "{\"a\": [$uppercase]}", /^not-json$/],
  ["a regular expression as a result", "/a/", /^not-json$/],
  ["calling data", "input.name()", /^T1006$/],
  ["calling a method", "(\"a\").toString()", /^T1006$/],
  ["calling a constructor", "input.constructor(\"return 1\")", /^T1006$/],
  ["calling through a text", "$lookup(input, \"constructor\")(\"return 1\")", /^T1006$/],
  ["changing data that is not its own", "{} ~> |$$.input|{\"name\": \"changed\"}|", /^forbidden$/],
  ["an error of its own", "$error(\"stop\")", /^D3137$/],
  ["a failed assertion", "$assert(false)", /^D3141$/]
]

/** What gives an answer, and gives nothing of the host away. */
const answering: ReadonlyArray<readonly [expression: string, expected: Json]> = [
  ["input.__proto__", null],
  ["input.constructor", null],
  ["input.prototype", null],
  ["input.hasOwnProperty", null],
  ["(\"a\").constructor", null],
  ["(\"a\").length", null],
  ["(5).toFixed", null],
  ["[1].length", null],
  ["[1].map", null],
  ["$.constructor", null],
  ["$lookup(input, \"constructor\")", null],
  ["$lookup(input, \"__proto__\")", null],
  ["$lookup([1], \"length\")", null],
  ["$sum.implementation", null],
  ["$sum.apply", null],
  ["$sum._jsonata_lambda", null],
  ["(function() { 1 }).body", null],
  ["(function() { 1 }).frame", null],
  ["$spread($sum)", null],
  ["$spread([$sum]).apply", null],
  ["$keys($sum)", null],
  ["$string($sum)", ""],
  ["$sum.*", null],
  ["[$sum].*", null],
  ["$count($sum.**)", 1],
  ["/a/(\"a\").next.constructor", null],
  ["$match(\"a\", /a/).constructor", null],
  ["$type($sum)", "function"],
  ["$merge([{\"a\": 1}]).__proto__", null],
  ["{\"__proto__\": {\"polluted\": true}}.polluted", null],
  ["$keys({\"__proto__\": 1})", "__proto__"],
  ["({\"a\": 1} ~> |$|{\"__proto__\": {\"polluted\": true}}|).polluted", null],
  ["{\"constructor\": 1}.constructor", 1],
  ["$contains($pad(\"\", 5000, \"a\") & \"!\", /^(a+)+$/)", false],
  ["$match(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", /^(a+)+$/)", null],
  ["$globalThis", null],
  ["$process", null],
  ["$Function", null],
  ["constructor", null]
]

const hang = "($f := function($n) { $f($n + 1) }; $f(0))"

describe("hostile expressions", () => {
  for (const [name, expression, code] of failing) {
    it.effect(`${name} fails`, () =>
      Effect.gen(function*() {
        const result = yield* evaluate(expression)
        assert.match(
          String(
            typeof result === "object" && result !== null && "failed" in result
              ? result.failed
              : JSON.stringify(result).slice(0, 100)
          ),
          code
        )
      }))
  }

  for (const [expression, expected] of answering) {
    it.effect(`${expression} is ${JSON.stringify(expected)}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* evaluate(expression), expected)
        assert.isUndefined(Reflect.get({}, "polluted"))
      }))
  }

  it.live("others get turns while one is evaluated", () =>
    Effect.gen(function*() {
      let turns = 0
      const timer = setInterval(() => turns++, 0)
      const other = yield* Effect.forkChild(
        Effect.forever(Effect.tap(Effect.sleep(0), () => Effect.sync(() => turns++)))
      )
      const result = yield* evaluate(hang)
      clearInterval(timer)
      yield* Fiber.interrupt(other)
      assert.deepStrictEqual(result, { failed: "limit-steps" })
      assert.isAbove(turns, 10)
    }))

  it.live("an evaluation that is interrupted ends", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(evaluate(hang))
      yield* Effect.sleep(1)
      yield* Fiber.interrupt(fiber)
    }))

  it.live("many at the same time don't know of each other", () =>
    Effect.gen(function*() {
      const expression = "($f := function($n, $sum) { $n = 0 ? $sum : $f($n - 1, $sum + input) }; $f(1000, 0))"
      const results = yield* Effect.forEach(Array.from({ length: 20 }, (_, index) => index), (input) =>
        evaluate(expression, { input }), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        results,
        Array.from({ length: 20 }, (_, index) =>
          index * 1_000)
      )
    }))
})
