import type { Case } from "../Case.ts"
import { condition, done, ends, fails, forEach, give, http, refuses } from "../Case.ts"

const loop = forEach

/** Conditions, `when`, and loops. */
export const branches: ReadonlyArray<Case> = [
  {
    title: "a condition that holds runs `then`, with its own input",
    inputs: { n: 5 },
    steps: [condition("c", 1, { if: "input.n > 3", then: [give("x", 1, "input.n * 2")], else: [give("y", 1, "0")] })],
    expected: ends({ c: 10 }, done("c", "c.then.x"))
  },
  {
    title: "one that does not hold runs `else`",
    inputs: { n: 2 },
    steps: [condition("c", 1, { if: "input.n > 3", then: [give("x", 1, "1")], else: [give("y", 1, "'low'")] })],
    expected: ends({ c: "low" }, done("c", "c.else.y"))
  },
  {
    title: "without an else its output is null",
    steps: [condition("c", 1, { if: "false", then: [give("x", 1, "1")] }), give("b", 2, "$type(input)")],
    expected: ends({ b: "null" }, done("c", "b"))
  },
  {
    title: "what holds, by JSONata's boolean cast",
    steps: [
      loop("l", 1, {
        items: [0, -1, "", "false", [], [0], [0, 1], [[]], {}, { a: 0 }, null, true, false],
        steps: [condition("c", 1, { if: "item", then: [give("t", 1, "true")], else: [give("f", 1, "false")] })]
      }),
      give("all", 2, "input")
    ],
    expected: ends(
      { all: [false, true, false, true, false, false, true, false, false, true, false, true, false] },
      {
        ...done("l", "all"),
        ...done(...Array.from({ length: 13 }, (_, index) => `l[${index}].c`)),
        ...done(...[1, 3, 6, 9, 11].map((index) => `l[${index}].c.then.t`)),
        ...done(...[0, 2, 4, 5, 7, 8, 10, 12].map((index) => `l[${index}].c.else.f`))
      }
    )
  },
  {
    title: "a condition may be a template; a text around it holds",
    steps: [
      condition("a", 1, { if: "{{ 1 = 2 }}", then: [give("x", 1, "1")] }),
      condition("b", 2, { if: "is {{ 1 = 2 }}", then: [give("x", 1, "'text'")] })
    ],
    outputs: { a: "steps.a.output", b: "steps.b.output" },
    expected: ends({ a: null, b: "text" }, done("a", "b", "b.then.x"))
  },
  {
    title: "steps in a branch have an order of their own; the last ones give the output",
    steps: [
      condition("c", 1, {
        if: "true",
        then: [give("z", 2, "input + 1"), give("a", 1, "1"), { ...give("b", 9, "input * 10"), dependsOn: ["a"] }]
      })
    ],
    expected: ends({ c: { z: 2, b: 10 } }, done("c", "c.then.a", "c.then.b", "c.then.z"))
  },
  {
    title: "the same id in two branches, and outside of them",
    steps: [
      give("x", 1, "1"),
      condition("c", 2, {
        if: "false",
        then: [give("x", 1, "2")],
        else: [give("x", 1, "input + 2"), give("y", 2, "steps.x.output * 100")]
      }),
      give("after", 3, "steps.x.output + input")
    ],
    expected: ends({ after: 301 }, done("x", "c", "c.else.x", "c.else.y", "after"))
  },
  {
    title: "conditions inside conditions see the steps around them",
    inputs: { n: 1 },
    steps: [
      give("outer", 1, "'o'"),
      condition("c", 2, {
        if: "inputs.n = 1",
        then: [
          give("middle", 1, "steps.outer.output & 'm'"),
          condition("d", 2, { if: "input = 'om'", then: [give("inner", 1, "input & steps.outer.output & 'i'")] })
        ]
      })
    ],
    expected: ends({ c: "omoi" }, done("outer", "c", "c.then.middle", "c.then.d", "c.then.d.then.inner"))
  },
  {
    title: "an `if` that fails fails the condition",
    steps: [condition("c", 1, { if: "1 < 'a'", then: [give("x", 1, "1")] })],
    expected: fails(
      {
        code: "expression",
        message: "The two sides must be of the same type (\"<\")",
        stepId: "c",
        details: { code: "T2009", position: 2 }
      },
      { c: "failed" }
    )
  },
  {
    title: "what fails in a branch fails the condition, by the id of the inner step",
    steps: [
      condition("c", 1, { if: "true", then: [give("x", 1, "$error('inner')"), give("y", 2, "1")] }),
      give("after", 2, "1")
    ],
    expected: fails(
      { code: "expression", message: "inner", stepId: "x", details: { code: "D3137", position: 0 } },
      { c: "failed", "c.then.x": "failed", after: "skipped" }
    )
  },

  {
    title: "when: a step whose turn does not come is skipped, its output is null",
    inputs: { go: 0 },
    steps: [give("a", 1, "1"), { ...give("b", 2, "2"), when: "inputs.go" }, give("c", 3, "[input, steps.b.status]")],
    expected: ends({ c: [null, "skipped"] }, { a: "completed", b: "skipped", c: "completed" })
  },
  {
    title: "when sees the step's own input",
    steps: [
      give("a", 1, "5"),
      { ...give("b", 2, "'big'", { input: "input * 2" }), when: "input = 10" },
      { ...give("c", 3, "'other'"), when: "{{ input != 'big' }}" }
    ],
    outputs: { b: "steps.b.output", c: "steps.c.output" },
    expected: ends({ b: "big", c: null }, { a: "completed", b: "completed", c: "skipped" })
  },
  {
    title: "when: what follows a skipped step runs, if its own turn comes",
    steps: [
      { ...give("a", 1, "1"), when: "false" },
      { ...give("b", 2, "2"), dependsOn: ["a"], when: "steps.a.status = 'skipped'" }
    ],
    expected: ends({ b: 2 }, { a: "skipped", b: "completed" })
  },
  {
    title: "when that fails fails the step, and its onError holds",
    steps: [
      { ...give("a", 1, "1"), when: "1 + 'x'", onError: { output: "none" } },
      give("b", 2, "[input, steps.a.error.code]")
    ],
    expected: ends({ b: ["none", "expression"] }, { a: "failed", b: "completed" })
  },
  {
    title: "when on a step that holds others: none of them runs",
    steps: [{ ...loop("l", 1, { items: [1, 2], steps: [give("x", 1, "item")] }), when: "1 = 2" }],
    expected: ends({ l: null }, { l: "skipped" })
  },

  {
    title: "a loop gives the outputs in the order of its items",
    steps: [loop("l", 1, { items: [3, 1, 2], steps: [give("x", 1, "item * 10")] })],
    expected: ends({ l: [30, 10, 20] }, done("l", "l[0].x", "l[1].x", "l[2].x"))
  },
  {
    title: "a loop over an expression; item and index",
    inputs: { users: [{ n: "a" }, { n: "b" }] },
    steps: [loop("l", 1, { items: "input.users", steps: [give("x", 1, "index & item.n")] })],
    expected: ends({ l: ["0a", "1b"] }, done("l", "l[0].x", "l[1].x"))
  },
  {
    title: "a loop over its input, if it says nothing",
    steps: [give("a", 1, "['p', 'q']"), loop("l", 2, { steps: [give("x", 1, "input & '!'")] })],
    expected: ends({ l: ["p!", "q!"] }, done("a", "l", "l[0].x", "l[1].x"))
  },
  {
    title: "a loop over an array with templates",
    inputs: { n: 2 },
    steps: [
      loop("l", 1, { items: ["{{ inputs.n }}", { v: "<{{ inputs.n }}>" }, null], steps: [give("x", 1, "item")] })
    ],
    expected: ends({ l: [2, { v: "<2>" }, null] }, done("l", "l[0].x", "l[1].x", "l[2].x"))
  },
  {
    title: "a loop over nothing",
    steps: [loop("l", 1, { items: [], steps: [give("x", 1, "item")] }), give("b", 2, "$count(input)")],
    expected: ends({ b: 0 }, done("l", "b"))
  },
  {
    title: "several steps a round, each round with an input of its own",
    steps: [
      loop("l", 1, {
        items: [1, 2],
        concurrency: 2,
        steps: [give("a", 1, "input + 1"), give("b", 2, "{ 'a': input, 'item': item, 'seen': steps.a.output }")]
      })
    ],
    expected: ends(
      { l: [{ a: 2, item: 1, seen: 2 }, { a: 3, item: 2, seen: 3 }] },
      done("l", "l[0].a", "l[0].b", "l[1].a", "l[1].b")
    )
  },
  {
    title: "loops inside loops: the inner item hides the outer one",
    steps: [
      loop("outer", 1, {
        items: [["a", "b"], ["c"]],
        steps: [
          loop("inner", 1, { items: "item", steps: [give("x", 1, "item & index")] }),
          give("y", 2, "[input, index]")
        ]
      })
    ],
    expected: ends(
      { outer: [["a0", "b1", 0], ["c0", 1]] },
      done(
        "outer",
        "outer[0].inner",
        "outer[0].inner[0].x",
        "outer[0].inner[1].x",
        "outer[0].y",
        "outer[1].inner",
        "outer[1].inner[0].x",
        "outer[1].y"
      )
    )
  },
  {
    title: "concurrency keeps the order of the items",
    steps: [
      loop("l", 1, { items: "[1..20]", concurrency: 50, steps: [give("x", 1, "item * item")] }),
      give("b", 2, "input")
    ],
    expected: ends(
      { b: Array.from({ length: 20 }, (_, index) => (index + 1) ** 2) },
      done("l", "b", ...Array.from({ length: 20 }, (_, index) => `l[${index}].x`))
    )
  },
  {
    title: "a loop over what is no array",
    inputs: { users: "none" },
    steps: [loop("l", 1, { items: "input.users", steps: [give("x", 1, "1")] })],
    expected: fails(
      { code: "invalid-input", message: "items: expected an array, got a string", stepId: "l" },
      { l: "failed" }
    )
  },
  {
    title: "the first item that fails ends a loop; no item after it begins",
    steps: [loop("l", 1, { items: [1, 2, 3], steps: [give("x", 1, "item = 2 ? $error('two') : item")] })],
    expected: fails(
      { code: "expression", message: "two", stepId: "x", details: { code: "D3137", position: 11 } },
      { l: "failed", "l[0].x": "completed", "l[1].x": "failed" }
    )
  },
  {
    title: "continueOnError gives null for an item that failed",
    steps: [
      loop("l", 1, {
        items: [1, 2, 3],
        continueOnError: true,
        steps: [give("x", 1, "item = 2 ? $error('two') : item"), give("y", 2, "input + 1")]
      })
    ],
    expected: ends(
      { l: [2, null, 4] },
      { ...done("l", "l[0].x", "l[0].y", "l[2].x", "l[2].y"), "l[1].x": "failed" }
    )
  },
  {
    title: "onError inside a loop lets its round go on",
    steps: [
      loop("l", 1, {
        items: [0, 1],
        steps: [
          { ...give("x", 1, "item = 0 ? $error('zero') : 'ok'"), onError: { output: "instead" } },
          give("y", 2, "input")
        ]
      })
    ],
    expected: ends(
      { l: ["instead", "ok"] },
      { ...done("l", "l[0].y", "l[1].x", "l[1].y"), "l[0].x": "failed" }
    )
  },
  {
    title: "when inside a loop is asked for each item",
    steps: [loop("l", 1, { items: "[1..4]", steps: [{ ...give("x", 1, "item"), when: "item % 2 = 0" }] })],
    expected: ends(
      { l: [null, 2, null, 4] },
      { l: "completed", "l[0].x": "skipped", "l[1].x": "completed", "l[2].x": "skipped", "l[3].x": "completed" }
    )
  },
  {
    title: "a loop that calls the upstream, with a key for each item",
    http: { "/0": { echo: ["idempotency-key"] }, "/1": { echo: ["idempotency-key"] } },
    steps: [
      loop("l", 1, { items: [0, 1], concurrency: 2, steps: [http("call", 1, "/{{ index }}")] }),
      give("k", 2, "input.headers.`idempotency-key`")
    ],
    expected: ends(
      { k: ["<execution>:l[0].call", "<execution>:l[1].call"] },
      done("l", "l[0].call", "l[1].call", "k"),
      ["GET /0", "GET /1"]
    )
  },
  {
    title: "problems of inner steps are told with their whole path",
    steps: [
      loop("l", 1, {
        concurrency: 51,
        steps: [condition("c", 1, { if: "1 +", then: [give("x", 1, "2 *"), give("x", 2, "1")], else: [] })]
      })
    ],
    expected: refuses(
      "WORKFLOW-003",
      "steps[0].config.concurrency must be a value between 1 and 50",
      "steps[0].config.steps[0].config.else must be a value with a length of at least 1",
      "steps[0].config.steps[0].config.then[1].id is the id of another step already (steps[0])"
    )
  },
  {
    title: "a branch knows no steps of another level in dependsOn",
    steps: [
      give("a", 1, "1"),
      condition("c", 2, { if: "true", then: [{ ...give("x", 1, "1"), dependsOn: ["a"] }] })
    ],
    expected: refuses("WORKFLOW-003", "steps[1].config.then[0].dependsOn[0] names no step: \"a\"")
  },
  {
    title: "an expression names steps of its own list and of those around it alone",
    steps: [
      give("find-org", 1, "1"),
      { ...give("find-user", 1, "steps.find-user.output"), when: "steps.loop.status = 'pending'" },
      loop("loop", 2, {
        items: [1],
        steps: [
          give("inner", 1, "[steps.inner.status, steps.loop.status, steps.`find-user`.output, $$.steps.nobody]"),
          http("call", 2, "/{{ steps.gone.output }}", {})
        ]
      }),
      {
        ...give("after", 3, "[steps.*.status, $lookup(steps, 'any'), inputs.steps.any, steps[any = 1]]"),
        undo: { type: "transform", config: { operation: "expression", expression: "steps.inner" } }
      }
    ],
    outputs: { o: "steps.inner.output", p: "steps.after.output" },
    expected: refuses(
      "WORKFLOW-003",
      "outputs.o names the step \"inner\", but an expression here sees only find-org, find-user, loop, after",
      "steps[1].config.expression names \"user\", but an expression sees only input, inputs, steps, trigger, execution, workflow, secrets, item, index",
      "steps[1].config.expression names the step \"find\", but an expression here sees only find-org, find-user, loop, after; an id with a \"-\" needs backticks: steps.`find-org` or steps.`find-user`",
      "steps[2].config.steps[0].config.expression names the step \"nobody\", but an expression here sees only find-org, find-user, loop, after, inner, call",
      "steps[2].config.steps[1].config.url names the step \"gone\", but an expression here sees only find-org, find-user, loop, after, inner, call",
      "steps[3].undo.config.expression names the step \"inner\", but an expression here sees only find-org, find-user, loop, after"
    )
  },
  {
    title: "a loop without steps, and a condition without `if` and `then`",
    steps: [loop("l", 1, { items: [1] }), condition("c", 2, {})],
    expected: refuses(
      "WORKFLOW-001",
      "steps[0].config.steps is required",
      "steps[1].config.if is required",
      "steps[1].config.then is required"
    )
  }
]
