import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Schema } from "effect"
import { wasRefusedSlot } from "../../src/domain/Concurrency.ts"
import type { ExecutionStatus, Inputs } from "../../src/domain/Execution.ts"
import type { ExecutionId, WorkflowId } from "../../src/domain/Ids.ts"
import { WorkflowCreate } from "../../src/domain/Workflow.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Journal } from "../../src/services/Journal.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import { SeenRequests } from "../../src/testing/ScriptedHttp.ts"
import { Host, isParked, operator, pass, settle, surviving } from "./process.ts"

/** The upstream takes ten seconds for each call. */
const memory = surviving([{ url: /up\.example/, respond: { body: "ok", delay: "10 seconds" } }])

const test = (title: string, body: (host: Host) => Effect.Effect<void, unknown, Layers>) =>
  it.effect(title, () => Effect.flatMap(Host.make, body).pipe(Effect.provide(memory), Effect.scoped))

type Layers = Layer.Success<typeof memory>

/** Calls the upstream once, with the input `n`. */
const call = {
  id: "call",
  type: "http-request",
  order: 1,
  config: { url: "https://up.example.com/{{ inputs.n }}" }
}

const decode = Schema.decodeUnknownSync(WorkflowCreate)

const save = (host: Host, concurrency: object, more: object = {}) =>
  host.inside(Effect.gen(function*() {
    const workflows = yield* Workflows
    const { id } = yield* workflows.create(
      operator,
      decode({ tenantId: "t", name: "Limited", steps: [call], settings: { concurrency }, ...more })
    )
    return id
  }))

const start = (host: Host, workflowId: WorkflowId, inputs: Inputs) =>
  host.inside(
    Executions.use((executions) => executions.start(operator, { workflowId, inputs, requestId: null, waitMillis: 0 }))
  ).pipe(Effect.map(({ id }) => id), Effect.tap(() => settle))

const startMany = (host: Host, workflowId: WorkflowId, count: number) =>
  Effect.forEach(Array.from({ length: count }, (_, n) => n), (n) => start(host, workflowId, { n }))

const statuses = (host: Host, ids: ReadonlyArray<ExecutionId>) =>
  Effect.forEach(ids, (id) => Effect.map(host.get(id), ({ status }) => status))

/** The executions come to these statuses, or stand there already, without any time going by. */
const expectStatuses = (host: Host, ids: ReadonlyArray<ExecutionId>, expected: ReadonlyArray<ExecutionStatus>) =>
  Effect.gen(function*() {
    for (let look = 0; look < 100; look++) {
      if ((yield* statuses(host, ids)).every((status, index) => status === expected[index])) break
      yield* settle
    }
    assert.deepStrictEqual(yield* statuses(host, ids), [...expected])
  })

/** What the upstream was called for, and when, in seconds. */
const calls = SeenRequests.use(({ all }) =>
  Effect.map(
    all,
    (requests) => requests.map(({ at, url }) => [Number(url.slice(url.lastIndexOf("/") + 1)), Date.parse(at) / 1_000])
  )
)

/** How many calls were under way at most, each of ten seconds. */
const busiest = (times: ReadonlyArray<number>) =>
  Math.max(...times.map((time) => times.filter((other) => other <= time && time < other + 10).length))

const passing = (host: Host, ids: ReadonlyArray<ExecutionId>) =>
  Effect.gen(function*() {
    for (let round = 0; round < 200; round++) {
      if ((yield* statuses(host, ids)).every((status) => status === "completed")) return
      yield* pass("5 seconds")
    }
  })

const listed = (host: Host, status: ExecutionStatus) =>
  host.inside(Executions.use(({ list }) => list(operator, { tenantId: null, status, limit: 100 }))).pipe(
    Effect.map(({ items }) => items.map(({ id }) => id))
  )

describe("settings.concurrency: queue", () => {
  test("lets no more than the limit run, in the order in which they came", (host) =>
    Effect.gen(function*() {
      const ids = yield* startMany(host, yield* save(host, { limit: 3 }), 50)
      yield* passing(host, ids)
      assert.isTrue((yield* statuses(host, ids)).every((status) => status === "completed"))
      const made = yield* calls
      assert.deepStrictEqual(made.map(([n]) => n), ids.map((_, n) => n))
      assert.strictEqual(busiest(made.map(([, time = 0]) => time)), 3)
      // Each slot is taken again at once.
      assert.strictEqual(made.at(-1)?.[1], 160)
      assert.isTrue(yield* (yield* Journal).isEmpty)
    }))

  test("shows one that waits as pending, parked, with a log that says so", (host) =>
    Effect.gen(function*() {
      const [first, second, third] = yield* startMany(host, yield* save(host, { limit: 1 }), 3)
      if (first === undefined || second === undefined || third === undefined) return assert.fail()
      yield* expectStatuses(host, [first, second, third], ["running", "pending", "pending"])
      yield* pass("1 second")
      assert.deepStrictEqual(yield* listed(host, "pending"), [third, second])
      yield* pass("7 seconds")
      assert.isTrue(yield* isParked(third))
      yield* expectStatuses(host, [first, second, third], ["running", "pending", "pending"])
      assert.deepStrictEqual(yield* listed(host, "pending"), [third, second])
      assert.deepStrictEqual(yield* host.statuses(third), { call: "pending" })
      assert.deepStrictEqual(yield* host.messages(third), ["Execution started", "Waiting for a slot"])
      const logs = yield* host.inside(Executions.use((executions) => executions.logs(operator, third)))
      assert.deepStrictEqual(logs.at(-1)?.data, { before: 1 })
      yield* pass("2 seconds")
      yield* expectStatuses(host, [first, second, third], ["completed", "running", "pending"])
      yield* pass("10 seconds")
      yield* pass("10 seconds")
      assert.deepStrictEqual(yield* host.messages(third), [
        "Execution started",
        "Waiting for a slot",
        "Got its slot",
        "Step started",
        "Step completed",
        "Execution completed"
      ])
      const { completedAt, createdAt, startedAt } = yield* host.get(third)
      assert.deepStrictEqual(
        [createdAt, startedAt, completedAt].map((time) => Date.parse(time ?? "") / 1_000),
        [0, 20, 30]
      )
    }))

  test("a time limit begins with the slot", (host) =>
    Effect.gen(function*() {
      const workflow = yield* save(host, { limit: 1 }, { settings: { timeout: "15s", concurrency: { limit: 1 } } })
      const ids = yield* startMany(host, workflow, 3)
      yield* passing(host, ids)
      yield* expectStatuses(host, ids, ["completed", "completed", "completed"])

      const tight = yield* save(host, { limit: 1 }, { settings: { timeout: "4s", concurrency: { limit: 1 } } })
      const [, late] = yield* startMany(host, tight, 2)
      if (late === undefined) return assert.fail()
      yield* pass("7999 millis")
      yield* expectStatuses(host, [late], ["running"])
      yield* pass("1 millis")
      assert.strictEqual((yield* host.get(late)).error?.code, "run-timeout")
    }))

  test("the values of a key, tenants and workflows have slots of their own", (host) =>
    Effect.gen(function*() {
      const concurrency = { limit: 1, key: "inputs.customer" }
      const first = yield* save(host, concurrency)
      const other = yield* save(host, concurrency)
      const ofTenant = yield* save(host, concurrency, { tenantId: "u" })
      const a = yield* start(host, first, { n: 1, customer: { b: [1], a: "x" } })
      const same = yield* start(host, first, { n: 2, customer: { a: "x", b: [1] } })
      const separate = [
        yield* start(host, first, { n: 3, customer: "x" }),
        yield* start(host, first, { n: 4 }),
        yield* start(host, first, { n: 5, customer: "null" }),
        yield* start(host, other, { n: 6, customer: "x" }),
        yield* start(host, ofTenant, { n: 7, customer: "x" })
      ]
      yield* expectStatuses(host, [a, same], ["running", "pending"])
      yield* expectStatuses(host, separate, separate.map(() => "running" as const))
      yield* pass("10 seconds")
      yield* expectStatuses(host, [same], ["running"])
    }))

  test("a key that fails fails the execution, and no step begins", (host) =>
    Effect.gen(function*() {
      const workflow = yield* save(host, { limit: 1, key: "$error('no customer')" })
      const run = yield* host.get(yield* start(host, workflow, { n: 1 }))
      assert.deepStrictEqual([run.status, run.error?.code], ["failed", "expression"])
      assert.deepStrictEqual(yield* calls, [])
    }))

  test("the limit of the newest version holds for all that come", (host) =>
    Effect.gen(function*() {
      const workflow = yield* save(host, { limit: 1 })
      const ids = [...(yield* startMany(host, workflow, 4))]
      const change = (limit: number) =>
        host.inside(
          Workflows.use((workflows) =>
            workflows.update(operator, workflow, { settings: { concurrency: { limit } } }, null)
          )
        )
      yield* change(3)
      yield* expectStatuses(host, ids, ["running", "pending", "pending", "pending"])
      ids.push(yield* start(host, workflow, { n: 4 }))
      yield* expectStatuses(host, ids, ["running", "running", "running", "pending", "pending"])
      yield* change(1)
      ids.push(yield* start(host, workflow, { n: 5 }))
      yield* passing(host, ids)
      const times = (yield* calls).map(([, time]) => time)
      assert.deepStrictEqual(times, [0, 0, 0, 10, 20, 30])
    }))

  test("one that waits and is cancelled leaves the queue", (host) =>
    Effect.gen(function*() {
      const [first, second, third] = yield* startMany(host, yield* save(host, { limit: 1 }), 3)
      if (first === undefined || second === undefined || third === undefined) return assert.fail()
      yield* pass("8 seconds")
      assert.strictEqual((yield* host.cancel(second)).status, "cancelled")
      assert.deepStrictEqual(yield* host.statuses(second), { call: "cancelled" })
      yield* pass("2 seconds")
      yield* expectStatuses(host, [first, second, third], ["completed", "cancelled", "running"])
    }))
})

describe("settings.concurrency: nothing is lost", () => {
  test("a holder that crashes keeps its slot, one that waits its place", (host) =>
    Effect.gen(function*() {
      const ids = yield* startMany(host, yield* save(host, { limit: 2 }), 5)
      yield* pass("3 seconds")
      yield* host.crash
      yield* expectStatuses(host, ids, ["running", "running", "pending", "pending", "pending"])
      yield* host.wake
      yield* expectStatuses(host, ids, ["running", "running", "pending", "pending", "pending"])
      yield* passing(host, ids)
      const made = yield* calls
      assert.deepStrictEqual(made.map(([n]) => n), [0, 1, 0, 1, 2, 3, 4])
      assert.strictEqual(busiest(made.slice(2).map(([, time = 0]) => time)), 2)
    }))

  test("those that wait parked survive a crash", (host) =>
    Effect.gen(function*() {
      const ids = yield* startMany(host, yield* save(host, { limit: 1 }), 3)
      yield* pass("8 seconds")
      yield* host.restart
      yield* passing(host, ids)
      assert.deepStrictEqual((yield* calls).map(([n]) => n), [0, 0, 1, 2])
    }))

  test("after a lost release the next one still gets the slot", (host) =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const workflow = yield* save(host, { limit: 1 })
      yield* faults.failNext("leases.release", 1_000)
      const first = yield* start(host, workflow, { n: 0 })
      yield* pass("10 seconds")
      yield* expectStatuses(host, [first], ["completed"])
      const second = yield* start(host, workflow, { n: 1 })
      yield* expectStatuses(host, [second], ["pending"])
      // Its first look by itself finds a holder that nobody has heard of for a minute.
      yield* pass("59 seconds")
      yield* expectStatuses(host, [second], ["pending"])
      yield* pass("1 second")
      yield* expectStatuses(host, [second], ["running"])
      const third = yield* start(host, workflow, { n: 2 })
      yield* faults.failNext("leases.release", 0)
      yield* pass("10 seconds")
      yield* expectStatuses(host, [third], ["running"])
    }))

  test("a slot of an execution that ended a minute ago is free at once", (host) =>
    Effect.gen(function*() {
      const workflow = yield* save(host, { limit: 1, whenFull: "reject" })
      yield* (yield* Faults).failNext("leases.release", 1_000)
      const first = yield* start(host, workflow, { n: 0 })
      yield* pass("61 seconds")
      const second = yield* start(host, workflow, { n: 1 })
      yield* expectStatuses(host, [first, second], ["completed", "running"])
    }))

  test("a release that fails is tried again", (host) =>
    Effect.gen(function*() {
      const ids = yield* startMany(host, yield* save(host, { limit: 1 }), 2)
      yield* (yield* Faults).failNext("leases.release")
      yield* pass("10 seconds")
      yield* expectStatuses(host, ids, ["completed", "pending"])
      yield* pass("2 seconds")
      yield* expectStatuses(host, ids, ["completed", "running"])
    }))

  test("a release that fails is tried again after a crash, too", (host) =>
    Effect.gen(function*() {
      const ids = yield* startMany(host, yield* save(host, { limit: 1 }), 2)
      yield* (yield* Faults).failNext("leases.release")
      yield* pass("10 seconds")
      yield* expectStatuses(host, ids, ["completed", "pending"])
      yield* host.restart
      yield* expectStatuses(host, ids, ["completed", "running"])
    }))

  test("after a lost signal it finds its slot by itself, within five minutes", (host) =>
    Effect.gen(function*() {
      const workflow = yield* save(host, { limit: 1 }, { steps: [{ ...call, timeout: "24h" }] })
      const ids = yield* startMany(host, workflow, 2)
      yield* (yield* Faults).failNext("journal.signal")
      yield* pass("10 seconds")
      yield* expectStatuses(host, ids, ["completed", "pending"])
      yield* pass("49 seconds")
      yield* expectStatuses(host, ids, ["completed", "pending"])
      yield* pass("1 second")
      yield* expectStatuses(host, ids, ["completed", "running"])
    }))

  test("also after it has waited for long", (host) =>
    Effect.gen(function*() {
      const nap = { id: "nap", type: "delay", order: 1, config: { duration: "10h" } }
      const ids = yield* startMany(host, yield* save(host, { limit: 1 }, { steps: [nap] }), 2)
      for (let hour = 0; hour < 10; hour++) {
        // The signal is lost that the end of the first one sends.
        yield* (yield* Faults).failNext("journal.signal", 1_000)
        yield* pass("1 hour")
      }
      yield* expectStatuses(host, ids, ["completed", "pending"])
      yield* pass("5 minutes")
      yield* expectStatuses(host, ids, ["completed", "waiting"])
    }))

  test("while the leases don't answer, it waits", (host) =>
    Effect.gen(function*() {
      yield* (yield* Faults).failNext("leases.acquire", 3)
      const id = yield* start(host, yield* save(host, { limit: 1 }), { n: 1 })
      yield* expectStatuses(host, [id], ["pending"])
      for (let round = 0; round < 12; round++) yield* pass("1 second")
      yield* expectStatuses(host, [id], ["running"])
    }))

  test("executions without the setting ask nobody", (host) =>
    Effect.gen(function*() {
      yield* (yield* Faults).failNext("leases.acquire", 1_000)
      yield* (yield* Faults).failNext("leases.release", 1_000)
      const run = yield* host.end(yield* host.start({ steps: [call] }, { n: 1 }))
      assert.strictEqual(run.status, "completed")
    }))
})

describe("settings.concurrency: reject", () => {
  test("records one that finds no slot as failed, with no step begun", (host) =>
    Effect.gen(function*() {
      const workflow = yield* save(host, { limit: 2, whenFull: "reject" })
      const ids = yield* startMany(host, workflow, 3)
      yield* expectStatuses(host, ids, ["running", "running", "failed"])
      const [, , refused] = ids
      if (refused === undefined) return assert.fail()
      const { error, steps } = yield* host.get(refused)
      assert.deepStrictEqual({ ...error }, {
        code: "concurrency-limit",
        message: "2 executions run already, and no more may at the same time"
      })
      assert.isTrue(wasRefusedSlot(error))
      assert.deepStrictEqual(steps.map(({ attempts, status }) => [status, attempts]), [["skipped", 0]])
      yield* pass("10 seconds")
      const next = yield* start(host, workflow, { n: 3 })
      yield* expectStatuses(host, [next], ["running"])
      assert.deepStrictEqual((yield* calls).map(([n]) => n), [0, 1, 3])
    }))

  test("a step's own failure is told from it", (host) =>
    Effect.gen(function*() {
      const fail = { id: "f", type: "fail", order: 1, config: { message: "no", code: "concurrency-limit" } }
      const { error } = yield* host.end(yield* host.start({ steps: [fail] }))
      assert.strictEqual(error?.code, "concurrency-limit")
      assert.isFalse(wasRefusedSlot(error))
    }))
})

describe("settings.concurrency: cancel-oldest", () => {
  test("cancels the oldest, and starts after its end", (host) =>
    Effect.gen(function*() {
      const workflow = yield* save(host, { limit: 2, whenFull: "cancel-oldest" })
      const [first, second] = yield* startMany(host, workflow, 2)
      if (first === undefined || second === undefined) return assert.fail()
      yield* pass("3 seconds")
      const third = yield* start(host, workflow, { n: 2 })
      yield* expectStatuses(host, [first, second, third], ["cancelled", "running", "running"])
      assert.include(yield* host.messages(first), `Cancelled: execution ${third} runs in its place`)
      assert.include(yield* host.messages(third), `Execution ${first} is cancelled: this one runs in its place`)
      assert.deepStrictEqual(yield* calls, [[0, 0], [1, 0], [2, 3]])
    }))

  test("starts after the old one has undone its steps", (host) =>
    Effect.gen(function*() {
      const undone = { type: "http-request", config: { url: "https://up.example.com/100" } }
      const workflow = yield* save(host, { limit: 1, whenFull: "cancel-oldest" }, {
        steps: [
          { ...call, undo: undone },
          { id: "wait", type: "wait-for-event", order: 2, config: { signal: "go" } }
        ]
      })
      const first = yield* start(host, workflow, { n: 0 })
      yield* pass("12 seconds")
      const second = yield* start(host, workflow, { n: 1 })
      yield* pass("9 seconds")
      yield* expectStatuses(host, [second], ["pending"])
      yield* pass("1 second")
      yield* expectStatuses(host, [first, second], ["cancelled", "running"])
      assert.deepStrictEqual(yield* calls, [[0, 0], [100, 12], [1, 22]])
      const messages = yield* host.messages(first)
      assert.deepStrictEqual(messages.filter((message) => message.includes("in its place")).length, 1)
    }))

  test("of many that come at once the newest win, and all others are cancelled", (host) =>
    Effect.gen(function*() {
      const workflow = yield* save(host, { limit: 1, whenFull: "cancel-oldest" })
      const ids = yield* Effect.forEach(
        Array.from({ length: 10 }, (_, n) => n),
        (n) => start(host, workflow, { n }),
        { concurrency: "unbounded" }
      )
      yield* pass("70 seconds")
      const ended = yield* statuses(host, ids)
      assert.strictEqual(ended.filter((status) => status === "completed").length, 1)
      assert.strictEqual(ended.filter((status) => status === "cancelled").length, 9)
    }))

  test("a cancel that is lost is made up for", (host) =>
    Effect.gen(function*() {
      const workflow = yield* save(host, { limit: 1, whenFull: "cancel-oldest" }, {
        steps: [{ id: "wait", type: "wait-for-event", order: 1, config: { signal: "go" } }]
      })
      const first = yield* start(host, workflow, {})
      yield* (yield* Faults).failNext("journal.requestCancel")
      const second = yield* start(host, workflow, {})
      yield* expectStatuses(host, [first, second], ["running", "pending"])
      yield* pass("60 seconds")
      yield* expectStatuses(host, [first, second], ["cancelled", "running"])
    }))

  test("one that waits and was not told is cancelled when it looks itself", (host) =>
    Effect.gen(function*() {
      const workflow = yield* save(host, { limit: 1 })
      const [first, second] = yield* startMany(host, workflow, 2)
      if (first === undefined || second === undefined) return assert.fail()
      yield* host.inside(Workflows.use((workflows) =>
        workflows.update(
          operator,
          workflow,
          { settings: { concurrency: { limit: 1, whenFull: "cancel-oldest" } } },
          null
        )
      ))
      yield* (yield* Faults).failNext("journal.requestCancel", 2)
      const third = yield* start(host, workflow, { n: 2 })
      yield* pass("10 seconds")
      yield* expectStatuses(host, [first, second, third], ["completed", "pending", "running"])
      yield* pass("50 seconds")
      yield* expectStatuses(host, [second], ["cancelled"])
      assert.include(yield* host.messages(second), `Cancelled: execution ${third} runs in its place`)
      assert.isTrue(Option.isNone(yield* (yield* Journal).load(second)))
    }))
})
