import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import type { ExecutionDetail } from "../../src/domain/Execution.ts"
import { ExecutionId, StepId, WorkflowId } from "../../src/domain/Ids.ts"
import { fromMillis } from "../../src/domain/Timestamp.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import { ExecutionArchive } from "../../src/services/ExecutionArchive.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Journal } from "../../src/services/Journal.ts"
import { Maintenance } from "../../src/services/Maintenance.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import * as ScriptedHttp from "../../src/testing/ScriptedHttp.ts"
import { countRequests, Host, operator, pass, surviving } from "./process.ts"

/** A step that calls the upstream of this name. */
const call = (id: string, order: number, more: object = {}) => ({
  id,
  type: "http-request",
  order,
  config: { url: `https://up.example.com/${id}` },
  ...more
})

/** The first so many calls to `name` fail; every call is answered with the name. */
const failing = (name: string, times = 1): ReadonlyArray<ScriptedRoute> => {
  let left = times
  return [
    {
      url: `https://up.example.com/${name}`,
      respond: () => left-- > 0 ? { status: 500 } : { body: name, delay: "1 second" }
    },
    { url: /.*/, respond: ({ url }) => ({ body: url.slice(url.lastIndexOf("/") + 1), delay: "1 second" }) }
  ]
}

const line = { steps: [call("a", 1), call("b", 2), call("c", 3)] }

const statuses = ({ steps }: ExecutionDetail) => steps.map(({ status }) => status)

describe("a retry", () => {
  it.effect("goes on where the first execution failed, and leaves that as it is", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const first = yield* host.end(yield* host.start(line, { n: 1 }))
      assert.deepStrictEqual(statuses(first), ["completed", "failed", "skipped"])
      yield* pass("1 hour")
      const begun = yield* host.retry(first.id)
      assert.deepStrictEqual(begun, {
        ...first,
        id: begun.id,
        status: "running",
        error: null,
        retryOf: first.id,
        startedAt: begun.createdAt,
        completedAt: null,
        createdAt: begun.createdAt,
        updatedAt: begun.createdAt,
        steps: begun.steps
      })
      assert.strictEqual(Date.parse(begun.createdAt) - Date.parse(first.createdAt) > 3_600_000, true)
      assert.deepStrictEqual(begun.steps[0], first.steps[0])
      const second = yield* host.end(begun.id)
      assert.deepStrictEqual(statuses(second), ["completed", "completed", "completed"])
      assert.deepStrictEqual(second.outputs, { c: "c" })
      assert.deepStrictEqual(second.steps[0], first.steps[0])
      assert.deepStrictEqual(yield* host.get(first.id), first)
      assert.deepStrictEqual(yield* countRequests, { a: 1, b: 2, c: 1 })
      const { all } = yield* ScriptedHttp.SeenRequests
      assert.deepStrictEqual((yield* all).map(({ headers }) => headers["idempotency-key"]), [
        `${first.id}:a`,
        `${first.id}:b`,
        `${second.id}:b`,
        `${second.id}:c`
      ])
    }).pipe(Effect.provide(surviving(failing("b"))), Effect.scoped))

  it.effect("tells in its log which steps it has taken over, and from where", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const first = yield* host.end(yield* host.start(line))
      const { id } = yield* host.end((yield* host.retry(first.id)).id)
      const logs = yield* host.inside(Executions.use((executions) => executions.logs(operator, id)))
      assert.deepStrictEqual(logs.slice(0, 2).map(({ data, message }) => ({ data, message })), [
        {
          message: "Execution started",
          data: { workflow: "Test", workflowVersion: 1, trigger: "api", retryOf: first.id }
        },
        { message: "Steps taken over", data: { from: first.id, steps: ["a"] } }
      ])
      assert.deepStrictEqual(logs.slice(2).map(({ message, stepId }) => `${message} ${stepId ?? ""}`.trim()), [
        "Step started b",
        "Step completed b",
        "Step started c",
        "Step completed c",
        "Execution completed"
      ])
    }).pipe(Effect.provide(surviving(failing("b"))), Effect.scoped))

  it.effect("goes on at the item of a loop that failed", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const items = ["i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9"]
      const each = { ...call("each", 1), config: { url: "https://up.example.com/{{ item }}" } }
      const first = yield* host.end(
        yield* host.start({
          steps: [call("a", 1), { id: "loop", type: "for-each", order: 2, config: { items, steps: [each] } }]
        })
      )
      assert.strictEqual(first.status, "failed")
      const second = yield* host.end((yield* host.retry(first.id)).id)
      assert.deepStrictEqual(second.outputs, { loop: items })
      assert.deepStrictEqual(
        yield* countRequests,
        Object.fromEntries([["a", 1], ...items.map((item) => [item, item === "i7" ? 2 : 1])])
      )
      const logs = yield* host.inside(Executions.use((executions) => executions.logs(operator, second.id)))
      assert.deepStrictEqual(logs[1]?.data, { from: first.id, steps: ["a"], inside: { loop: 7 } })
      const named = yield* host.end((yield* host.retry(first.id, "loop")).id)
      assert.deepStrictEqual(named.outputs, { loop: items })
      assert.deepStrictEqual(
        yield* countRequests,
        Object.fromEntries([["a", 1], ...items.map((item) => [item, item === "i7" ? 3 : 2])])
      )
    }).pipe(Effect.provide(surviving(failing("i7"))), Effect.scoped))

  it.effect("runs the named step and what follows it, also of a completed execution", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const first = yield* host.end(yield* host.start(line))
      assert.strictEqual(first.status, "completed")
      const second = yield* host.end((yield* host.retry(first.id, "b")).id)
      assert.deepStrictEqual(second.outputs, { c: "c" })
      assert.deepStrictEqual(yield* countRequests, { a: 1, b: 2, c: 2 })
    }).pipe(Effect.provide(surviving(failing("none"))), Effect.scoped))

  it.effect("of a retry takes over what both have done", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const first = yield* host.end(yield* host.start({ steps: [call("a", 1), call("b", 2), call("b2", 3)] }))
      const second = yield* host.end((yield* host.retry(first.id)).id)
      assert.strictEqual(second.status, "failed")
      const third = yield* host.end((yield* host.retry(second.id)).id)
      assert.deepStrictEqual(third.outputs, { b2: "b2" })
      assert.strictEqual(third.retryOf, second.id)
      assert.deepStrictEqual(yield* countRequests, { a: 1, b: 3, b2: 1 })
    }).pipe(Effect.provide(surviving(failing("b", 2))), Effect.scoped))

  it.effect("of a cancelled execution runs what was cancelled", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start(line)
      yield* pass("1500 millis")
      yield* host.cancel(id)
      const second = yield* host.end((yield* host.retry(id)).id)
      assert.deepStrictEqual(second.outputs, { c: "c" })
      assert.deepStrictEqual(yield* countRequests, { a: 1, b: 2, c: 1 })
    }).pipe(Effect.provide(surviving(failing("none"))), Effect.scoped))

  it.effect("makes up the outputs again when these failed", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const outputs = { even: "$millis() % 7200000 < 3600000 ? 'yes' : $error('odd hour')" }
      yield* TestClock.setTime(3_600_000)
      const first = yield* host.end(yield* host.start({ ...line, outputs }))
      assert.strictEqual(first.status, "failed")
      yield* TestClock.setTime(7_200_000)
      const second = yield* host.end((yield* host.retry(first.id)).id)
      assert.deepStrictEqual(second.outputs, { even: "yes" })
      assert.deepStrictEqual(yield* countRequests, { a: 1, b: 1, c: 1 })
    }).pipe(Effect.provide(surviving(failing("none"))), Effect.scoped))

  it.effect("runs the version and the inputs of the first, whatever became of the workflow", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const inputSchema = { type: "object", required: ["n"] }
      const first = yield* host.end(yield* host.start({ ...line, inputSchema }, { n: 1 }))
      yield* host.inside(Workflows.use((workflows) =>
        workflows.update(operator, first.workflowId, {
          steps: line.steps.slice(0, 1).map(() => ({
            id: StepId.make("new"),
            type: "transform" as const,
            order: 1,
            config: { operation: "set", values: {} }
          })),
          inputSchema: { type: "object", required: ["other"] }
        }, null)
      ))
      const second = yield* host.end((yield* host.retry(first.id)).id)
      assert.deepStrictEqual([second.workflowVersion, second.inputs], [1, { n: 1 }])
      assert.deepStrictEqual(second.outputs, { c: "c" })
    }).pipe(Effect.provide(surviving(failing("b"))), Effect.scoped))

  it.effect("runs again what was undone, and what followed it", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const undo = { type: "http-request", config: { url: "https://up.example.com/un{{ input }}" } }
      const each = (id: string) => call(id, 1, { config: { url: "https://up.example.com/{{ item }}" }, undo })
      const steps = [
        call("a", 1),
        call("b", 2, { undo }),
        call("c", 2),
        { id: "loop", type: "for-each", order: 3, config: { items: ["x", "y"], steps: [each("each")] } },
        call("d", 4)
      ]
      const first = yield* host.end(yield* host.start({ steps }))
      assert.strictEqual(first.status, "failed")
      assert.sameMembers(
        first.steps.map(({ path }) => path).filter((path) => path?.endsWith(":undo")),
        ["b:undo", "loop[0].each:undo", "loop[1].each:undo"]
      )
      const second = yield* host.end((yield* host.retry(first.id)).id)
      assert.deepStrictEqual(second.outputs, { d: "d" })
      assert.deepStrictEqual(second.steps.filter(({ path }) => path?.endsWith(":undo")), [])
      const once = { a: 1, c: 1, unb: 1, unx: 1, uny: 1 }
      assert.deepStrictEqual(yield* countRequests, { ...once, b: 2, x: 2, y: 2, d: 2 })
    }).pipe(Effect.provide(surviving(failing("d"))), Effect.scoped))

  it.effect("that fails in turn undoes what it has taken over, the newest first", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const undo = { type: "http-request", config: { url: "https://up.example.com/un{{ input }}" } }
      const first = yield* host.end(
        yield* host.start({ steps: [call("a", 2, { undo }), call("b", 1, { undo }), call("d", 3)] })
      )
      assert.strictEqual(first.status, "completed")
      const second = yield* host.end((yield* host.retry(first.id, "d")).id)
      assert.strictEqual(second.status, "failed")
      const { all } = yield* ScriptedHttp.SeenRequests
      const asked = (yield* all).map(({ url }) => url.slice(url.lastIndexOf("/") + 1))
      assert.deepStrictEqual(asked, ["b", "a", "d", "d", "una", "unb"])
      assert.strictEqual((yield* host.get(first.id)).status, "completed")
    }).pipe(
      Effect.provide(surviving([
        { url: "https://up.example.com/d", respond: [{ body: "d" }, { status: 500 }] },
        ...failing("none")
      ])),
      Effect.scoped
    ))

  it.effect("counts the outputs that it takes over", () => {
    const large = Array.from({ length: 10 }, (_, index) => call(`s${index}`, index + 1))
    const routes: ReadonlyArray<ScriptedRoute> = [
      ...failing("last").slice(0, 1),
      { url: /\/more$/, respond: { body: "x".repeat(500_000) } },
      { url: /.*/, respond: { body: "x".repeat(1_000_000) } }
    ]
    return Effect.gen(function*() {
      const host = yield* Host.make
      const steps = [...large, call("last", 11), call("more", 12)]
      const first = yield* host.end(yield* host.start({ steps }))
      assert.strictEqual(first.error?.stepId, "last")
      const second = yield* host.end((yield* host.retry(first.id)).id)
      assert.deepStrictEqual([second.error?.stepId, second.error?.code], ["more", "output-too-large"])
    }).pipe(Effect.provide(surviving(routes)), Effect.scoped)
  })
})

describe("a retry after a crash", () => {
  it.effect("right after its start takes nothing over twice, and runs nothing that it has taken over", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const first = yield* host.end(yield* host.start(line))
      const { id } = yield* host.retry(first.id)
      yield* host.crash
      assert.deepStrictEqual((yield* host.get(id)).steps[0], first.steps[0])
      yield* host.wake
      const second = yield* host.end(id)
      assert.deepStrictEqual(second.outputs, { c: "c" })
      assert.deepStrictEqual(second.steps[0], first.steps[0])
      assert.strictEqual((yield* countRequests)["a"], 1)
      assert.deepStrictEqual((yield* host.messages(id)).slice(0, 3), [
        "Execution started",
        "Steps taken over",
        "Execution taken up again"
      ])
    }).pipe(Effect.provide(surviving(failing("b"))), Effect.scoped))

  it.effect("that has nothing to take over begins like a start", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const first = yield* host.end(yield* host.start(line))
      const { id } = yield* host.retry(first.id)
      yield* host.restart
      yield* host.end(id)
      const [started, ...others] = yield* host.inside(Executions.use((executions) => executions.logs(operator, id)))
      assert.deepInclude(started?.data, { retryOf: first.id })
      assert.notInclude(others.map(({ message }) => message), "Steps taken over")
    }).pipe(Effect.provide(surviving(failing("a"))), Effect.scoped))

  /** A retry whose row was stored, and whose start was lost. */
  const lose = (first: ExecutionDetail, from: string | null) =>
    Effect.gen(function*() {
      const now = fromMillis(Date.parse(first.completedAt ?? ""))
      yield* (yield* ExecutionRepository).insert({
        id: ExecutionId.make("lost"),
        workflowId: first.workflowId,
        tenantId: null,
        inputs: first.inputs,
        trigger: first.trigger,
        requestId: null,
        placement: "memory",
        createdAt: now,
        checkedVersion: null,
        retry: { of: first.id, version: first.workflowVersion, from: from === null ? null : StepId.make(from) }
      })
      yield* pass("2 minutes")
      return ExecutionId.make("lost")
    })

  const tick = (host: Host) => host.inside(Maintenance.use((maintenance) => maintenance.tick))

  for (const [from, requests] of [[null, { a: 1, b: 2, c: 1 }], ["a", { a: 2, b: 2, c: 1 }]] as const) {
    it.effect(`that never reached the engine takes over the same steps: from ${from ?? "the failed one"}`, () =>
      Effect.gen(function*() {
        const host = yield* Host.make
        const first = yield* host.end(yield* host.start(line))
        const id = yield* lose(first, from)
        yield* tick(host)
        const second = yield* host.end(id)
        assert.deepStrictEqual([second.outputs, second.retryOf], [{ c: "c" }, first.id])
        assert.deepStrictEqual(yield* countRequests, requests)
      }).pipe(Effect.provide(surviving(failing("b"))), Effect.scoped))
  }

  it.effect("that never reached the engine is ended when there is nothing left to take over", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const first = yield* host.end(yield* host.start({ ...line, settings: { retention: "1h" } }))
      const id = yield* lose(first, null)
      yield* pass("1 hour")
      yield* tick(host)
      const second = yield* host.end(id)
      assert.deepStrictEqual([second.status, second.error?.code], ["failed", "EXECUTION-001"])
      assert.strictEqual((yield* countRequests)["b"], 1)
    }).pipe(Effect.provide(surviving(failing("b"))), Effect.scoped))

  it.effect("that runs is left to run, whatever became of the first", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const slow = { id: "slow", type: "delay", order: 2, config: { duration: "90s" } }
      const first = yield* host.end(yield* host.start({ steps: [call("a", 1), slow, call("b", 3)] }))
      const { id } = yield* host.retry(first.id, "slow")
      yield* (yield* ExecutionArchive).put(first.id, { steps: [], logs: [] }, fromMillis(0))
      yield* host.restart
      yield* pass("70 seconds")
      yield* tick(host)
      assert.deepStrictEqual((yield* host.end(id)).outputs, { b: "b" })
      assert.deepStrictEqual(yield* countRequests, { a: 1, b: 2 })
    }).pipe(Effect.provide(surviving(failing("b"))), Effect.scoped))
})

describe("what can't be retried", () => {
  const reasonOf = (host: Host, id: ExecutionId, fromStep?: string) =>
    Effect.map(
      Effect.flip(host.retry(id, fromStep)),
      (error) => error._tag === "ExecutionNotRetryable" ? error.reason : error._tag
    )

  it.effect("an execution that has not ended, or is completed, or is not there; a step that is not there", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start({
        steps: [{ id: "loop", type: "for-each", order: 1, config: { items: [1], steps: [call("inner", 1)] } }]
      })
      assert.strictEqual(yield* reasonOf(host, id), "unfinished")
      assert.strictEqual(yield* reasonOf(host, id, "loop"), "unfinished")
      yield* host.end(id)
      assert.strictEqual(yield* reasonOf(host, id), "completed")
      assert.strictEqual(yield* reasonOf(host, ExecutionId.make("none")), "ExecutionNotFound")
      for (const unknown of ["inner", "none"]) {
        const error = yield* Effect.flip(host.retry(id, unknown))
        assert.strictEqual(error._tag, "ExecutionInvalid")
        assert.deepStrictEqual(error._tag === "ExecutionInvalid" ? error.issues.map(({ path }) => path) : [], [[
          "fromStep"
        ]])
      }
    }).pipe(Effect.provide(surviving(failing("none"))), Effect.scoped))

  it.effect("an execution of an inactive or a removed workflow", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const { id, workflowId } = yield* host.end(yield* host.start(line))
      yield* host.inside(Workflows.use(({ update }) => update(operator, workflowId, { status: "inactive" }, null)))
      assert.strictEqual(yield* reasonOf(host, id), "WorkflowInactive")
      yield* host.inside(Workflows.use(({ remove }) => remove(operator, WorkflowId.make(workflowId), null)))
      assert.strictEqual(yield* reasonOf(host, id), "WorkflowNotFound")
    }).pipe(Effect.provide(surviving(failing("b"))), Effect.scoped))

  it.effect("an execution whose trace is gone, or has lost its outputs", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const archive = yield* ExecutionArchive
      const { id, steps } = yield* host.end(yield* host.start(line))
      yield* archive.put(id, { steps, logs: [], withoutOutputs: true }, null)
      assert.strictEqual(yield* reasonOf(host, id), "forgotten")
      assert.strictEqual(yield* reasonOf(host, id, "a"), "forgotten")
      yield* TestClock.adjust("31 days")
      assert.strictEqual(yield* reasonOf(host, id), "forgotten")
    }).pipe(Effect.provide(surviving(failing("b"))), Effect.scoped))
})

describe("what never ran is retried from its beginning", () => {
  it.effect("an execution that the engine did not take", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      yield* (yield* Faults).failNext("journal.create")
      yield* Effect.exit(host.start(line))
      const { items: [refused] } = yield* host.inside(
        Executions.use((executions) => executions.list(operator, { tenantId: null, limit: 1 }))
      )
      assert.strictEqual(refused?.error?.code, "EXECUTION-001")
      const second = yield* host.retry(refused?.id ?? ExecutionId.make("none"))
      assert.deepStrictEqual((yield* host.end(second.id)).outputs, { c: "c" })
    }).pipe(Effect.provide(surviving(failing("none"))), Effect.scoped))

  it.effect("a retry takes over what the first retry was to take over", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const first = yield* host.end(yield* host.start(line))
      yield* (yield* Faults).failNext("journal.create")
      yield* Effect.exit(host.retry(first.id))
      const refused = (yield* host.inside(
        Executions.use((executions) => executions.list(operator, { tenantId: null, limit: 9 }))
      )).items.find(({ retryOf }) => retryOf === first.id)
      assert.strictEqual(refused?.error?.code, "EXECUTION-001")
      const second = yield* host.retry(refused?.id ?? ExecutionId.make("none"))
      assert.deepStrictEqual((yield* host.end(second.id)).outputs, { c: "c" })
      assert.deepStrictEqual(yield* countRequests, { a: 1, b: 2, c: 1 })
    }).pipe(Effect.provide(surviving(failing("b"))), Effect.scoped))

  it.effect("an execution that was cancelled before it came to the engine", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const { workflowId } = yield* host.end(yield* host.start(line))
      const id = ExecutionId.make("unstarted")
      yield* (yield* ExecutionRepository).insert({
        id,
        workflowId,
        tenantId: null,
        inputs: {},
        trigger: "api",
        requestId: null,
        placement: "memory",
        createdAt: fromMillis(0),
        checkedVersion: null,
        retry: null
      })
      yield* host.cancel(id)
      const { id: retried } = yield* host.retry(id)
      assert.deepStrictEqual((yield* host.end(retried)).outputs, { c: "c" })
      assert.deepStrictEqual(yield* countRequests, { a: 2, b: 2, c: 2 })
      assert.isTrue(Option.isNone(yield* (yield* Journal).load(retried)))
    }).pipe(Effect.provide(surviving(failing("none"))), Effect.scoped))
})

describe("a retry of a workflow with a limit", () => {
  it.effect("waits for its slot as every execution does", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const limited = { ...line, settings: { concurrency: { limit: 1 } } }
      const first = yield* host.end(yield* host.start(limited))
      assert.strictEqual(first.status, "failed")
      const one = yield* host.retry(first.id)
      const other = yield* host.retry(first.id)
      yield* pass("100 millis")
      assert.deepStrictEqual(
        [(yield* host.get(one.id)).status, (yield* host.get(other.id)).status],
        ["running", "pending"]
      )
      assert.strictEqual((yield* host.end(other.id)).status, "completed")
      assert.deepStrictEqual(yield* countRequests, { a: 1, b: 3, c: 2 })
    }).pipe(Effect.provide(surviving(failing("b"))), Effect.scoped))
})
