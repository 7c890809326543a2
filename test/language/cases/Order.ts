import type { Case } from "../Case.ts"
import { done, ends, give, refuses, transform } from "../Case.ts"

const chain = Array.from({ length: 50 }, (_, index) => `s${index}`)

/** Which step runs when, and what it is given. */
export const order: ReadonlyArray<Case> = [
  {
    title: "steps run by order, whatever their place in the list",
    steps: [give("c", 3, "input & 'c'"), give("a", 1, "'a'"), give("b", 2, "input & 'b'")],
    expected: ends({ c: "abc" }, done("a", "b", "c"))
  },
  {
    title: "orders may be negative, and have gaps between them",
    steps: [give("last", 1_000_000, "input + 1"), give("first", -7, "1"), give("middle", 0, "input * 10")],
    expected: ends({ last: 11 }, done("first", "middle", "last"))
  },
  {
    title: "the first step's input is the execution's inputs",
    inputs: { n: 1, list: [null, "x"] },
    steps: [give("a", 1, "input")],
    expected: ends({ a: { n: 1, list: [null, "x"] } }, done("a"))
  },
  {
    title: "inputs that are not given are an empty object",
    steps: [give("a", 1, "input"), give("b", 2, "inputs")],
    outputs: { a: "steps.a.output", b: "steps.b.output" },
    expected: ends({ a: {}, b: {} }, done("a", "b"))
  },
  {
    title: "every first step is given the inputs",
    inputs: { n: 2 },
    steps: [give("a", 1, "input.n"), give("b", 1, "input.n * 2")],
    expected: ends({ a: 2, b: 4 }, done("a", "b"))
  },
  {
    title: "after several steps the input is an object by step id",
    steps: [give("a", 1, "1"), give("b", 1, "'two'"), give("c", 2, "input")],
    expected: ends({ c: { a: 1, b: "two" } }, done("a", "b", "c"))
  },
  {
    title: "the outputs are those of the steps that no other follows",
    steps: [give("a", 1, "1"), give("b", 2, "2"), { ...give("c", 9, "3"), dependsOn: ["a"] }],
    expected: ends({ b: 2, c: 3 }, done("a", "b", "c"))
  },
  {
    title: "dependsOn is followed whatever the order says",
    steps: [{ ...give("late", 1, "input + 1"), dependsOn: ["early"] }, { ...give("early", 5, "5"), dependsOn: [] }],
    expected: ends({ late: 6 }, done("early", "late"))
  },
  {
    title: "dependsOn nothing starts at once, with the inputs",
    inputs: { n: 3 },
    steps: [give("a", 1, "1"), { ...give("b", 2, "input.n"), dependsOn: [] }],
    expected: ends({ a: 1, b: 3 }, done("a", "b"))
  },
  {
    title: "dependsOn of several gives an object by step id",
    steps: [give("a", 1, "1"), give("b", 2, "input + 1"), { ...give("c", 3, "input"), dependsOn: ["b", "a"] }],
    expected: ends({ c: { a: 1, b: 2 } }, done("a", "b", "c"))
  },
  {
    title: "the same id twice in dependsOn is one step",
    steps: [give("a", 1, "7"), { ...give("b", 2, "input"), dependsOn: ["a", "a"] }],
    expected: ends({ b: 7 }, done("a", "b"))
  },
  {
    title: "a step without dependsOn waits for all of the smaller order, those with dependsOn too",
    steps: [give("a", 1, "1"), { ...give("b", 1, "input * 2"), dependsOn: ["a"] }, give("c", 2, "input")],
    expected: ends({ c: { a: 1, b: 2 } }, done("a", "b", "c"))
  },
  {
    title: "a diamond joins",
    inputs: { n: 10 },
    steps: [
      give("top", 1, "input.n"),
      { ...give("left", 2, "input + 1"), dependsOn: ["top"] },
      { ...give("right", 2, "input - 1"), dependsOn: ["top"] },
      { ...give("bottom", 3, "input.left * input.right"), dependsOn: ["left", "right"] }
    ],
    expected: ends({ bottom: 99 }, done("top", "left", "right", "bottom"))
  },
  {
    title: "fifty steps, one after the other",
    inputs: { n: 0 },
    steps: chain.map((id, index) => give(id, index, index === 0 ? "input.n + 1" : "input + 1")),
    expected: ends({ s49: 50 }, done(...chain))
  },
  {
    title: "config.input replaces the output of the step before, and sees it",
    inputs: { n: 4 },
    steps: [give("a", 1, "{ 'x': 5 }"), give("b", 2, "input", { input: "[input.x, inputs.n]" })],
    expected: ends({ b: [5, 4] }, done("a", "b"))
  },
  {
    title: "config.input may be a value with templates at any depth",
    inputs: { n: 4 },
    steps: [give("a", 1, "input", { input: { deep: [{ n: "{{ inputs.n }}" }, "n is {{ inputs.n }}"] } })],
    expected: ends({ a: { deep: [{ n: 4 }, "n is 4"] } }, done("a"))
  },
  {
    title: "config.input null is an input",
    steps: [give("a", 1, "1"), give("b", 2, "$type(input)", { input: null })],
    expected: ends({ b: "null" }, done("a", "b"))
  },
  {
    title: "a step sees every step that is done, by its id",
    steps: [
      give("step-1", 1, "{ 'v': [1, 2] }"),
      give("b", 2, "0"),
      give("c", 3, "steps.`step-1`.output.v[1]")
    ],
    expected: ends({ c: 2 }, done("step-1", "b", "c"))
  },
  {
    title: "a step sees itself at work, and what has not begun",
    steps: [give("a", 1, "[steps.a.status, steps.b.status, $type(steps.b.output)]"), give("b", 2, "input")],
    expected: ends({ b: ["running", "pending", "null"] }, done("a", "b"))
  },
  {
    title: "ids may be as long as 64 characters, and end with a hyphen",
    steps: [give(`${"i".repeat(62)}_-`, 1, "1")],
    expected: ends({ [`${"i".repeat(62)}_-`]: 1 }, done(`${"i".repeat(62)}_-`))
  },
  {
    title: "ids named as a prototype's members are ids as others",
    steps: [
      give("__proto__", 1, "1"),
      give("constructor", 1, "2"),
      give("toString", 1, "3"),
      give("sum", 2, "input.`__proto__` + input.constructor + input.toString + steps.`__proto__`.output")
    ],
    expected: ends({ sum: 7 }, done("__proto__", "constructor", "toString", "sum"))
  },
  {
    title: "outputs by ids that are named as a prototype's members",
    steps: [give("__proto__", 1, "{ 'polluted': true }"), give("hasOwnProperty", 1, "[]")],
    expected: ends(
      { ["__proto__"]: { polluted: true }, hasOwnProperty: [] },
      done("__proto__", "hasOwnProperty")
    )
  },
  {
    title: "a step's name is for people alone",
    steps: [{ ...give("a", 1, "1"), name: "Erster Schritt — ✓" }, give("b", 2, "input")],
    expected: ends({ b: 1 }, done("a", "b"))
  },
  {
    title: "a cycle is refused at each step of it",
    steps: [{ ...give("a", 1, "1"), dependsOn: ["b"] }, { ...give("b", 2, "1"), dependsOn: ["a"] }],
    expected: refuses(
      "WORKFLOW-003",
      "steps[0].dependsOn closes or follows a cycle of steps: a, b",
      "steps[1].dependsOn closes or follows a cycle of steps: a, b"
    )
  },
  {
    title: "a cycle through the order is one too",
    steps: [{ ...give("a", 1, "1"), dependsOn: ["b"] }, give("b", 2, "1")],
    expected: refuses("WORKFLOW-003", "steps[0].dependsOn closes or follows a cycle of steps: a, b")
  },
  {
    title: "a step that depends on itself is refused",
    steps: [{ ...give("a", 1, "1"), dependsOn: ["a"] }],
    expected: refuses("WORKFLOW-003", "steps[0].dependsOn closes or follows a cycle of steps: a")
  },
  {
    title: "duplicate and unknown ids are all told",
    steps: [give("a", 1, "1"), give("a", 2, "1"), { ...give("b", 3, "1"), dependsOn: ["a", "c"] }],
    expected: refuses(
      "WORKFLOW-003",
      "steps[1].id is the id of another step already (steps[0])",
      "steps[2].dependsOn[1] names no step: \"c\""
    )
  },
  {
    title: "a chain of operations on data",
    inputs: {
      users: [
        { name: "Ada", team: "core", active: true },
        { name: "Bob", team: "web", active: false },
        { name: "Cy", team: "core", active: true }
      ]
    },
    steps: [
      transform("active", 1, { operation: "filter", path: "users", field: "active", value: true }),
      transform("by-team", 2, { operation: "group", field: "team" }),
      give("sizes", 3, "$each(input, function($users, $team) { $team & ':' & $count($users) })")
    ],
    // A single value stands for itself, as everywhere in JSONata.
    expected: ends({ sizes: "core:2" }, done("active", "by-team", "sizes"))
  }
]
