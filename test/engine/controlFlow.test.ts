import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect } from "effect"
import type { Json } from "effect/Schema"
import { Limits } from "../../src/domain/Limits.ts"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import * as ScriptedHttp from "../../src/testing/ScriptedHttp.ts"
import type { RunOptions } from "../../src/testing/WorkflowTest.ts"
import * as WorkflowTest from "../../src/testing/WorkflowTest.ts"
import { countRequests, Host, journalEntry, pass, surviving } from "./process.ts"

/** A step that gives the value of an expression. */
const give = (id: string, expression: string, order = 1, more: object = {}) => ({
  id,
  type: "transform",
  order,
  config: { operation: "expression", expression },
  ...more
})

const call = (id: string, address: string, order = 1, more: object = {}) => ({
  id,
  type: "http-request",
  order,
  config: { url: `https://up.example.com/${address}` },
  ...more
})

const when = (id: string, test: string, branches: object, order = 1, more: object = {}) => ({
  id,
  type: "condition",
  order,
  config: { if: test, ...branches },
  ...more
})

const each = (id: string, config: object, order = 1, more: object = {}) => ({
  id,
  type: "for-each",
  order,
  config,
  ...more
})

const fail = (id: string, order = 1, more: object = {}, config: object = {}) => ({
  id,
  type: "fail",
  order,
  config: { message: "no", ...config },
  ...more
})

const run = (steps: ReadonlyArray<object>, options: RunOptions & { readonly definition?: object } = {}) =>
  WorkflowTest.run({ steps, ...options.definition }, options)

/** What a step of a finished run left, by its path. */
const recordOf = (ended: WorkflowTest.TestRun, path: string) =>
  ended.steps.find((step) => (step.path ?? step.id) === path)

const paths = (ended: { readonly steps: WorkflowTest.TestRun["steps"] }) =>
  Object.fromEntries(ended.steps.map((step) => [step.path ?? step.id, step.status]))

const echo: ReadonlyArray<ScriptedRoute> = [{ url: /.*/, respond: ({ url }) => ({ body: url.slice(-1) }) }]

const test = (
  title: string,
  routes: ReadonlyArray<ScriptedRoute>,
  body: (host: Host) => Effect.Effect<void, unknown, Layer.Success<ReturnType<typeof surviving>>>,
  timeout?: number
) =>
  it.effect(
    title,
    () => Effect.flatMap(Host.make, body).pipe(Effect.provide(surviving(routes)), Effect.scoped),
    timeout
  )

describe("condition", () => {
  const both = { then: [give("yes", "input.n & '!'")], else: [give("no", "'none'")] }

  it.effect("runs one branch; its input is the condition's, its last output the output", () =>
    Effect.gen(function*() {
      const holds = yield* run([when("if", "input.n > 1", both)], { inputs: { n: 2 } })
      assert.deepStrictEqual(holds.outputs, { if: "2!" })
      assert.deepStrictEqual(paths(holds), { "if": "completed", "if.then.yes": "completed" })
      const not = yield* run([when("if", "{{ input.n > 1 }}", both)], { inputs: { n: 1 } })
      assert.deepStrictEqual(not.outputs, { if: "none" })
      assert.deepStrictEqual(paths(not), { "if": "completed", "if.else.no": "completed" })
    }))

  it.effect("gives null without a branch to run", () =>
    Effect.gen(function*() {
      const ended = yield* run([when("if", "false", { then: both.then }), give("after", "input", 2)])
      assert.deepStrictEqual(ended.outputs, { after: null })
      assert.deepStrictEqual(paths(ended), { if: "completed", after: "completed" })
    }))

  it.effect("nests, and steps see those around them", () =>
    Effect.gen(function*() {
      const ended = yield* run([
        give("first", "'outer'"),
        when("if", "true", {
          then: [
            give("a", "'inner'"),
            when("again", "steps.a.output = 'inner'", {
              then: [give("b", "steps.first.output & ' ' & steps.a.output & ' ' & steps.if.status")]
            }, 2)
          ]
        }, 2)
      ])
      assert.deepStrictEqual(ended.outputs, { if: "outer inner running" })
      assert.deepStrictEqual(paths(ended), {
        "first": "completed",
        "if": "completed",
        "if.then.a": "completed",
        "if.then.again": "completed",
        "if.then.again.then.b": "completed"
      })
      assert.isUndefined(recordOf(ended, "first")?.path)
      assert.strictEqual(recordOf(ended, "if.then.a")?.id, "a")
    }))

  it.effect("fails with what fails in it, by the id of the inner step", () =>
    Effect.gen(function*() {
      const deep = when("if", "true", { then: [when("in", "true", { then: [fail("f", 1, {}, { code: "mine" })] })] })
      const ended = yield* run([deep])
      assert.deepStrictEqual({ ...ended.error }, { code: "mine", message: "no", stepId: "f" })
      assert.deepStrictEqual(ended.steps.map(({ error, id }) => [id, error?.code, error?.stepId]), [
        ["if", "mine", "f"],
        ["in", "mine", "f"],
        ["f", "mine", undefined]
      ])
    }))

  test("a crash inside a branch stays in it, even if the condition has changed", [
    { url: "https://up.example.com/slow", respond: { delay: "10 seconds", body: "slow" } },
    ...echo
  ], (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({
        steps: [
          when("if", "execution.attempt = 1", {
            then: [call("a", "1"), call("b", "slow", 2)],
            else: [call("c", "2")]
          })
        ]
      })
      yield* host.restart
      const ended = yield* host.end(id)
      assert.deepStrictEqual(ended.outputs, { if: "slow" })
      assert.deepStrictEqual(yield* countRequests, { 1: 1, slow: 2 })
      assert.deepStrictEqual(paths(ended), { "if": "completed", "if.then.a": "completed", "if.then.b": "completed" })
    }))

  test("a wait inside a branch stays in it, parked, crashed and woken", [], (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({
        steps: [
          when("if", "$not($exists(steps.f.error)) or steps.f.error = null", {
            then: [{ id: "wait", type: "wait-for-event", order: 1, config: { signal: "go" } }]
          }),
          { id: "f", type: "fail", order: 1, when: "true", onError: "continue", config: { message: "x" } }
        ]
      })
      yield* pass("10 seconds")
      const waiting = yield* host.get(id)
      assert.deepStrictEqual(paths(waiting), { "if": "running", "f": "failed", "if.then.wait": "waiting" })
      yield* host.crash
      yield* host.signal(id, "go", 7)
      assert.deepStrictEqual((yield* host.end(id)).outputs, { if: 7, f: null })
    }))
})

describe("for-each", () => {
  it.effect("gives each item's output, in the items' order, whatever takes longest", () =>
    Effect.gen(function*() {
      const ended = yield* run(
        [each("loop", { items: "input.list", concurrency: 3, steps: [call("c", "{{ item }}")] })],
        {
          inputs: { list: [3, 1, 2, 0] },
          http: [{
            url: /.*/,
            respond: ({ url }) => ({ delay: `${url.slice(-1)} seconds` as "1 seconds", body: url.slice(-1) })
          }]
        }
      )
      assert.deepStrictEqual(ended.outputs, { loop: ["3", "1", "2", "0"] })
      assert.deepStrictEqual(Object.keys(paths(ended)), ["loop", "loop[0].c", "loop[1].c", "loop[2].c", "loop[3].c"])
    }))

  const sources: ReadonlyArray<readonly [title: string, config: object, output: Json]> = [
    ["its input", {}, ["0:a", "1:b"]],
    ["an expression", { items: "$map(input, $uppercase)" }, ["0:A", "1:B"]],
    ["a template", { items: "{{ [1..3] }}" }, ["0:1", "1:2", "2:3"]],
    ["an array, with templates in it", { items: ["x", "{{ input[0] }}"] }, ["0:x", "1:a"]],
    ["config.input", { input: "{{ ['z'] }}" }, ["0:z"]],
    ["none", { items: [] }, []]
  ]

  for (const [title, config, output] of sources) {
    it.effect(`over ${title}`, () =>
      Effect.gen(function*() {
        const ended = yield* run([
          give("list", "['a', 'b']"),
          each("loop", { ...config, steps: [give("s", "$string(index) & ':' & item")] }, 2)
        ])
        assert.deepStrictEqual(ended.outputs, { loop: output })
      }))
  }

  it.effect("an item is the input of its first step, and inner loops hide outer items", () =>
    Effect.gen(function*() {
      const ended = yield* run([
        each("outer", {
          items: [[1, 2], [3]],
          steps: [
            each("inner", { steps: [give("a", "input * 10"), give("b", "input + index", 2)] }),
            give("sum", "{ 'sum': $sum(steps.inner.output), 'of': item }", 2)
          ]
        })
      ])
      assert.deepStrictEqual(ended.outputs, { outer: [{ sum: 31, of: [1, 2] }, { sum: 30, of: [3] }] })
      assert.strictEqual(recordOf(ended, "outer[0].inner[1].b")?.output, 21)
    }))

  for (const concurrency of [1, 4, Limits.loopConcurrency]) {
    it.effect(`works on ${concurrency} items at the same time, and no more`, () =>
      Effect.gen(function*() {
        const items = Array.from({ length: 120 }, (_, index) => index)
        const ended = yield* run([each("loop", { items, concurrency, steps: [call("c", "{{ item }}")] })], {
          http: [{ url: /.*/, respond: { delay: "1 second" } }]
        })
        const starts = ended.requests.map(({ at }) => Date.parse(at))
        const busiest = Math.max(...Map.groupBy(starts, (at) => at).values().map(({ length }) => length))
        assert.strictEqual(busiest, concurrency)
        assert.strictEqual(ended.durationMs, Math.ceil(120 / concurrency) * 1_000)
      }))
  }

  const mixed = { items: [1, 2, 3], steps: [fail("f", 1, { when: "item = 2" }), give("ok", "item", 2)] }

  it.effect("the first failure fails it, and stops the other items", () =>
    Effect.gen(function*() {
      const ended = yield* run([each("loop", mixed), give("after", "1", 2)])
      assert.deepStrictEqual({ ...ended.error }, { code: "failed", message: "no", stepId: "f" })
      assert.deepStrictEqual(paths(ended), {
        "loop": "failed",
        "after": "skipped",
        "loop[0].f": "skipped",
        "loop[0].ok": "completed",
        "loop[1].f": "failed"
      })
    }))

  it.effect("continueOnError gives null for an item that failed", () =>
    Effect.gen(function*() {
      const ended = yield* run([each("loop", { ...mixed, continueOnError: true })])
      assert.deepStrictEqual([ended.status, ended.outputs], ["completed", { loop: [1, null, 3] }] as const)
      assert.isTrue(ended.logs.some(({ level, message }) => level === "warn" && message === "Item 1 failed"))
    }))

  const refused: ReadonlyArray<readonly [title: string, items: string, message: string]> = [
    ["an object", "{ 'a': 1 }", "items: expected an array, got an object"],
    ["null", "null", "items: expected an array, got null"],
    ["too many items", `[1..${Limits.loopItems + 1}]`, `items: expected at most 10000, got ${Limits.loopItems + 1}`]
  ]

  for (const [title, items, message] of refused) {
    it.effect(`${title} fails it`, () =>
      Effect.gen(function*() {
        const ended = yield* run([each("loop", { items, steps: [give("s", "1")] })])
        assert.deepStrictEqual({ ...ended.error }, { code: "invalid-input", message, stepId: "loop" })
      }))
  }

  it.effect("10,000 items", () =>
    Effect.gen(function*() {
      const ended = yield* run([
        each("loop", {
          items: `[1..${Limits.loopItems}]`,
          concurrency: 10,
          steps: [when("c", "item % 2 = 0", { then: [give("even", "item")], else: [give("odd", "0")] })]
        }),
        give("sum", "$sum(input)", 2)
      ])
      assert.deepStrictEqual(ended.outputs, { sum: 25_005_000 })
      assert.strictEqual(ended.steps.length, 2 + 20_000)
      assert.strictEqual(ended.logs.length <= Limits.logEntries + 2, true)
    }), 60_000)

  test(
    "a crash in the middle repeats no recorded step",
    [{ url: /.*/, respond: { delay: "1 second", body: 1 } }],
    (host) =>
      Effect.gen(function*() {
        const items = Array.from({ length: 10 }, (_, index) => index)
        const id = yield* host.start({
          steps: [each("loop", { items, concurrency: 2, steps: [call("a", "{{ item }}"), give("b", "index", 2)] })]
        })
        yield* pass("2500 millis")
        assert.strictEqual((yield* journalEntry(id)).records.length, 8)
        yield* host.restart
        yield* pass("2500 millis")
        yield* host.restart
        const ended = yield* host.end(id)
        assert.deepStrictEqual(ended.outputs, { loop: items })
        assert.deepStrictEqual(
          yield* countRequests,
          Object.fromEntries(items.map((item) => [item, [4, 5, 8, 9].includes(item) ? 2 : 1]))
        )
      })
  )

  test("each item waits for itself, parked, and a crash begins none anew", [], (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({
        steps: [
          each("loop", {
            items: [1, 2, 3, 4],
            concurrency: 2,
            steps: [
              { id: "nap", type: "delay", order: 1, config: { duration: "{{ item & 'd' }}" } },
              give("x", "item", 2)
            ]
          })
        ],
        settings: { timeout: "90d" }
      })
      yield* pass("1 hour")
      assert.deepStrictEqual(paths(yield* host.get(id)), {
        "loop": "running",
        "loop[0].nap": "waiting",
        "loop[1].nap": "waiting"
      })
      yield* host.restart
      yield* pass("25 hours")
      yield* host.restart
      const ended = yield* host.end(id)
      assert.deepStrictEqual(ended.outputs, { loop: [1, 2, 3, 4] })
      assert.strictEqual(Date.parse(ended.completedAt ?? "") - Date.parse(ended.startedAt), 6 * 86_400_000)
    }))
})

describe("when", () => {
  it.effect("runs a step only if it holds; a skipped one gives null", () =>
    Effect.gen(function*() {
      const ended = yield* run([
        give("no", "1", 1, { when: "inputs.missing" }),
        give("yes", "{ 'in': input, 'status': steps.no.status }", 2, { when: "{{ inputs.n = 1 }}" })
      ], { inputs: { n: 1 } })
      assert.deepStrictEqual(ended.outputs, { yes: { in: null, status: "skipped" } })
      assert.deepStrictEqual([ended.step("no")?.attempts, ended.step("no")?.output], [0, null])
    }))

  it.effect("that fails fails the step; onError holds for it too", () =>
    Effect.gen(function*() {
      const ended = yield* run([give("a", "1", 1, { when: "$error('x')" })])
      assert.deepStrictEqual([ended.error?.code, ended.error?.stepId], ["expression", "a"])
      const on = yield* run([give("a", "1", 1, { when: "$error('x')", onError: { output: 5 } })])
      assert.deepStrictEqual(on.outputs, { a: 5 })
    }))

  test(
    "a step that waits is not skipped after a crash, whatever its condition says by then",
    [],
    (host) =>
      Effect.gen(function*() {
        const id = yield* host.start({
          steps: [{
            id: "wait",
            type: "wait-for-event",
            order: 1,
            when: "execution.attempt = 1",
            config: { signal: "go" }
          }]
        })
        yield* host.restart
        yield* host.signal(id, "go", 1)
        assert.deepStrictEqual((yield* host.get(id)).outputs, { wait: 1 })
      })
  )
})

describe("onError", () => {
  it.effect("continue gives null, and tells the error", () =>
    Effect.gen(function*() {
      const ended = yield* run([
        fail("f", 1, { onError: "continue" }, { code: "mine" }),
        give("after", "[input, steps.f.status, steps.f.error.code, steps.f.error.message]", 2)
      ])
      assert.deepStrictEqual(ended.outputs, { after: [null, "failed", "mine", "no"] })
      assert.strictEqual(ended.step("f")?.output, null)
      assert.strictEqual(ended.step("f")?.error?.code, "mine")
    }))

  it.effect("an output stands for the step's own", () =>
    Effect.gen(function*() {
      const output = { list: [1, "{{ no template }}"] }
      const ended = yield* run([fail("f", 1, { onError: { output } }), give("after", "input.list[0]", 2)])
      assert.deepStrictEqual(ended.outputs, { after: 1 })
      assert.deepStrictEqual(ended.step("f")?.output, output)
    }))

  it.effect("holds for steps that hold others", () =>
    Effect.gen(function*() {
      const ended = yield* run([each("loop", { items: [1], steps: [fail("f")] }, 1, { onError: { output: [] } })])
      assert.deepStrictEqual(
        [ended.status, ended.outputs, ended.step("loop")?.error?.stepId],
        [
          "completed",
          { loop: [] },
          "f"
        ] as const
      )
    }))

  test("holds after a crash", [{ url: /.*/, respond: { delay: "5 seconds" } }], (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({
        steps: [fail("f", 1, { onError: { output: 1 } }), call("slow", "x", 2), give("after", "steps.f.output", 3)]
      })
      yield* host.restart
      assert.deepStrictEqual((yield* host.end(id)).outputs, { after: 1 })
    }))
})

describe("fail", () => {
  it.effect("ends the execution with its code and its message", () =>
    Effect.gen(function*() {
      const ended = yield* run([fail("f", 1, {}, { code: "not.approved_1-x", message: "Refused: {{ inputs.why }}" })], {
        inputs: { why: "late" }
      })
      assert.deepStrictEqual({ ...ended.error }, { code: "not.approved_1-x", message: "Refused: late", stepId: "f" })
      assert.strictEqual((yield* run([fail("f")])).error?.code, "failed")
    }))
})

describe("outputs", () => {
  const steps = [give("a", "{ 'n': 1 }"), give("b", "2", 2)]

  it.effect("are expressions by name, values and templates at any depth", () =>
    Effect.gen(function*() {
      const outputs = {
        n: "steps.a.output.n",
        text: "n is {{ steps.a.output.n }}",
        deep: { list: ["{{ steps.b.output }}", 3], plain: true },
        none: "steps.b.output.c",
        input: "input"
      }
      const ended = yield* run(steps, { definition: { outputs } })
      assert.deepStrictEqual(ended.outputs, {
        n: 1,
        text: "n is 1",
        deep: { list: [2, 3], plain: true },
        none: null,
        input: 2
      })
    }))

  it.effect("are those of the last steps by default", () =>
    Effect.gen(function*() {
      const ended = yield* run([give("a", "1"), give("b", "2", 2), give("c", "3", 2)])
      assert.deepStrictEqual(ended.outputs, { b: 2, c: 3 })
    }))

  it.effect("that can't be evaluated fail the execution", () =>
    Effect.gen(function*() {
      const ended = yield* run(steps, { definition: { outputs: { x: "$error('bad')" } } })
      assert.deepStrictEqual([ended.status, ended.error?.code, ended.error?.stepId, ended.outputs] as const, [
        "failed",
        "expression",
        undefined,
        null
      ])
      assert.deepStrictEqual(paths(ended), { a: "completed", b: "completed" })
    }))
})

describe("config.input", () => {
  const inputs: ReadonlyArray<readonly [title: string, input: Json, output: Json]> = [
    ["an expression", "{{ steps.a.output }}", 1],
    ["a bare expression", "steps.a.output", 1],
    ["a value", { k: [1, "{{ inputs.n }}"] }, { k: [1, 5] }],
    ["null", null, null],
    ["a number", 0, 0]
  ]

  for (const [title, input, output] of inputs) {
    it.effect(`is ${title}`, () =>
      Effect.gen(function*() {
        const ended = yield* run([
          give("a", "1"),
          give("b", "2", 2),
          { id: "c", type: "transform", order: 3, config: { operation: "expression", expression: "input", input } }
        ], { inputs: { n: 5 } })
        assert.deepStrictEqual(ended.outputs, { c: output })
      }))
  }

  it.effect("is what a branch and a loop get too", () =>
    Effect.gen(function*() {
      const ended = yield* run([
        when("if", "input = 7", { input: "inputs.n", then: [give("x", "input + 1")] }),
        each("loop", { input: "inputs.list", steps: [give("x", "input + 1")] })
      ], { inputs: { n: 7, list: [1, 2] } })
      assert.deepStrictEqual(ended.outputs, { if: 8, loop: [2, 3] })
    }))
})

describe("the limits", () => {
  const nested = (depth: number): object =>
    depth === 1 ? give("leaf", "'deep'") : when(`c${depth}`, "true", { then: [nested(depth - 1)] })

  it.effect("steps inside steps", () =>
    Effect.gen(function*() {
      const ended = yield* run([nested(Limits.stepDepth)])
      assert.deepStrictEqual(ended.outputs, { c10: "deep" })
      const refused = yield* Effect.flip(run([nested(Limits.stepDepth + 1)]))
      assert.match(refused.message, /must not nest deeper than 10 steps$/)
    }))

  it.effect("steps, those inside steps included", () =>
    Effect.gen(function*() {
      const holding = (count: number) => [
        each("loop", { items: [1], steps: Array.from({ length: count }, (_, index) => give(`s${index}`, "1")) })
      ]
      const ended = yield* run(holding(Limits.steps - 1))
      assert.deepStrictEqual([ended.status, ended.steps.length], ["completed", Limits.steps])
      const refused = yield* Effect.flip(run(holding(Limits.steps)))
      assert.match(refused.message, /must hold at most 1000 steps, those inside steps included, not 1001$/)
    }), 20_000)

  it.effect("what a workflow's outputs take together with the steps'", () =>
    Effect.gen(function*() {
      const text = "x".repeat(1_000_000)
      const ended = yield* run([give("a", "inputs.text")], {
        inputs: { text },
        definition: { outputs: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`o${n}`, "steps.a.output"])) }
      })
      assert.deepStrictEqual([ended.status, ended.error?.code], ["failed", "output-too-large"])
    }))
})

describe("requests", () => {
  it.effect("in loops and branches carry the path of their step as their key", () =>
    Effect.gen(function*() {
      const ended = yield* run([
        each("loop", {
          items: [1, 2],
          steps: [when("c", "item = 2", { then: [call("x", "2")], else: [call("x", "1")] })]
        })
      ], { http: echo })
      assert.deepStrictEqual(ended.requests.map(({ headers }) => headers["idempotency-key"]), [
        `${ended.id}:loop[0].c.else.x`,
        `${ended.id}:loop[1].c.then.x`
      ])
    }))

  test(
    "keep that key after a crash",
    [{ url: /.*/, respond: { delay: "3 seconds" } }],
    (host) =>
      Effect.gen(function*() {
        const id = yield* host.start({ steps: [each("loop", { items: [1], steps: [call("x", "1")] })] })
        yield* host.restart
        yield* host.end(id)
        const { all } = yield* ScriptedHttp.SeenRequests
        assert.deepStrictEqual((yield* all).map(({ headers }) => headers["idempotency-key"]), [
          `${id}:loop[0].x`,
          `${id}:loop[0].x`
        ])
      })
  )
})
