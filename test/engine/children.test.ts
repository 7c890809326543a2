import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Redacted } from "effect"
import { ExecutionId, TenantId, WorkflowId } from "../../src/domain/Ids.ts"
import { Limits } from "../../src/domain/Limits.ts"
import { Timestamp } from "../../src/domain/Timestamp.ts"
import { LocalExecutor } from "../../src/engine/LocalExecutor.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import { Journal } from "../../src/services/Journal.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import { Host, isParked, operator, pass, settle, surviving } from "./process.ts"

const memory = surviving([])

type Layers = Layer.Success<typeof memory>

const test = (title: string, body: (host: Host) => Effect.Effect<void, unknown, Layers>) =>
  it.effect(title, () => Effect.flatMap(Host.make, body).pipe(Effect.provide(memory), Effect.scoped))

const child = (workflowId: string, config: object = {}, more: object = {}) => ({
  id: "sub",
  type: "workflow",
  order: 1,
  config: { workflowId, ...config },
  ...more
})

const set = (id: string, order: number, expression = `"${id}"`) => ({
  id,
  type: "transform",
  order,
  config: { operation: "expression", expression }
})

const delay = (id: string, order: number, duration: string) => ({ id, type: "delay", order, config: { duration } })

const event = (id: string, order: number) => ({ id, type: "wait-for-event", order, config: { signal: "go" } })

const fail = (id: string, order: number, message = "Broken") => ({ id, type: "fail", order, config: { message } })

const sums = { steps: [set("sum", 1, "inputs.a + inputs.b")], outputs: { sum: "steps.sum.output" } }
const long = { settings: { timeout: "300d" } }
const uuid8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** A workflow that waits for a signal. */
const waiting = { steps: [event("hold", 1)], settings: { timeout: "300d" } }

/** The end of an execution that was cancelled before it reached the engine. */
const cancelledAt = (at: Timestamp) => ({
  status: "cancelled" as const,
  outputs: null,
  error: null,
  startedAt: at,
  completedAt: at
})

const one = <A>(items: ReadonlyArray<A>): A => {
  const [item] = items
  if (item === undefined || items.length > 1) throw new Error(`${items.length} items instead of one`)
  return item
}

/** A run that has just looked for its child is in memory for a few seconds more, counted from when its look was over. */
const parkedSoon = Effect.fnUntraced(function*(id: ExecutionId) {
  for (let seconds = 0; seconds < 30; seconds += 3) {
    yield* pass("3 seconds")
    if (yield* isParked(id)) return
  }
  assert.fail("It is not parked")
})

describe("a workflow step", () => {
  test("runs the child to its end, and its output is the child's outputs", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(sums)
      const id = yield* host.start({
        steps: [child(workflowId, { inputs: { a: "{{ inputs.n }}", b: 2 } }), set("after", 2, "input.sum * 2")]
      }, { n: 1 })
      const run = yield* host.get(id)
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.steps.map(({ output }) => output), [{ sum: 3 }, 6])
      assert.isNull(run.parentId)
      const started = one(yield* host.executionsOf(workflowId))
      assert.match(started.id, uuid8)
      assert.deepInclude(started, {
        parentId: id,
        trigger: "workflow",
        tenantId: TenantId.make("t"),
        status: "completed",
        inputs: { a: 1, b: 2 }
      })
    }))

  test("hands on its input if it is an object, and nothing else", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({ steps: [set("all", 1, "inputs")] })
      yield* host.start({ steps: [child(workflowId)] }, { a: 1 })
      yield* host.start({ steps: [child(workflowId, { input: "[1]" })] }, { a: 1 })
      yield* host.start({ steps: [child(workflowId, { inputs: "{{ { 'b': inputs.a } }}" })] }, { a: 1 })
      const inputs = (yield* host.executionsOf(workflowId)).map((execution) => execution.inputs)
      assert.sameDeepMembers([...inputs], [{ a: 1 }, {}, { b: 1 }])
    }))

  test("that does not wait answers the child's id, and the child goes on after the parent's end and cancel", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({ steps: [delay("nap", 1, "30m"), set("done", 2)] })
      const id = yield* host.start({ steps: [child(workflowId, { wait: false }), event("hold", 2)] })
      const left = one(yield* host.executionsOf(workflowId))
      assert.strictEqual((yield* host.get(id)).steps[0]?.output, left.id)
      assert.strictEqual(left.parentId, id)
      yield* host.cancel(id)
      assert.strictEqual((yield* host.get(id)).status, "cancelled")
      assert.strictEqual((yield* host.end(left.id)).status, "completed")
    }))

  test("waits without running: the parent is parked, and the child's end wakes it", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({ steps: [event("hold", 1)], ...long })
      const id = yield* host.start({ steps: [child(workflowId), set("after", 2, "input.hold")], ...long })
      yield* pass("5 seconds")
      assert.isTrue(yield* isParked(id))
      assert.deepStrictEqual(yield* host.statuses(id), { sub: "waiting", after: "pending" })
      // However often it looks.
      for (let hours = 0; hours < 3; hours++) yield* pass("1 hour")
      yield* parkedSoon(id)
      const started = one(yield* host.executionsOf(workflowId))
      yield* host.signal(started.id, "go", "signed")
      const run = yield* host.get(id)
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(run.outputs, { after: "signed" })
      assert.deepStrictEqual(yield* host.messages(id), [
        "Execution started",
        "Step started",
        "Step completed",
        "Step started",
        "Step completed",
        "Execution completed"
      ])
      assert.isTrue(yield* (yield* Journal).isEmpty)
    }))

  test("has no default timeout", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({ steps: [delay("nap", 1, "5m")] })
      const run = yield* host.end(yield* host.start({ steps: [child(workflowId)] }))
      assert.strictEqual(run.status, "completed")
      assert.isAtLeast(run.steps[0]?.durationMs ?? 0, 300_000)
    }))

  test("fails with the child, and tells its error", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({ steps: [fail("no", 1, "Not today")] })
      const run = yield* host.get(yield* host.start({ steps: [child(workflowId)] }))
      const started = one(yield* host.executionsOf(workflowId))
      assert.deepStrictEqual<unknown>(run.error, {
        stepId: "sub",
        code: "child-failed",
        message: `The execution ${started.id} failed: Not today`,
        details: { executionId: started.id, error: { code: "failed", message: "Not today", stepId: "no" } }
      })
    }))

  test("fails when the child was cancelled", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({ steps: [event("hold", 1)] })
      const id = yield* host.start({ steps: [child(workflowId)] })
      yield* pass("5 seconds")
      const started = one(yield* host.executionsOf(workflowId))
      yield* host.cancel(started.id)
      yield* settle
      const { error, status } = yield* host.get(id)
      assert.deepStrictEqual([status, error?.code, error?.details], [
        "failed",
        "child-cancelled",
        { executionId: started.id }
      ])
    }))

  test("fails when there is nothing to start, and starts nothing", (host) =>
    Effect.gen(function*() {
      const inactive = yield* host.save({ ...sums, status: "inactive" })
      const strict = yield* host.save({ ...sums, inputSchema: { required: ["a"] } })
      const foreign = yield* host.save({ ...sums, tenantId: "other" })
      const removed = yield* host.save(sums)
      yield* host.inside(Workflows.use(({ remove }) => remove(operator, removed, null)))
      const unknown = "00000000-0000-7000-8000-000000000000"
      const codeOf = Effect.fnUntraced(function*(workflowId: string, wait: boolean) {
        const { error } = yield* host.get(yield* host.start({ steps: [child(workflowId, { wait })] }))
        return error?.code
      })
      for (const wait of [true, false]) {
        assert.strictEqual(yield* codeOf(inactive, wait), "workflow-inactive")
        assert.strictEqual(yield* codeOf(strict, wait), "invalid-input")
        for (const id of [foreign, removed, unknown]) assert.strictEqual(yield* codeOf(id, wait), "workflow-not-found")
      }
      for (const id of [inactive, strict, foreign, removed]) assert.deepStrictEqual(yield* host.executionsOf(id), [])
      const { error } = yield* host.get(yield* host.start({ steps: [child(strict)] }))
      assert.deepStrictEqual<unknown>(error?.details, { issues: [{ path: ["inputs", "a"], message: "is required" }] })
      const { error: bad } = yield* host.get(
        yield* host.start({ steps: [child("{{ 'nonsense' }}"), child(unknown, {}, { id: "never", order: 2 })] })
      )
      assert.strictEqual(bad?.code, "invalid-config")
    }))

  test("runs the current version, and goes on with it", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({ steps: [event("hold", 1), set("one", 2)] })
      const update = (steps: ReadonlyArray<object>) =>
        host.inside(
          Workflows.use(({ update }) =>
            // SAFETY: steps as a client writes them.
            update(operator, workflowId, { steps: steps as never }, null)
          )
        )
      const id = yield* host.start({ steps: [child(workflowId)] })
      yield* update([set("two", 1)])
      yield* host.signal(one(yield* host.executionsOf(workflowId)).id, "go")
      assert.deepStrictEqual((yield* host.get(id)).outputs, { sub: { one: "one" } })
      const later = yield* host.get(yield* host.start({ steps: [child(workflowId)] }))
      assert.deepStrictEqual(later.outputs, { sub: { two: "two" } })
    }))

  test("gives outputs that are too large for the row", (host) =>
    Effect.gen(function*() {
      const text = "x".repeat(Limits.outputsInlineBytes)
      const workflowId = yield* host.save({ steps: [set("all", 1, "inputs.text")] })
      const run = yield* host.get(yield* host.start({ steps: [child(workflowId)] }, { text }))
      assert.deepStrictEqual(run.steps[0]?.output, { all: text })
    }))

  test("does not give a secret to the child, nor to its row", (host) =>
    Effect.gen(function*() {
      const tenantId = TenantId.make("t")
      yield* host.inside(
        Secrets.use(({ put }) => put(operator, { tenantId, name: "KEY" }, Redacted.make("s3cr3t-value")))
      )
      const workflowId = yield* host.save({ steps: [set("all", 1, "inputs")] })
      for (const wait of [true, false]) {
        yield* host.start({ steps: [child(workflowId, { wait, inputs: { a: "Bearer {{ secrets.KEY }}" } })] })
      }
      // Decrypting takes its time.
      yield* Effect.repeat(settle, { times: 10 })
      const inputs = (yield* host.executionsOf(workflowId)).map((execution) => execution.inputs)
      assert.deepStrictEqual(inputs, [{ a: "Bearer [secret:KEY]" }, { a: "Bearer [secret:KEY]" }])
    }))
})

describe("a parent that ends while it waits", () => {
  const endsChild = (
    title: string,
    steps: (workflowId: string) => ReadonlyArray<object>,
    status: string,
    act: (
      host: Host,
      id: ExecutionId
    ) => Effect.Effect<unknown, unknown>,
    more: object = {}
  ) => {
    for (const parked of [false, true]) {
      test(`${title}${parked ? ", also when it is parked" : ""}`, (host) =>
        Effect.gen(function*() {
          const workflowId = yield* host.save(waiting)
          const id = yield* host.start({ steps: steps(workflowId), ...more })
          if (parked) yield* pass("9 seconds")
          const started = one(yield* host.executionsOf(workflowId))
          assert.strictEqual((yield* host.get(started.id)).status, parked ? "waiting" : "running")
          yield* act(host, id)
          yield* settle
          assert.strictEqual((yield* host.get(id)).status, status)
          assert.strictEqual((yield* host.get(started.id)).status, "cancelled")
          assert.isTrue(yield* (yield* Journal).isEmpty)
        }))
    }
  }

  endsChild(
    "a cancel cancels the child",
    (workflowId) => [child(workflowId)],
    "cancelled",
    (host, id) => host.cancel(id)
  )

  endsChild(
    "the step's timeout cancels the child",
    (workflowId) => [child(workflowId, {}, { timeout: "10m" })],
    "failed",
    () => pass("10 minutes")
  )

  endsChild(
    "the run's timeout cancels the child",
    (workflowId) => [child(workflowId)],
    "failed",
    () => pass("10 minutes"),
    { settings: { timeout: "10m" } }
  )

  endsChild(
    "a step that fails beside it cancels the child",
    (workflowId) =>
      [child(workflowId), event("beside", 1), fail("no", 2)].map((step) =>
        step.id === "no" ? { ...step, dependsOn: ["beside"] } : step
      ),
    "failed",
    (host, id) => host.signal(id, "go")
  )

  test("cancels the whole chain below it", (host) =>
    Effect.gen(function*() {
      const last = yield* host.save(waiting)
      const middle = yield* host.save({ steps: [child(last)] })
      const id = yield* host.start({ steps: [child(middle)] })
      yield* host.cancel(id)
      yield* settle
      for (const workflowId of [middle, last]) {
        assert.strictEqual(one(yield* host.executionsOf(workflowId)).status, "cancelled")
      }
    }))

  test("cancels a child later that could not be cancelled at once", (host) =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const workflowId = yield* host.save(waiting)
      const id = yield* host.start({ steps: [child(workflowId)] })
      const started = one(yield* host.executionsOf(workflowId))
      // The finalizer's look, that before the end, and the first one after it.
      yield* faults.failNext("executions.find", 3)
      yield* host.inside(LocalExecutor.use(({ cancel }) => cancel(id)))
      assert.strictEqual((yield* host.get(started.id)).status, "running")
      yield* pass("2 seconds")
      assert.strictEqual((yield* host.get(id)).status, "cancelled")
      assert.strictEqual((yield* host.get(started.id)).status, "cancelled")
    }))
})

describe("undo", () => {
  test("by a workflow: its child runs to its end, and a crash does not begin it anew", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(waiting)
      const id = yield* host.start({
        steps: [{ ...set("made", 1), undo: { type: "workflow", config: { workflowId } } }, fail("no", 2)]
      })
      yield* pass("9 seconds")
      const started = one(yield* host.executionsOf(workflowId))
      yield* host.restart
      yield* host.restart
      assert.strictEqual((yield* host.get(started.id)).status, "waiting")
      yield* host.signal(started.id, "go")
      const run = yield* host.end(id)
      assert.deepStrictEqual(
        run.steps.map(({ id, path, status }) => [path ?? id, status]),
        [["made", "completed"], ["no", "failed"], ["made:undo", "completed"]]
      )
      assert.lengthOf(yield* host.executionsOf(workflowId), 1)
    }))

  test("comes after the child that was waited for is cancelled, also after a crash in between", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(waiting)
      const undoing = yield* host.save(waiting)
      const id = yield* host.start({
        steps: [
          { ...set("made", 1), undo: { type: "workflow", config: { workflowId: undoing } } },
          { ...child(workflowId), order: 2 }
        ]
      })
      const started = one(yield* host.executionsOf(workflowId))
      yield* (yield* Journal).requestCancel(id)
      yield* host.crash
      yield* host.wake
      const undone = one(yield* host.executionsOf(undoing))
      assert.strictEqual((yield* host.get(started.id)).status, "cancelled")
      yield* host.signal(undone.id, "go")
      assert.strictEqual((yield* host.end(id)).status, "cancelled")
      assert.strictEqual((yield* host.get(undone.id)).status, "completed")
    }))
})

describe("a retry", () => {
  test("of the step starts another child", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({ steps: [fail("no", 1)] })
      const id = yield* host.start({
        steps: [child(workflowId, {}, { retry: { attempts: 3, delay: "300ms", jitter: false, on: ["any"] } })]
      })
      const run = yield* host.end(id)
      assert.strictEqual(run.steps[0]?.attempts, 3)
      assert.lengthOf(new Set((yield* host.executionsOf(workflowId)).map((execution) => execution.id)), 3)
    }))

  test("of the loop around it starts only those again that did not complete", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({
        steps: [{ ...fail("no", 1, "Odd"), when: "inputs.n = 2" }, set("done", 2)]
      })
      const id = yield* host.start({
        steps: [{
          id: "loop",
          type: "for-each",
          order: 1,
          retry: { attempts: 2, delay: "500ms", jitter: false, on: ["any"] },
          config: { items: "[1, 2]", steps: [child(workflowId, { inputs: { n: "{{ item }}" } })] }
        }]
      })
      yield* host.restart
      const run = yield* host.end(id)
      assert.strictEqual(run.status, "failed")
      const started = yield* host.executionsOf(workflowId)
      assert.deepStrictEqual(started.map(({ inputs }) => inputs["n"]).toSorted(), [1, 2, 2])
    }))

  test("of the loop around it is not confused by a crash after a short back-off", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({ steps: [event("hold", 1)] })
      const id = yield* host.start({
        steps: [{
          id: "loop",
          type: "for-each",
          order: 1,
          retry: { attempts: 2, delay: "500ms", jitter: false, on: ["any"] },
          config: {
            items: "[1]",
            steps: [
              child(workflowId, {}, { onError: "continue" }),
              { ...event("beside", 1), timeout: "1s", config: { signal: "other" } }
            ]
          }
        }]
      })
      yield* pass("1 second")
      yield* pass("500 millis")
      const [first, second] = yield* host.executionsOf(workflowId)
      assert.deepStrictEqual([first?.status, second?.status], ["cancelled", "pending"])
      yield* host.restart
      yield* host.signal(id, "other")
      yield* host.signal(second?.id ?? ExecutionId.make("none"), "go", 2)
      const run = yield* host.end(id)
      assert.strictEqual(run.status, "completed")
      assert.lengthOf(yield* host.executionsOf(workflowId), 2)
    }))

  test("follows when a store does not answer", (host) =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const workflowId = yield* host.save(sums)
      const end = Effect.fnUntraced(function*(more: object) {
        const sub = { ...child(workflowId, { inputs: { a: 1, b: 1 } }), order: 2, ...more }
        const id = yield* host.start({ steps: [event("gate", 1), sub] })
        yield* faults.failNext("executions.insert")
        yield* host.signal(id, "go")
        return yield* host.end(id)
      })
      const refused = yield* end({})
      assert.strictEqual(refused.error?.code, "unavailable")
      assert.deepStrictEqual(yield* host.executionsOf(workflowId), [])
      const retried = yield* end({ retry: { attempts: 2 } })
      assert.deepStrictEqual([retried.status, retried.steps[1]?.attempts], ["completed", 2])
      assert.lengthOf(yield* host.executionsOf(workflowId), 1)
    }))
})

describe("the depth", () => {
  test(`is at most ${Limits.executionDepth}, waited for or not`, (host) =>
    Effect.gen(function*() {
      let workflowId = yield* host.save({ steps: [set("last", 1)] })
      const ids = [workflowId]
      for (let depth = Limits.executionDepth - 1; depth >= 1; depth--) {
        workflowId = yield* host.save({ steps: [child(workflowId, { wait: depth % 2 === 0 })] })
        ids.unshift(workflowId)
      }
      const run = yield* host.end(yield* host.startSaved(workflowId))
      assert.strictEqual(run.status, "completed")
      yield* Effect.repeat(settle, { times: 30 })
      for (const id of ids) assert.strictEqual(one(yield* host.executionsOf(id)).status, "completed")

      const tooDeep = yield* host.end(yield* host.start({ steps: [child(workflowId)] }))
      yield* Effect.repeat(settle, { times: 30 })
      assert.strictEqual(tooDeep.status, "completed")
      const ofNinth = yield* host.executionsOf(ids[Limits.executionDepth - 2] ?? workflowId)
      assert.deepStrictEqual(ofNinth.map(({ error }) => error?.code).toSorted(), ["workflow-depth", undefined])
      assert.lengthOf(yield* host.executionsOf(ids.at(-1) ?? workflowId), 1)
    }))
})

describe("a crash", () => {
  const thenDone = { steps: [event("hold", 1), set("done", 2)], ...long }
  const parentOf = (workflowId: string) => ({ steps: [child(workflowId), set("after", 2)], ...long })

  /** The child runs once, and the parent ends with it. */
  const endsOnce = Effect.fnUntraced(function*(host: Host, id: ExecutionId, workflowId: WorkflowId) {
    const started = one(yield* host.executionsOf(workflowId))
    yield* host.signal(started.id, "go")
    const run = yield* host.end(id)
    assert.strictEqual(run.status, "completed")
    assert.deepStrictEqual(run.steps[0]?.output, { done: "done" })
    assert.lengthOf(yield* host.executionsOf(workflowId), 1)
    const messages = yield* host.messages(started.id)
    assert.lengthOf(messages.filter((message) => message === "Execution completed"), 1)
    assert.isTrue(yield* (yield* Journal).isEmpty)
  })

  test("before the wait is written down: the child starts once", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(thenDone)
      yield* Faults.use(({ failNext }) => failNext("journal.wait"))
      const id = yield* host.start(parentOf(workflowId))
      assert.deepStrictEqual(yield* host.executionsOf(workflowId), [])
      yield* pass("5 seconds")
      yield* endsOnce(host, id, workflowId)
    }))

  test("after the wait is written down, before the start: the child starts once", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(thenDone)
      const id = yield* host.start({ steps: [event("gate", 1), { ...child(workflowId), order: 2 }, set("after", 3)] })
      yield* host.signal(id, "go")
      const started = one(yield* host.executionsOf(workflowId))
      yield* host.crash
      // As if nothing had come of the start.
      const repository = yield* ExecutionRepository
      const end = Timestamp.make("9999-01-01T00:00:00.000Z")
      yield* (yield* Journal).remove(started.id)
      yield* repository.finish(started.id, cancelledAt(started.startedAt), null)
      yield* repository.prune({ now: end, endedBefore: end, limit: 1 })
      assert.deepStrictEqual(yield* host.executionsOf(workflowId), [])
      yield* host.wake
      const again = one(yield* host.executionsOf(workflowId))
      assert.strictEqual(again.id, started.id)
      yield* host.signal(again.id, "go")
      const run = yield* host.end(id)
      assert.deepStrictEqual(run.steps[1]?.output, { done: "done" })
    }))

  test("between the child's row and its start in the engine: it is started then", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(thenDone)
      const id = yield* host.start({ steps: [event("gate", 1), { ...child(workflowId), order: 2 }] })
      yield* Faults.use(({ failNext }) => failNext("journal.create"))
      yield* host.signal(id, "go")
      const started = one(yield* host.executionsOf(workflowId))
      assert.isTrue(Option.isNone(yield* (yield* Journal).load(started.id)))
      yield* host.restart
      assert.isTrue(Option.isSome(yield* (yield* Journal).load(started.id)))
      yield* host.signal(started.id, "go")
      assert.strictEqual((yield* host.end(id)).status, "completed")
      assert.lengthOf(yield* host.executionsOf(workflowId), 1)
    }))

  test("without one, the engine that did not take the child is asked again", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({ steps: [set("done", 1)] })
      const id = yield* host.start({ steps: [event("gate", 1), { ...child(workflowId), order: 2 }] })
      yield* Faults.use(({ failNext }) => failNext("journal.create", 2))
      yield* host.signal(id, "go")
      assert.strictEqual((yield* host.end(id)).status, "completed")
      assert.lengthOf(yield* host.executionsOf(workflowId), 1)
    }))

  test("while the parent waits in memory", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(thenDone)
      const id = yield* host.start(parentOf(workflowId))
      yield* host.restart
      assert.strictEqual((yield* host.get(one(yield* host.executionsOf(workflowId)).id)).status, "running")
      yield* endsOnce(host, id, workflowId)
    }))

  test("while the parent is parked", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(thenDone)
      const id = yield* host.start(parentOf(workflowId))
      yield* pass("10 seconds")
      yield* host.restart
      yield* pass("1 day")
      yield* host.restart
      yield* parkedSoon(id)
      yield* endsOnce(host, id, workflowId)
    }))

  test("after the child's end, before the parent is told", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(thenDone)
      const id = yield* host.start(parentOf(workflowId))
      yield* pass("10 seconds")
      const started = one(yield* host.executionsOf(workflowId))
      const repository = yield* ExecutionRepository
      yield* Faults.use(({ failNext }) => failNext("journal.remove"))
      yield* host.signal(started.id, "go")
      assert.strictEqual(Option.getOrThrow(yield* repository.find(started.id, null)).execution.status, "completed")
      yield* host.restart
      assert.strictEqual((yield* host.end(id)).status, "completed")
      assert.lengthOf(yield* host.executionsOf(workflowId), 1)
    }))

  test("of another step's record leaves the child alone", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(thenDone)
      const id = yield* host.start({ steps: [child(workflowId), event("beside", 1), set("after", 2)], ...long })
      yield* Faults.use(({ failNext }) => failNext("journal.record"))
      yield* host.signal(id, "go")
      const started = one(yield* host.executionsOf(workflowId))
      assert.strictEqual((yield* host.get(started.id)).status, "running")
      yield* pass("5 seconds")
      yield* host.signal(started.id, "go")
      assert.strictEqual((yield* host.end(id)).status, "completed")
      assert.lengthOf(yield* host.executionsOf(workflowId), 1)
    }))

  test("between the cancel of the parent and that of the child: it is cancelled then", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(thenDone)
      const id = yield* host.start(parentOf(workflowId))
      const started = one(yield* host.executionsOf(workflowId))
      yield* (yield* Journal).requestCancel(id)
      yield* host.crash
      assert.strictEqual((yield* host.get(started.id)).status, "running")
      yield* host.wake
      yield* host.wake
      assert.strictEqual((yield* host.get(id)).status, "cancelled")
      assert.strictEqual((yield* host.get(started.id)).status, "cancelled")
    }))

  test("does not prolong the step's timeout", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(thenDone)
      const id = yield* host.start({ steps: [child(workflowId, {}, { timeout: "1h" })] })
      yield* pass("10 minutes")
      yield* host.restart
      yield* pass("25 minutes")
      yield* host.restart
      yield* pass("20 minutes")
      assert.strictEqual((yield* host.get(id)).status, "waiting")
      yield* pass("5 minutes")
      assert.strictEqual((yield* host.get(id)).error?.code, "timeout")
      assert.strictEqual(one(yield* host.executionsOf(workflowId)).status, "cancelled")
    }))

  test("never told: the parent looks for itself", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(thenDone)
      const id = yield* host.start(parentOf(workflowId))
      yield* pass("10 seconds")
      const started = one(yield* host.executionsOf(workflowId))
      // As if it had been cancelled before it reached the engine.
      yield* (yield* Journal).remove(started.id)
      const repository = yield* ExecutionRepository
      yield* repository.finish(started.id, cancelledAt(started.startedAt), null)
      yield* pass("9 minutes")
      assert.strictEqual((yield* host.get(id)).status, "waiting")
      yield* pass("1 minute")
      assert.strictEqual((yield* host.get(id)).error?.code, "child-cancelled")
    }))
})
