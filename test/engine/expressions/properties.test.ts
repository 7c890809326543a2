import { assert, describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import type { TemplatePart } from "../../../src/engine/expressions/Template.ts"
import { parseTemplate } from "../../../src/engine/expressions/Template.ts"
import { evaluate } from "./evaluating.ts"

const words = [
  "input",
  "input.rows",
  "$",
  "$$",
  "$x",
  "$f",
  "a",
  "`b c`",
  "\"text\"",
  "'}}'",
  "1",
  "0",
  "-1",
  "1e9",
  "null",
  "true",
  "[1..5]",
  "[1..1e9]",
  "/a+/",
  "*",
  "**",
  "%",
  "__proto__",
  "constructor",
  "$sum",
  "$map",
  "$string",
  "$pad",
  "$append",
  "$reduce",
  "$join",
  "$replace",
  "$lookup",
  "$each",
  "$spread",
  "$merge",
  "$keys",
  "$fromMillis"
]
const joints = [
  " + ",
  " & ",
  ".",
  " = ",
  " in ",
  " and ",
  " ? ",
  " : ",
  " ~> ",
  " := ",
  "; ",
  ", ",
  "..",
  " ?? ",
  " ?: ",
  "^(",
  "{",
  "}",
  "[",
  "]",
  "(",
  ")",
  "[]",
  "@$x",
  "#$x",
  "|",
  "{{",
  "}}",
  "function($x) {",
  " /* c */ ",
  " "
]
const pick = <A>(values: ReadonlyArray<A>) =>
  Effect.map(Random.nextIntBetween(0, values.length), (index) => values[index % values.length])

/** A text that looks like an expression; every other one has its brackets closed. */
const randomExpression = Effect.gen(function*() {
  const parts: Array<string> = []
  const length = yield* Random.nextIntBetween(1, 25)
  for (let index = 0; index < length; index++) {
    parts.push(String(yield* pick(words)))
    if (yield* Random.nextBoolean) parts.push(String(yield* pick(joints)))
    else {parts.push(
        "(",
        String(yield* pick(words)),
        ", ",
        String(yield* pick(words)),
        ")",
        String(yield* pick([".", " & ", ", ", " + "]))
      )}
  }
  const text = `${parts.join("")}1`
  const close = [...text].reduceRight(
    (closing, character) => closing + ({ "(": ")", "[": "]", "{": "}" }[character] ?? ""),
    ""
  )
  return (yield* Random.nextBoolean) ? `(${text}${close.slice(0, 3)})` : text
})

/** A call, a path or an operator on what is made the same way: most of these are valid. */
const randomTree = (depth: number): Effect.Effect<string> =>
  Effect.gen(function*() {
    if (depth === 0) return String(yield* pick(words))
    const [left, right] = [yield* randomTree(depth - 1), yield* randomTree(depth - 1)]
    const shapes = [
      `(${left}) & (${right})`,
      `[${left}, ${right}]`,
      `{"a": ${left}, "b": ${right}}`,
      `$append(${left}, ${right})`,
      `(${left}).(${right})`,
      `(${left})[${right}]`,
      `$map(${left}, function($x) { ${right} })`,
      `($x := ${left}; ${right})`,
      `(${left}) = (${right})`,
      `(${left}) ? (${right}) : 1`,
      `$string(${left})`,
      `(${left}) ~> |$|{"a": ${right}}|`,
      `(${left})^(${right})`,
      `(${left}){"k": ${right}}`,
      `$reduce(${left}, function($a, $b) { ${right} })`,
      `($f := function($x) { ${left} }; $f(${right}))`,
      `$sort(${left})`,
      `$pad(${left}, ${right})`
    ]
    return String(yield* pick(shapes))
  })

/** A text before an expression must end neither in a brace nor in a backslash. */
const printTemplate = (parts: ReadonlyArray<TemplatePart>): string =>
  parts.map((part) => part.kind === "text" ? part.text.replaceAll("{{", "\\{{") : `{{${part.source}}}`).join("")

const randomParts = Effect.gen(function*() {
  const parts: Array<TemplatePart> = []
  let position = 0
  const count = yield* Random.nextIntBetween(0, 6)
  for (let index = 0; index < count; index++) {
    if (index % 2 === 0) {
      const text = Array.from({ length: yield* Random.nextIntBetween(1, 8) }, () => "").join("x") +
        String(yield* pick(["{{ ", "a", " ", "}}", "\"", "{ {x", "y{ ", "é", "\\x", "/*"]))
      parts.push({ kind: "text", text })
      position += text.replaceAll("{{", "\\{{").length
    } else {
      const source = String(
        yield* pick([
          " input.a ",
          "\"}}\"",
          "{\"a\": {\"b\": 1}} ",
          " /* }} */ 1",
          "`}}`",
          " 'it\\'s }}' ",
          "1",
          " /[/]a/ ",
          "",
          " a / b "
        ])
      )
      parts.push({ kind: "expression", source, position: position + 2 })
      position += source.length + 4
    }
  }
  return parts
})

describe("any text", () => {
  it.effect("is refused, fails or has a value", () =>
    Effect.gen(function*() {
      for (let count = 0; count < 1_500; count++) {
        yield* evaluate(yield* randomExpression)
        const result = yield* evaluate(yield* randomTree(3))
        assert.notStrictEqual(JSON.stringify(result), "{\"failed\":\"unexpected\"}")
      }
      assert.isUndefined(Reflect.get({}, "a"))
    }).pipe(Random.withSeed("expressions")), 60_000)

  it.effect("of parts is taken apart as it was put together", () =>
    Effect.gen(function*() {
      for (let count = 0; count < 2_000; count++) {
        const parts = yield* randomParts
        assert.deepStrictEqual(parseTemplate(printTemplate(parts)), { parts, unclosed: undefined })
      }
    }).pipe(Random.withSeed("templates")))
})
