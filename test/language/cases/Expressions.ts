import type { Json } from "effect/Schema"
import type { Case } from "../Case.ts"
import { done, ends, expressionFails, give } from "../Case.ts"

const orders = [
  {
    id: 1,
    customer: { name: "Ada", city: "Bern" },
    lines: [{ sku: "a", qty: 2, price: 5 }, { sku: "b", qty: 1, price: 10 }]
  },
  { id: 2, customer: { name: "Bob", city: "Ulm" }, lines: [{ sku: "a", qty: 3, price: 5 }] }
]

/** An expression over the inputs `n` (5), `s` ("text"), `none` (null), `empty` ([]) and `orders`, and its value. */
const gives = (title: string, expression: string, value: Json): Case => ({
  title,
  inputs: { n: 5, s: "text", none: null, empty: [], orders },
  steps: [give("a", 1, expression)],
  expected: ends({ a: value }, done("a"))
})

/** The same, and how it fails. */
const throws = (title: string, expression: string, code: string, message: string, position?: number): Case => ({
  title,
  inputs: { n: 5, s: "text", none: null, empty: [], orders },
  steps: [give("a", 1, expression)],
  expected: expressionFails(code, message, position)
})

/** The language inside the braces. */
export const expressions: ReadonlyArray<Case> = [
  gives("arithmetic, with its precedence", "[2 + 3 * 4, (2 + 3) * 4, 7 % 4, -7 % 4, 10 / 4, -inputs.n]", [
    14,
    20,
    3,
    -3,
    2.5,
    -5
  ]),
  gives("numbers are those of IEEE 754", "[0.1 + 0.2, 1e21, 5e-324, 9007199254740992 + 1, -0]", [
    0.30000000000000004,
    1e21,
    5e-324,
    9007199254740992,
    0
  ]),
  gives(
    "& joins texts, and gives numbers and objects as text",
    "inputs.s & 1.5 & true & { 'a': [1] } & inputs.missing",
    "text1.5true{\"a\":[1]}"
  ),
  gives(
    "= compares values deeply, and != is its opposite",
    "[{'a': [1, {}]} = {'a': [1, {}]}, [1, 2] = [2, 1], 1 = '1', null = inputs.missing, 1 != 2]",
    [
      true,
      false,
      false,
      false,
      true
    ]
  ),
  gives("< and > compare numbers or texts", "[1 < 2, 'a' < 'b', 'B' < 'a', 2 >= 2, '10' < '9']", [
    true,
    true,
    true,
    true,
    true
  ]),
  gives("a comparison with nothing is nothing", "[1, inputs.missing > 3]", [1]),
  gives("and, or, not take JSONata's boolean cast", "[1 and 'a', 0 or '', $not([]), $not([0]), $not([0, 1])]", [
    true,
    false,
    true,
    true,
    false
  ]),
  gives("conditions, with and without an else", "[inputs.n > 3 ? 'more' : 'less', inputs.n < 3 ? 'less']", ["more"]),
  gives(
    "?: takes what is false for the other, ?? only what is not there",
    "[0 ?: 7, inputs.missing ?: 8, 0 ?? 7, inputs.missing ?? 8]",
    [7, 8, 0, 8]
  ),
  gives("a path maps over arrays, and flattens them", "inputs.orders.lines.sku", ["a", "b", "a"]),
  gives("a single value stands for itself", "[1, 2, 3][$ > 2]", 3),
  gives("[] keeps the array of a single value", "inputs.orders[id = 1].customer.name[]", ["Ada"]),
  gives(
    "predicates and positions, also from the end",
    "[inputs.orders[0].id, inputs.orders[-1].id, inputs.orders.lines[0].sku, (inputs.orders.lines)[0].sku]",
    [1, 2, "a", "a", "a"]
  ),
  gives("an expression on each of a path", "inputs.orders.(customer.name & ': ' & $sum(lines.(qty * price)))", [
    "Ada: 20",
    "Bob: 15"
  ]),
  gives("sorts by several terms", "inputs.orders.lines^(>price, <qty).(sku & qty)", ["b1", "a2", "a3"]),
  gives("groups into an object", "inputs.orders.lines{sku: $sum(qty)}", { a: 5, b: 1 }),
  gives("wildcards and descendants", "[$count(inputs.orders[0].customer.*), $sum(inputs.**.qty)]", [2, 6]),
  gives("the parent of a value", "inputs.orders.lines[sku = 'b'].%.id", 1),
  gives("joins by context", "inputs.orders@$o.orders@$p[$p.id > $o.id].{ 'of': $o.id, 'with': $p.customer.name }", {
    of: 1,
    with: "Bob"
  }),
  gives("binds the index", "inputs.orders#$i.{ 'id': id, 'i': $i }", [{ id: 1, i: 0 }, { id: 2, i: 1 }]),
  gives("ranges", "[[1..5], [3..1], [-1..1]]", [[1, 2, 3, 4, 5], [], [-1, 0, 1]]),
  gives("in looks for a value in an array", "[5 in [4, 5], 'x' in 'x', inputs.n in inputs.empty]", [true, true, false]),
  gives("variables in blocks, of which the last value counts", "( $x := 2; $y := ( $x := 10; $x * 2 ); [$x, $y] )", [
    2,
    20
  ]),
  gives(
    "functions are values, and see where they were made",
    "( $add := function($x) { function($y) { $x + $y } }; $add(2)(3) )",
    5
  ),
  gives(
    "functions call themselves",
    "( $f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(20) )",
    2432902008176640000
  ),
  gives(
    "tail calls don't nest",
    "( $f := function($n, $sum) { $n = 0 ? $sum : $f($n - 1, $sum + $n) }; $f(2000, 0) )",
    2001000
  ),
  gives(
    "~> chains, and composes functions",
    "( $f := $trim ~> $uppercase; [' a ' ~> $f, [3, 1, 2] ~> $sort ~> $max] )",
    ["A", 3]
  ),
  gives("? leaves an argument open", "( $first := $substring(?, 0, 2); ['abc', 'xyz'].$first($) )", ["ab", "xy"]),
  gives(
    "a transform changes a copy",
    "( $t := inputs.orders[1] ~> |customer|{ 'city': 'Rom' }, ['name']|; [$t.customer, inputs.orders[1].customer] )",
    [
      { city: "Rom" },
      { name: "Bob", city: "Ulm" }
    ]
  ),
  gives(
    "$map, $filter, $reduce, $single and $sift",
    "{ 'map': $map([1, 2], function($v, $i) { $v * 10 + $i }), 'filter': $filter([1, 2, 3], function($v) { $v > 1 }), 'reduce': $reduce([1, 2, 3, 4], function($a, $b) { $a * $b }), 'single': $single([1, 2], function($v) { $v = 2 }), 'sift': $sift({ 'a': 1, 'b': 2 }, function($v) { $v > 1 }) }",
    { map: [10, 21], filter: [2, 3], reduce: 24, single: 2, sift: { b: 2 } }
  ),
  gives(
    "$sum, $max, $min, $average and $count",
    "[$sum([1, 2.5]), $max([3, 7]), $min([3, 7]), $average([1, 2]), $count([1, [2, 3]]), $count(inputs.missing)]",
    [3.5, 7, 3, 1.5, 2, 0]
  ),
  gives(
    "$append, $reverse, $distinct and $zip",
    "{ 'append': $append([1], 2), 'reverse': $reverse([1, 2]), 'distinct': $distinct([1, '1', 1]), 'zip': $zip([1, 2], ['a', 'b']) }",
    { append: [1, 2], reverse: [2, 1], distinct: [1, "1"], zip: [[1, "a"], [2, "b"]] }
  ),
  gives(
    "$keys, $lookup, $merge, $spread and $each",
    "{ 'keys': $keys({ 'a': 1, 'b': 2 }), 'lookup': $lookup({ 'a b': 3 }, 'a b'), 'merge': $merge([{ 'a': 1 }, { 'a': 2, 'b': 3 }]), 'spread': $spread({ 'x': 1, 'y': 2 }), 'each': $each({ 'k': 'v' }, function($v, $k) { $k & $v }) }",
    { keys: ["a", "b"], lookup: 3, merge: { a: 2, b: 3 }, spread: [{ x: 1 }, { y: 2 }], each: "kv" }
  ),
  gives(
    "$type and $exists",
    "[$type(1), $type(''), $type(null), $type([]), $type({}), $type(true), $exists(inputs.none), $exists(inputs.missing)]",
    ["number", "string", "null", "array", "object", "boolean", true, false]
  ),
  gives(
    "$string and $number",
    "[$string({ 'a': [1, null] }), $number('0x1F'), $number('1e3'), $number(true), $string(0.1 + 0.2)]",
    ["{\"a\":[1,null]}", 31, 1000, 1, "0.3"]
  ),
  gives("$round rounds halves to even", "[$round(0.5), $round(1.5), $round(-2.5), $round(1.25, 1), $round(125, -1)]", [
    0,
    2,
    -2,
    1.2,
    120
  ]),
  gives("$abs, $floor, $ceil, $power and $sqrt", "[$abs(-2), $floor(-1.5), $ceil(1.2), $power(2, 10), $sqrt(9)]", [
    2,
    -2,
    2,
    1024,
    3
  ]),
  gives(
    "$formatNumber, $formatBase, $formatInteger and $parseInteger",
    "[$formatNumber(12345.678, '#,##0.00'), $formatBase(255, 16), $formatInteger(12, 'w'), $parseInteger('twelve', 'w')]",
    ["12,345.68", "ff", "twelve", 12]
  ),
  gives(
    "$substring, $substringBefore and $substringAfter count characters",
    "[$substring('a😀b', 1, 1), $substringBefore('a-b-c', '-'), $substringAfter('a-b-c', '-'), $substring('hello', -3)]",
    ["😀", "a", "b-c", "llo"]
  ),
  gives(
    "$length, $pad, $trim, $uppercase and $lowercase",
    "[$length('😀é'), $pad('x', -3, '0'), $pad('x', 3), $trim('  a \\n b '), $uppercase('straße'), $lowercase('ÄÖ')]",
    [2, "00x", "x  ", "a b", "STRASSE", "äö"]
  ),
  gives(
    "$split and $join",
    "{ 'split': $split('a,b,,c', ','), 'join': $join(['x', 'y'], '-'), 'pattern': $split('a1b22c', /[0-9]+/), 'limit': $split('a,b,c', ',', 2) }",
    { split: ["a", "b", "", "c"], join: "x-y", pattern: ["a", "b", "c"], limit: ["a", "b"] }
  ),
  gives(
    "regular expressions: $match, $replace and $contains",
    "[$match('ab12', /([a-z]+)([0-9]+)/), $replace('john smith', /(\\w+)\\s(\\w+)/, '$2, $1'), $contains('Hello', /hello/i), $replace('aaa', 'a', 'b', 2)]",
    [
      { match: "ab12", index: 0, groups: ["ab", "12"] },
      "smith, john",
      true,
      "bba"
    ]
  ),
  gives(
    "a function gives what $replace puts in",
    "$replace('t1 t2', /t([0-9])/, function($m) { $string($number($m.groups[0]) * 10) })",
    "10 20"
  ),
  gives(
    "$toMillis and $fromMillis, with pictures and zones",
    "[$toMillis('1970-01-02T00:00:00Z'), $fromMillis(86400000), $fromMillis(0, '[D01].[M01].[Y0001] [H01]:[m01]', '+0100'), $toMillis('03.02.2001', '[D01].[M01].[Y0001]')]",
    [86400000, "1970-01-02T00:00:00.000Z", "01.01.1970 01:00", 981158400000]
  ),
  gives(
    "base64 and URLs",
    "[$base64encode('a>b?'), $base64decode('YT5iPw=='), $encodeUrlComponent('a b&ü'), $decodeUrlComponent('a%20b'), $encodeUrl('https://x.test/a b?q=ü')]",
    ["YT5iPw==", "a>b?", "a%20b%26%C3%BC", "a b", "https://x.test/a%20b?q=%C3%BC"]
  ),
  gives("$shuffle keeps the items, $random stays below 1", "[$sum($shuffle([1..10])), $random() < 1]", [55, true]),
  gives("$now is one moment for the whole expression", "$now() = $fromMillis($millis())", true),
  gives(
    "names of a prototype are no members",
    "[inputs.constructor, inputs.`__proto__`, inputs.s.length, inputs.empty.map, $lookup(inputs, 'toString')]",
    []
  ),
  gives(
    "members named as a prototype's are members as others",
    "({ '__proto__': 1, 'constructor': { 'name': 2 } }).[`__proto__`, constructor.name]",
    [1, 2]
  ),
  gives("a catastrophic regular expression is none here", "$match($pad('', 40, 'a') & '!', /^(a+)+$/)", null),
  gives("names in other scripts", "( $größe := 2; { 'длина': $größe, '長さ': { '值': 3 } }.長さ.值 + $größe )", 5),

  throws("a text is no number", "inputs.n + inputs.s", "T2002", "The right side must be a number (\"+\")", 9),
  throws("a text and a number don't compare", "1 < 'a'", "T2009", "The two sides must be of the same type (\"<\")", 2),
  throws("an argument of a wrong type", "$sum('a', 1)", "T0410", "Argument 2 of $sum has the wrong type", 0),
  throws(
    "what is no function can't be called",
    "inputs.s()",
    "T1006",
    "Something is called that is not a function ($s)",
    7
  ),
  throws("an error of its own", "$error('stop here')", "D3137", "stop here", 0),
  throws("an assertion that does not hold", "$assert(1 = 2, 'not equal')", "D3141", "not equal", 0),
  throws("a function is no JSON", "$sum", "not-json", "The expression gives a function, which is not JSON"),
  throws(
    "infinity is no JSON",
    "1 / 0",
    "not-json",
    "The expression gives a number that is out of range, which is not JSON"
  ),
  throws(
    "recursion without end",
    "( $f := function($n) { 1 + $f($n) }; $f(1) )",
    "limit-depth",
    "The expression goes deeper than 400 evaluations",
    27
  ),
  throws(
    "a loop without end",
    "( $f := function() { $f() }; $f() )",
    "limit-steps",
    "The expression takes more than 100000 steps",
    29
  ),
  throws("a range of 1e9", "[1..1e9]", "limit-array", "The expression makes an array of more than 100000 items", 2)
]
