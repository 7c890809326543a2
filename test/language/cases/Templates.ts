import type { Case } from "../Case.ts"
import { done, ends, expressionFails, fails, give, refuses, transform } from "../Case.ts"

/** A step whose output holds what a value becomes. */
const set = (value: string | number | object) =>
  transform("a", 1, { operation: "set", input: {}, values: { v: JSON.parse(JSON.stringify(value)) } })

const becomes = (v: null | boolean | number | string | object) =>
  ends({ a: { v: JSON.parse(JSON.stringify(v)) } }, done("a"))

/** Expressions in texts. */
export const templates: ReadonlyArray<Case> = [
  {
    title: "an expression alone becomes its value, typed",
    inputs: {},
    steps: [set("{{ [1, 'a', true, null, { 'b': 2.5 }] }}")],
    expected: becomes([1, "a", true, null, { b: 2.5 }])
  },
  { title: "without spaces too", steps: [set("{{1+1}}")], expected: becomes(2) },
  { title: "mixed with text it is text", steps: [set("n={{ 40 + 2 }}!")], expected: becomes("n=42!") },
  { title: "white space around it is text", steps: [set(" {{ 5 }}")], expected: becomes(" 5") },
  { title: "two beside each other are text", steps: [set("{{ 1 }}{{ 2 }}")], expected: becomes("12") },
  {
    title: "objects and arrays stand in a text as JSON",
    steps: [set("o={{ { 'a': [1, 'x'] } }} l={{ [1, 2] }}")],
    expected: becomes("o={\"a\":[1,\"x\"]} l=[1,2]")
  },
  {
    title: "nothing and null stand in a text as nothing, booleans by name",
    steps: [set("<{{ missing.x }}|{{ null }}|{{ true }}|{{ 0 }}>".replace("missing", "inputs"))],
    expected: becomes("<||true|0>")
  },
  { title: "nothing alone becomes null", steps: [set("{{ inputs.none }}")], expected: becomes(null) },
  { title: "\\{{ is a literal {{", steps: [set("\\{{ inputs.x }}")], expected: becomes("{{ inputs.x }}") },
  {
    title: "a literal {{ beside an expression",
    steps: [set("\\{{a}} is {{ 1 }}")],
    expected: becomes("{{a}} is 1")
  },
  { title: "a lone }} is text", steps: [set("a }} b {{ 1 }} }}")], expected: becomes("a }} b 1 }}") },
  { title: "single braces are text", steps: [set("{ inputs.x } {a{b}c}")], expected: becomes("{ inputs.x } {a{b}c}") },
  {
    title: "braces of objects inside an expression don't end it",
    steps: [set("{{ {'a': {'b': {'c': 1}}} }}")],
    expected: becomes({ a: { b: { c: 1 } } })
  },
  {
    title: "}} in a text, a name or a comment of an expression doesn't end it",
    inputs: { "}}": 3 },
    steps: [set("{{ ['}}', inputs.`}}`, /* }} */ \"}}\"] }}")],
    expected: becomes(["}}", 3, "}}"])
  },
  {
    title: "}} in a regular expression doesn't end it",
    steps: [set("{{ $contains('a}}', /a\\}\\}/) }}")],
    expected: becomes(true)
  },
  {
    title: "lines may break in an expression",
    steps: [set("{{\n  1 +\r\n\t2\n}}")],
    expected: becomes(3)
  },
  {
    title: "at any depth, but not in names",
    inputs: { n: 1 },
    steps: [set({ list: [["{{ inputs.n }}"], { "{{ inputs.n }}": "{{ inputs.n }}" }] })],
    expected: becomes({ list: [[1], { "{{ inputs.n }}": 1 }] })
  },
  {
    title: "a value that holds {{ is not evaluated again",
    inputs: { text: "{{ secrets.X }}" },
    steps: [set("{{ inputs.text }}"), give("b", 2, "input.v & inputs.text")],
    expected: ends({ b: "{{ secrets.X }}{{ secrets.X }}" }, done("a", "b"))
  },
  {
    title: "a template may give a whole member of a configuration",
    inputs: { count: 2, list: [1, 2, 3] },
    steps: [transform("a", 1, { operation: "limit", path: "list", count: "{{ inputs.count }}" })],
    expected: ends({ a: [1, 2] }, done("a"))
  },
  {
    title: "what it gives must be what the member takes",
    inputs: { count: "2", list: [1] },
    steps: [transform("a", 1, { operation: "limit", path: "list", count: "{{ inputs.count }}", offset: "{{ -1 }}" })],
    expected: fails(
      {
        code: "invalid-config",
        message:
          "config.count must be a number, not a string; config.offset must be a value greater than or equal to 0",
        stepId: "a",
        details: {
          issues: [
            { path: ["count"], message: "must be a number, not a string" },
            { path: ["offset"], message: "must be a value greater than or equal to 0" }
          ]
        }
      },
      { a: "failed" }
    )
  },
  {
    title: "the position in a failing template is counted in its expression",
    steps: [set("a longer text {{ 1 + 'a' }}")],
    expected: expressionFails("T2002", "The right side must be a number (\"+\")", 3)
  },
  {
    title: "{{ that nothing closes is refused, with its position",
    steps: [set("ab {{ inputs.x")],
    expected: refuses("WORKFLOW-003", "steps[0].config.values.v has a {{ at position 3 that no }} closes")
  },
  {
    title: "an empty expression is refused",
    steps: [set("{{ }}")],
    expected: refuses(
      "WORKFLOW-003",
      "steps[0].config.values.v is not a valid expression at position 2: The expression is empty"
    )
  },
  {
    title: "every bad expression of a definition is told",
    steps: [
      set({ one: "{{ unknown }}", two: ["{{ inputs.a. }}"] }),
      { ...give("b", 2, "item.x + nothing"), when: "1 +" }
    ],
    outputs: { out: "(" },
    expected: refuses(
      "WORKFLOW-003",
      "outputs.out is not a valid expression at position 1: Expected \")\" before end of expression",
      "steps[0].config.values.v.one names \"unknown\", but an expression sees only input, inputs, steps, trigger, execution, workflow, secrets, item, index",
      "steps[0].config.values.v.two[0] is not a valid expression at position 13: Unexpected end of expression",
      "steps[1].config.expression names \"nothing\", but an expression sees only input, inputs, steps, trigger, execution, workflow, secrets, item, index",
      "steps[1].when is not a valid expression at position 3: Unexpected end of expression"
    )
  },
  {
    title: "the names that an expression sees",
    inputs: { n: 1 },
    steps: [
      set({
        trigger: "{{ trigger }}",
        execution: "{{ execution }}",
        workflow: "{{ workflow }}",
        loop: "{{ [$exists(item), $exists(index)] }}"
      })
    ],
    expected: becomes({
      trigger: { type: "api" },
      execution: { id: "<execution>", startedAt: "<startedAt>", attempt: 1 },
      workflow: { id: "<workflow>", name: "the names that an expression sees", version: 1 },
      loop: [false, false]
    })
  }
]
