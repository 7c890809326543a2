import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option } from "effect"
import type { Json } from "effect/Schema"
import { TestClock } from "effect/testing"
import type { ExecutionId } from "../../src/domain/Ids.ts"
import { LocalExecutor } from "../../src/engine/LocalExecutor.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Journal } from "../../src/services/Journal.ts"
import { Host, isParked, journalEntry, operator, pass, runToEnd, surviving } from "./process.ts"

const delay = (id: string, order: number, duration: string | number, more: object = {}) => ({
  id,
  type: "delay",
  order,
  config: { duration },
  ...more
})

const event = (id: string, order: number, config: object = {}, more: object = {}) => ({
  id,
  type: "wait-for-event",
  order,
  config: { signal: "go", ...config },
  ...more
})

const set = (id: string, order: number, more: object = {}) => ({
  id,
  type: "transform",
  order,
  config: { operation: "expression", expression: `"${id}"` },
  ...more
})

const day = 86_400_000
const long = { settings: { timeout: "300d" } }
const memory = surviving([])

const test = (title: string, body: (host: Host) => Effect.Effect<void, unknown, Layers>) =>
  it.effect(title, () => Effect.flatMap(Host.make, body).pipe(Effect.provide(memory), Effect.scoped))

type Layers = Layer.Success<typeof memory>

describe("delay", () => {
  it.effect("lets time pass, and its output is null", () =>
    Effect.gen(function*() {
      const run = yield* runToEnd({ steps: [delay("nap", 1, "700ms"), set("after", 2)] })
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.steps.map(({ durationMs, output, status }) => [status, durationMs, output]), [
        ["completed", 700, null],
        ["completed", 0, "after"]
      ])
    }).pipe(Effect.provide(memory), Effect.scoped))

  it.effect("until a moment, also one that is past", () =>
    Effect.gen(function*() {
      const until = (moment: string) => ({ config: { until: moment } })
      const run = yield* runToEnd({
        steps: [
          delay("soon", 1, 0, until("1970-01-01T01:00:05+01:00")),
          delay("past", 2, 0, until("1969-12-31T00:00:00Z"))
        ]
      })
      assert.deepStrictEqual(run.steps.map(({ durationMs }) => durationMs), [5_000, 0])
    }).pipe(Effect.provide(memory), Effect.scoped))

  test("of 30 days is parked: nothing runs, and the alarm goes on at its time", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [set("before", 1), delay("nap", 2, "30d"), set("after", 3)], ...long })
      assert.isFalse(yield* isParked(id))
      yield* pass("10 seconds")
      assert.isTrue(yield* isParked(id))
      yield* host.inside(LocalExecutor.use(({ idle }) => idle))
      const journal = yield* Journal
      assert.deepStrictEqual(yield* journal.nextDue, Option.some(30 * day))
      assert.deepStrictEqual(yield* journal.due(30 * day - 1), [])

      const waiting = yield* host.get(id)
      assert.strictEqual(waiting.status, "waiting")
      assert.deepStrictEqual(waiting.steps.map(({ status }) => status), ["completed", "waiting", "pending"])
      assert.deepStrictEqual(yield* host.messages(id), [
        "Execution started",
        "Step started",
        "Step completed",
        "Step started"
      ])
      const { items } = yield* host.inside(
        Executions.use(({ list }) => list(operator, { tenantId: null, limit: 10 }))
      )
      assert.deepStrictEqual(items.map(({ status }) => status), ["waiting"])

      yield* pass(30 * day - 10_001)
      assert.strictEqual((yield* host.get(id)).status, "waiting")
      assert.isTrue(yield* isParked(id))
      yield* pass(1)
      const run = yield* host.get(id)
      assert.strictEqual(run.status, "completed")
      assert.strictEqual(run.steps[1]?.durationMs, 30 * day)
      assert.deepStrictEqual(yield* host.messages(id), [
        "Execution started",
        "Step started",
        "Step completed",
        "Step started",
        "Step completed",
        "Step started",
        "Step completed",
        "Execution completed"
      ])
      assert.isTrue(yield* journal.isEmpty)
    }))

  test("reading what is parked doesn't wake it", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [delay("nap", 1, "30d")], ...long })
      yield* pass("10 seconds")
      for (let times = 0; times < 25; times++) {
        yield* host.get(id)
        yield* host.messages(id)
      }
      yield* host.restart
      assert.strictEqual((yield* host.get(id)).status, "waiting")
      assert.isTrue(yield* isParked(id))
      assert.strictEqual((yield* journalEntry(id)).resumes, 0)
    }))

  test("a crash in the middle doesn't begin it anew", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [delay("nap", 1, "3s"), set("after", 2)] })
      yield* pass("2 seconds")
      yield* host.restart
      assert.deepStrictEqual(yield* host.statuses(id), { nap: "waiting", after: "pending" })
      yield* pass(999)
      assert.strictEqual((yield* host.get(id)).status, "running")
      yield* pass(1)
      const run = yield* host.get(id)
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.steps.map(({ attempts, durationMs }) => [attempts, durationMs]), [[1, 3_000], [1, 0]])
    }))

  test("a crash while it is parked doesn't begin it anew, nor does one after it was taken up", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [delay("nap", 1, "30d"), delay("again", 2, "30d")], ...long })
      yield* pass("10 days")
      yield* host.crash
      yield* pass("10 days")
      yield* host.crash
      yield* pass("9 days")
      assert.strictEqual((yield* host.get(id)).status, "waiting")
      yield* pass("1 day")
      assert.deepStrictEqual(yield* host.statuses(id), { nap: "completed", again: "waiting" })
      yield* host.restart
      const run = yield* host.end(id)
      assert.deepStrictEqual(run.steps.map(({ durationMs }) => durationMs), [30 * day, 30 * day])
    }))

  test("many, of different lengths, at the same time: each at its own", (host) =>
    Effect.gen(function*() {
      const days = [40, 3, 90, 1, 3]
      const id = yield* host.start({
        steps: [...days.map((length, index) => delay(`d${index}`, 1, `${length}d`)), set("after", 2)],
        ...long
      })
      yield* host.restart
      const run = yield* host.end(id)
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.steps.slice(0, -1).map(({ durationMs }) => durationMs), days.map((n) => n * day))
    }))

  test("a step that still works keeps the run in memory", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [delay("nap", 1, "30d"), delay("short", 1, "3s"), delay("more", 2, 1)] })
      yield* pass("2900 millis")
      assert.isFalse(yield* isParked(id))
      yield* pass("10 seconds")
      assert.isTrue(yield* isParked(id))
      assert.strictEqual((yield* host.statuses(id))["short"], "completed")
    }))
})

describe("wait-for-event", () => {
  const flow = { steps: [event("wait", 1), set("after", 2)], outputs: { got: "steps.wait.output" }, ...long }

  test("takes a signal that came before", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ ...flow, steps: [delay("nap", 0, "5s"), ...flow.steps] })
      yield* host.signal(id, "go", { n: 1 })
      yield* pass("5 seconds")
      assert.deepStrictEqual((yield* host.get(id)).outputs, { got: { n: 1 } })
    }))

  test("takes a signal that comes while it waits", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start(flow)
      yield* pass("1 second")
      assert.deepStrictEqual(yield* host.statuses(id), { wait: "waiting", after: "pending" })
      yield* host.signal(id, "stop", 1)
      assert.strictEqual((yield* host.get(id)).status, "running")
      yield* host.signal(id, "go", [1])
      assert.deepStrictEqual((yield* host.get(id)).outputs, { got: [1] })
    }))

  test("tells the name of the signal while it waits, also one that a template gives, in an undo or after a crash", (host) =>
    Effect.gen(function*() {
      const signal = "go-{{ inputs.n }}"
      const undone = set("undone", 1, { undo: { type: "wait-for-event", config: { signal } } })
      const id = yield* host.start({
        steps: [undone, event("a", 2, { signal }), event("b", 3, { timeout: "1s" }), set("after", 4)]
      }, { n: 7 })
      const awaited = Effect.map(
        host.get(id),
        ({ steps }) => steps.flatMap(({ signal, status }) => status === "waiting" ? [signal] : [])
      )
      yield* pass("1 second")
      assert.deepStrictEqual(yield* awaited, ["go-7"])
      yield* host.crash
      yield* pass("10 seconds")
      assert.deepStrictEqual(yield* awaited, ["go-7"])
      yield* host.signal(id, "go-7", 1)
      assert.deepStrictEqual((yield* host.get(id)).steps.map(({ signal }) => signal), [
        undefined,
        undefined,
        "go",
        undefined
      ])
      yield* pass("2 seconds")
      assert.deepStrictEqual(yield* awaited, ["go-7"])
    }))

  test("takes a signal that wakes it from being parked", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start(flow)
      yield* pass("10 seconds")
      assert.isTrue(yield* isParked(id))
      yield* host.signal(id, "other", 1)
      yield* pass("10 seconds")
      assert.isTrue(yield* isParked(id))
      assert.strictEqual((yield* host.get(id)).status, "waiting")
      yield* host.signal(id, "go", "x")
      const run = yield* host.get(id)
      assert.deepStrictEqual(run.outputs, { got: "x" })
      assert.strictEqual((yield* host.messages(id)).filter((message) => message.includes("taken up")).length, 0)
    }))

  test("takes a signal after a crash, before and after it is taken up", (host) =>
    Effect.gen(function*() {
      const first = yield* host.start(flow)
      yield* host.crash
      yield* host.signal(first, "go", 1)
      assert.deepStrictEqual((yield* host.get(first)).outputs, { got: 1 })
      const second = yield* host.start(flow)
      yield* host.restart
      yield* host.signal(second, "go", 2)
      assert.deepStrictEqual((yield* host.get(second)).outputs, { got: 2 })
      const third = yield* host.start(flow)
      yield* pass("10 seconds")
      yield* host.crash
      yield* host.signal(third, "go", 3)
      assert.deepStrictEqual((yield* host.get(third)).outputs, { got: 3 })
    }))

  test("what was taken before a crash is not taken again", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [event("a", 1), event("b", 2)], ...long })
      yield* host.signal(id, "go", 1)
      assert.deepStrictEqual(yield* host.statuses(id), { a: "completed", b: "waiting" })
      yield* host.restart
      assert.deepStrictEqual(yield* host.statuses(id), { a: "completed", b: "waiting" })
      yield* host.signal(id, "go", 2)
      assert.deepStrictEqual((yield* host.get(id)).steps.map(({ output }) => output), [1, 2])
    }))

  for (const parked of [false, true]) {
    test(`two that wait for the same name get two signals, in order, ${parked ? "" : "not "}parked`, (host) =>
      Effect.gen(function*() {
        const id = yield* host.start({ steps: [event("a", 1), event("b", 1), set("after", 2)], ...long })
        if (parked) yield* pass("10 seconds")
        yield* host.signal(id, "go", 1)
        const waiting = (yield* host.get(id)).steps.filter(({ status }) => status === "waiting")
        assert.strictEqual(waiting.length, 1)
        yield* host.signal(id, "go", 2)
        const run = yield* host.get(id)
        assert.strictEqual(run.status, "completed")
        assert.deepStrictEqual(run.steps.slice(0, 2).map(({ output }) => output), [1, 2])
      }))
  }

  test("a burst of signals: each waiting step gets one, the rest stay for later ones", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({
        steps: [
          ...Array.from({ length: 5 }, (_, index) => event(`a${index}`, 1)),
          ...Array.from({ length: 5 }, (_, index) => event(`b${index}`, 2))
        ],
        ...long
      })
      yield* pass("10 seconds")
      yield* Effect.forEach(
        Array.from({ length: 10 }, (_, index) => index),
        (index) => host.inside(Executions.use((executions) => executions.signal(operator, id, "go", index))),
        { concurrency: "unbounded" }
      )
      const run = yield* host.end(id)
      assert.strictEqual(run.status, "completed")
      const outputs = run.steps.map(({ output }) => Number(output))
      assert.deepStrictEqual(outputs.toSorted((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    }))

  test("fails when its time is over, also parked, also after a crash", (host) =>
    Effect.gen(function*() {
      const short = yield* host.start({ steps: [event("wait", 1, { timeout: "3s" })] })
      yield* pass("3 seconds")
      const { error } = yield* host.get(short)
      assert.deepStrictEqual({ ...error }, {
        code: "timeout",
        message: "No signal \"go\" came in time",
        stepId: "wait"
      })
      const parked = yield* host.start({ steps: [event("wait", 1, { timeout: "2d" })], ...long })
      yield* pass("1 day")
      yield* host.restart
      yield* pass(day - 1)
      assert.strictEqual((yield* host.get(parked)).status, "waiting")
      yield* pass(1)
      assert.strictEqual((yield* host.get(parked)).error?.code, "timeout")
    }))

  test("waits for 30 days by default", (host) =>
    Effect.gen(function*() {
      const run = yield* host.end(yield* host.start(flow))
      assert.strictEqual(run.error?.code, "timeout")
      assert.strictEqual(run.steps[0]?.durationMs, 30 * day)
    }))

  test("the executor answers none for an execution that has ended", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [set("only", 1)] })
      assert.deepStrictEqual(yield* host.inside(LocalExecutor.use(({ signal }) => signal(id, "go", 1))), Option.none())
      assert.strictEqual((yield* Effect.flip(host.signal(id, "go")))._tag, "ExecutionFinished")
    }))
})

describe("cancel", () => {
  for (const parked of [false, true]) {
    test(`of what waits, ${parked ? "" : "not "}parked`, (host) =>
      Effect.gen(function*() {
        const id = yield* host.start({
          steps: [delay("nap", 1, "30d"), event("wait", 1), set("after", 2)],
          ...long
        })
        if (parked) yield* pass("10 seconds")
        assert.strictEqual(yield* isParked(id), parked)
        assert.strictEqual((yield* host.cancel(id)).status, "cancelled")
        const run = yield* host.get(id)
        assert.strictEqual(run.status, "cancelled")
        assert.deepStrictEqual(run.steps.map(({ status }) => status), ["cancelled", "cancelled", "cancelled"])
        assert.isTrue(yield* (yield* Journal).isEmpty)
      }))
  }

  test("asked for before a crash, of what is parked", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [delay("nap", 1, "30d")], ...long })
      yield* pass("1 second")
      yield* (yield* Journal).requestCancel(id)
      yield* host.restart
      assert.strictEqual((yield* host.get(id)).status, "cancelled")
      assert.deepStrictEqual(yield* host.statuses(id), { nap: "cancelled" })
    }))
})

describe("settings.timeout", () => {
  const timedOut = (millis: number) => ({
    code: "run-timeout",
    message: `The execution took longer than ${millis} ms`
  })

  test("ends what runs", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [delay("nap", 1, "5s"), set("after", 2)], settings: { timeout: "4s" } })
      yield* pass(3_999)
      assert.strictEqual((yield* host.get(id)).status, "running")
      yield* pass(1)
      const run = yield* host.get(id)
      assert.deepStrictEqual([run.status, { ...run.error }] as const, ["failed", timedOut(4_000)])
      assert.deepStrictEqual(run.steps.map(({ status }) => status), ["cancelled", "skipped"])
    }))

  test("ends what is parked, at its time", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [event("wait", 1), set("after", 2)], settings: { timeout: "2d" } })
      yield* pass("1 day")
      assert.deepStrictEqual(yield* (yield* Journal).nextDue, Option.some(2 * day))
      yield* host.restart
      yield* pass(day - 1)
      assert.strictEqual((yield* host.get(id)).status, "waiting")
      yield* pass(1)
      const run = yield* host.get(id)
      assert.deepStrictEqual([run.status, { ...run.error }] as const, ["failed", timedOut(2 * day)])
    }))

  test("counts from the start, whatever crashes there are", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [event("wait", 1)], settings: { timeout: "10s" } })
      for (let seconds = 0; seconds < 9; seconds += 3) {
        yield* pass("3 seconds")
        yield* host.restart
      }
      yield* pass("1 second")
      assert.strictEqual((yield* host.get(id)).error?.code, "run-timeout")
    }))

  test("is 24 h by default", (host) =>
    Effect.gen(function*() {
      const run = yield* host.end(yield* host.start({ steps: [event("wait", 1)] }))
      assert.deepStrictEqual<unknown>({ ...run.error }, timedOut(day))
    }))
})

describe("a step's own timeout", () => {
  const timedOut = (millis: number) => `The step took longer than ${millis} ms`
  const inLoop = (steps: ReadonlyArray<object>, more: object = {}) => ({
    id: "loop",
    type: "for-each",
    order: 1,
    config: { items: [1], steps },
    ...more
  })

  const cases: ReadonlyArray<readonly [title: string, steps: ReadonlyArray<object>, stepId: string]> = [
    ["a delay", [delay("nap", 1, "30d", { timeout: "2h" })], "nap"],
    ["a wait for an event", [event("wait", 1, {}, { timeout: "2h" })], "wait"],
    ["a loop around a wait", [inLoop([event("wait", 1)], { timeout: "2h" })], "loop"],
    ["a wait in a loop", [inLoop([event("wait", 1, {}, { timeout: "2h" })])], "wait"]
  ]

  for (const [title, steps, stepId] of cases) {
    test(`holds for ${title} that is parked, and survives a crash`, (host) =>
      Effect.gen(function*() {
        const id = yield* host.start({ steps, ...long })
        yield* pass("1 hour")
        assert.isTrue(yield* isParked(id))
        yield* host.restart
        yield* pass(3_599_999)
        assert.strictEqual((yield* host.get(id)).status, "waiting")
        yield* pass(1)
        const run = yield* host.get(id)
        assert.deepStrictEqual({ ...run.error }, { code: "timeout", message: timedOut(7_200_000), stepId })
      }))
  }

  test("is that of each attempt", (host) =>
    Effect.gen(function*() {
      const run = yield* host.end(
        yield* host.start({
          steps: [
            event("wait", 1, {}, {
              timeout: "1h",
              retry: { attempts: 3, delay: "1h", maxDelay: "2h", backoff: "fixed", jitter: false }
            })
          ],
          ...long
        })
      )
      assert.deepStrictEqual(run.steps.map(({ attempts, durationMs }) => [attempts, durationMs]), [[3, 5 * 3_600_000]])
    }))

  test("no default bounds a wait", (host) =>
    Effect.gen(function*() {
      const id = yield* host.start({ steps: [event("wait", 1), set("after", 2)], ...long })
      yield* pass("20 days")
      yield* host.signal(id, "go", 1)
      assert.strictEqual((yield* host.get(id)).status, "completed")
    }))
})

describe("a store that fails", () => {
  for (const operation of ["journal.wait", "journal.park", "alarm.setNoLaterThan", "executions.progress"] as const) {
    for (const times of [1, 3]) {
      test(`${operation}, ${times} times: the wait takes as long as it should`, (host) =>
        Effect.gen(function*() {
          const faults = yield* Faults
          const id = yield* host.start({
            steps: [delay("first", 1, "1s"), delay("nap", 2, "2d"), set("x", 3)],
            ...long
          })
          yield* faults.failNext(operation, times)
          const run = yield* host.end(id)
          assert.strictEqual(run.status, "completed")
          // A wait that could not be written down begins when it could.
          const late = operation === "journal.wait" ? times * 2_000 : 0
          const slept = (run.steps[1]?.durationMs ?? 0) - 2 * day
          assert.isTrue(slept >= 0 && slept <= late, `${slept}`)
          assert.isTrue(yield* (yield* Journal).isEmpty)
        }))
    }
  }

  for (const operation of ["journal.load", "journal.countResume", "journal.due"] as const) {
    test(`${operation}, when what is parked is to go on`, (host) =>
      Effect.gen(function*() {
        const faults = yield* Faults
        const id = yield* host.start({ steps: [delay("nap", 1, "2d")], ...long })
        yield* pass("1 day")
        yield* faults.failNext(operation, 3)
        yield* pass("1 day")
        const run = yield* host.end(id)
        assert.strictEqual(run.status, "completed")
      }))
  }

  test("journal.signal: the caller is told, and may send it again", (host) =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const id = yield* host.start({ steps: [event("wait", 1)], ...long })
      yield* pass("10 seconds")
      yield* faults.failNext("journal.signal")
      assert.strictEqual((yield* Effect.flip(host.signal(id, "go", 1)))._tag, "EngineUnavailable")
      assert.isTrue(yield* isParked(id))
      yield* host.signal(id, "go", 2)
      assert.deepStrictEqual((yield* host.get(id)).outputs, { wait: 2 })
    }))

  test("journal.load after a signal was kept: it is not lost", (host) =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const id = yield* host.start({ steps: [event("wait", 1)], ...long })
      yield* pass("10 seconds")
      yield* faults.failNext("journal.load")
      yield* Effect.ignore(host.signal(id, "go", 1))
      yield* pass("1 minute")
      assert.deepStrictEqual((yield* host.get(id)).outputs, { wait: 1 })
    }))
})

describe("waits and the clock", () => {
  test("executions in one process wait side by side", (host) =>
    Effect.gen(function*() {
      const ids = yield* Effect.forEach([5, 1, 3], (days) =>
        host.start({ steps: [delay("nap", 1, `${days}d`)], ...long }))
      yield* TestClock.adjust("1 minute")
      const ends = yield* Effect.forEach(ids, (id) =>
        host.end(id))
      assert.deepStrictEqual(ends.map(({ steps }) => steps[0]?.durationMs), [5 * day, day, 3 * day])
    }))
})

describe("a signal with a schema", () => {
  const schema = {
    type: "object",
    properties: { by: { type: "string" }, "{{ x }}": true },
    required: ["by"],
    additionalProperties: false
  }
  const waiting = (id: string, config: object, order = 1) => ({ id, type: "wait-for-event", order, config })
  const refusal = (host: Host, id: ExecutionId, name: string, payload: Json) =>
    Effect.map(
      Effect.flip(host.signal(id, name, payload)),
      (error) =>
        error._tag === "ExecutionInvalid"
          ? error.issues.map(({ message, path }) => `${path.join(".")}: ${message}`)
          : error._tag
    )

  it.effect("is refused when its payload doesn't fit, and the step goes on waiting", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({ steps: [waiting("a", { signal: "go", schema })] })
      assert.deepStrictEqual(yield* refusal(host, id, "go", {}), ["payload.by: is required"])
      assert.deepStrictEqual(yield* refusal(host, id, "go", null), ["payload: must be an object, not null"])
      assert.deepStrictEqual(yield* host.statuses(id), { a: "waiting" })
      yield* host.signal(id, "go", { by: "b" })
      const execution = yield* host.end(id)
      assert.deepStrictEqual([execution.status, execution.outputs], ["completed", { a: { by: "b" } }])
    }).pipe(Effect.provide(surviving([]))))

  it.effect("of several steps that wait for it, it must fit one; the step of another schema fails", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const number = { type: "number" }
      const inside = {
        id: "b",
        type: "for-each",
        order: 2,
        config: { items: "[1]", steps: [waiting("c", { signal: "go", schema: number })] }
      }
      const id = yield* host.start({ steps: [waiting("a", { signal: "go", schema }), inside] })
      assert.deepStrictEqual(yield* refusal(host, id, "go", "text"), ["payload: must be an object, not a string"])
      yield* host.signal(id, "go", 5)
      const execution = yield* host.end(id)
      assert.strictEqual(execution.status, "failed")
      assert.strictEqual(execution.error?.code, "invalid-input")
      assert.strictEqual(execution.error?.message, "payload must be an object, not a number")
    }).pipe(Effect.provide(surviving([]))))

  it.effect("is taken where its name is given by a template, or where a step takes any payload", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const named = yield* host.start({ steps: [waiting("a", { signal: "{{ inputs.name }}", schema })] }, {
        name: "go"
      })
      assert.deepStrictEqual(yield* refusal(host, named, "go", 1), ["payload: must be an object, not a number"])
      const any = yield* host.start({
        steps: [waiting("a", { signal: "go" }), waiting("b", { signal: "go", schema }, 2)]
      })
      yield* host.signal(any, "go", 1)
      yield* host.signal(any, "unheard", 1)
      assert.deepStrictEqual(yield* host.statuses(any), { a: "completed", b: "waiting" })
    }).pipe(Effect.provide(surviving([]))))
})
