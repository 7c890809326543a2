import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { executionOf, problemOf, workflowOf } from "./harness/Answers.ts"
import type { Client } from "./harness/Client.ts"
import { clientOf } from "./harness/Client.ts"
import { callStep, definition } from "./harness/Definitions.ts"
import { cpuMillis } from "./harness/Processes.ts"
import { operatorKey, Service } from "./harness/Service.ts"
import { until } from "./harness/Until.ts"
import { Upstream } from "./harness/Upstream.ts"

const transform = (config: object) => ({ id: "a", type: "transform", order: 1, config })
const expression = (text: string) => [transform({ operation: "expression", expression: text })]
const endless = "($f := function($n) { $f($n + 1) }; $f(0))"
const doubled = (start: string, step: string) => `($x := ${start}; ${`$x := ${step}; `.repeat(40)}$x)`
const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`

/** Steps that are saved, and fail when they run. */
const failing: Readonly<Record<string, ReadonlyArray<unknown>>> = {
  "a loop without end": expression(endless),
  "recursion without end": expression("($f := function($n) { 1 + $f($n) }; $f(1))"),
  "mutual recursion": expression("($a := function() { [$b()] }; $b := function() { [$a()] }; $a())"),
  "fibonacci": expression("($f := function($n) { $n < 2 ? $n : $f($n - 1) + $f($n - 2) }; $f(60))"),
  "a range of 1e9": expression("[1..1e9]"),
  "nested ranges": expression("[1..1000].([1..1000].([1..1000]))"),
  "many ranges": expression("$map([1..100000], function($n) { $count([1..100000]) })"),
  "a doubled array": expression(doubled("[1]", "$append($x, $x)")),
  "a doubled text": expression(doubled("'ab'", "$x & $x")),
  "a doubled object": expression(`$string(${doubled("{'a': 1}", "{'a': $x, 'b': $x}")})`),
  "a giant text": expression("$pad('x', 1e9)"),
  "a giant join": expression("$join([1..100000].'a', $pad('', 100000))"),
  "a giant output": expression("[1..100].$pad('', 50000)"),
  "a large sort, often": expression("($a := [1..100000]; [1..1000].$count($sort($a)))"),
  "an exponential pattern, often": expression("[1..10000].$match($pad('', 10000, 'a') & '!', /^(a+)+$/)"),
  "a large pattern": expression("$contains($pad('', 900000, 'ab') & 'c!', /(a|b|ab){1,30}(a|b){1,30}c$/)"),
  "a function": expression("$sum"),
  "a constructor that is called": expression("inputs.constructor('return 1')"),
  "a template": [transform({ operation: "set", values: { a: `{{ ${endless} }}`, b: `x{{ ${endless} }}` } })],
  "when": [{ ...transform({ operation: "unique" }), when: endless }],
  "config.input": [transform({ operation: "unique", input: endless })],
  "a condition": [{ id: "a", type: "condition", order: 1, config: { if: endless, then: expression("1") } }],
  "items": [{ id: "a", type: "for-each", order: 1, config: { items: "[1..100000]", steps: expression("1") } }],
  "where": [transform({ operation: "filter", input: "[1..1000]", where: endless })],
  "fields": [transform({ operation: "map", input: "[1..1000]", fields: { a: `{{ ${endless} }}` } })],
  "an address": [{ id: "a", type: "http-request", order: 1, config: { url: `https://x.test/{{ ${endless} }}` } }],
  "flatten of what nests deeply": [
    transform({ operation: "flatten", depth: 100, input: "$reduce([1..1000], function($a) { [[$a]] })" })
  ]
}

/** Definitions and inputs that are never saved: a body, or its text. */
const refused: Readonly<Record<string, unknown>> = {
  "brackets without end": definition("tenant-a", "H", expression("(".repeat(9_000))),
  "defaults of defaults": definition("tenant-a", "H", expression(`${"(".repeat(60)}a${" ?: b)".repeat(60)}`)),
  "a pattern that is too large": definition("tenant-a", "H", expression("$match('a', /((a{1,100}){1,100}){1,100}/)")),
  "a schema whose pattern is too large": {
    ...definition("tenant-a", "H", expression("1")),
    inputSchema: { pattern: "((a{1,100}){1,100}){1,100}" }
  },
  "deep JSON": definition("tenant-a", "H", [transform({ operation: "merge", with: JSON.parse(nested(2_000)) })]),
  "steps inside steps": definition(
    "tenant-a",
    "H",
    [
      Array.from({ length: 11 }).reduce<unknown>(
        (inner) => ({ id: "a", type: "for-each", order: 1, config: { items: [1], steps: [inner] } }),
        expression("1")[0]
      )
    ]
  ),
  "a type named as a prototype's member": definition("tenant-a", "H", [{ ...transform({}), type: "__proto__" }]),
  "an operation named as one": definition("tenant-a", "H", [transform({ operation: "constructor" })]),
  "a circle of a thousand steps": definition(
    "tenant-a",
    "H",
    Array.from({ length: 1_000 }, (_, index) => ({
      ...transform({ operation: "unique" }),
      id: `s${index}`,
      dependsOn: [`s${(index + 1) % 1_000}`]
    }))
  )
}

const placements = [
  { placement: "an object each", vars: {} },
  { placement: "eight shared objects", vars: { EXECUTION_OBJECTS: "8" } }
]

describe.each(placements)("with $placement", ({ vars }) => {
  let service: Service
  let upstream: Upstream
  let api: Client

  const save = async (body: unknown) => workflowOf(await api("POST", "/api/workflows", { body }), 201).id
  const run = async (workflowId: string, body: object = {}) =>
    executionOf(
      await api("POST", "/api/executions", { body: { workflowId, ...body }, headers: { prefer: "wait=25" } }),
      201
    )
  const cpu = () => service.processes().reduce((sum, { pid }) => sum + cpuMillis(pid), 0)

  beforeAll(async () => {
    upstream = await Upstream.start(({ path }) => ({ json: path }))
    service = await Service.start(vars)
    api = clientOf(service, operatorKey)
  })
  afterAll(async () => {
    await service?.dispose()
    await upstream?.dispose()
  })

  test("1,000 items, ten at a time: all are done, and the upstream never sees an eleventh", async () => {
    let now = 0
    let most = 0
    const ten = Promise.withResolvers<void>()
    upstream.reply = async ({ path }) => {
      most = Math.max(most, ++now)
      if (now === 10) ten.resolve()
      await ten.promise // The first ten are all held; an eleventh would have time to come.
      await sleep(most === 10 && upstream.calls.length <= 10 ? 500 : 5)
      now--
      return { json: path }
    }
    const loop = {
      id: "loop",
      type: "for-each",
      order: 1,
      config: { items: "[1..1000]", concurrency: 10, steps: [callStep("call", 1, `${upstream.url}/item/{{ item }}`)] }
    }
    const { id } = await run(await save(definition("tenant-a", "Loop", [loop])))
    await until(
      "the loop is done",
      60,
      async () => executionOf(await api("GET", `/api/executions/${id}`)).status === "completed"
    )
    const { outputs } = executionOf(await api("GET", `/api/executions/${id}`))
    expect(outputs).toEqual({ loop: Array.from({ length: 1_000 }, (_, index) => `/item/${index + 1}`) })
    expect(upstream.calls.length).toBe(1_000)
    expect(new Set(upstream.calls.map(({ headers }) => headers["idempotency-key"])).size).toBe(1_000)
    expect(most).toBe(10)
  })

  test("what is hostile fails, each within a second of the processor", async () => {
    // Its first run of each kind of work is slower: the platform compiles it.
    await run(await save(definition("tenant-a", "Warm", expression(endless))))
    if (process.platform === "linux") expect(cpu()).toBeGreaterThan(0)
    const slow: Array<string> = []
    const ended: Array<readonly [name: string, status: string, code: string | undefined]> = []
    for (const [name, steps] of Object.entries(failing)) {
      const id = await save(definition("tenant-a", name, steps))
      const before = cpu()
      const { error, status } = await run(id)
      if (cpu() - before >= 1_000) slow.push(`${name}: ${cpu() - before} ms`)
      ended.push([name, status, error?.code])
    }
    expect(
      ended.filter(([, status, code]) => status !== "failed" || !(code === "expression" || code === "invalid-input"))
    )
      .toEqual([])
    expect(slow).toEqual([])
  })

  test("or is refused, with a path where it is a definition, and never with a 500", async () => {
    const slow: Array<string> = []
    for (const [name, body] of Object.entries(refused)) {
      const before = cpu()
      const problem = problemOf(await api("POST", "/api/workflows", { body }))
      expect([name, problem.status, /^(WORKFLOW|REQUEST)-00[13]$/.test(problem.code)]).toEqual([name, 400, true])
      if (problem.code !== "REQUEST-001") expect(problem.issues?.length).toBeGreaterThan(0)
      if (cpu() - before >= 1_000) slow.push(`${name}: ${cpu() - before} ms`)
    }
    expect(slow).toEqual([])
  })

  test("others are answered while it goes on, and it can be cancelled", async () => {
    const item = { ...transform({ operation: "expression", expression: endless }), onError: "continue" }
    const loop = {
      id: "loop",
      type: "for-each",
      order: 1,
      config: { items: "[1..10000]", concurrency: 50, steps: [item] }
    }
    const hostile = await save(definition("tenant-h", "Hostile", [loop]))
    const started = executionOf(await api("POST", "/api/executions", { body: { workflowId: hostile } }), 201)
    const path = `/api/executions/${started.id}`

    const small = await save(definition("tenant-a", "Small", [callStep("call", 1, `${upstream.url}/small`)]))
    for (let count = 0; count < 8; count++) {
      expect(await run(small)).toMatchObject({ status: "completed", outputs: { call: "/small" } })
      expect((await api("GET", "/health")).status).toBe(200)
    }
    expect(executionOf(await api("GET", path)).status).toBe("running")
    expect(executionOf(await api("POST", `${path}/cancel`)).status).toBe("cancelled")
  })
})
