import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { ExecutionId, TenantId, WorkflowId } from "../../src/domain/Ids.ts"
import { Timestamp } from "../../src/domain/Timestamp.ts"
import { LocalExecutor } from "../../src/engine/LocalExecutor.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Journal } from "../../src/services/Journal.ts"
import { Maintenance } from "../../src/services/Maintenance.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import * as ScriptedHttp from "../../src/testing/ScriptedHttp.ts"
import { httpStep, workflowOf } from "./definitions.ts"
import { boot, countRequests, operator, settle, surviving } from "./process.ts"

const quickRoutes: ReadonlyArray<ScriptedRoute> = [
  { url: "https://up.example.com/1", respond: { body: [1] } },
  { url: "https://up.example.com/2", respond: { body: [2] } },
  { url: "https://up.example.com/3", respond: { body: [3] } }
]
const slowThird = [
  ...quickRoutes.slice(0, 2),
  {
    url: "https://up.example.com/3",
    respond: { body: [3], delay: "20 seconds" }
  } satisfies ScriptedRoute
]

const threeSteps = workflowOf(httpStep("a", 1), httpStep("b", 2), httpStep("c", 3))

const begin = (waitMillis = 0) =>
  Effect.gen(function*() {
    const workflows = yield* Workflows
    const executions = yield* Executions
    const workflow = yield* workflows.create(operator, threeSteps)
    return yield* executions.start(operator, { workflowId: workflow.id, requestId: null, waitMillis })
  })

const get = (id: ExecutionId) => Effect.flatMap(Executions, (executions) => executions.get(operator, id))

/** Starts a run in a process that crashes. */
const brokenOff = Effect.gen(function*() {
  const { context, crash } = yield* boot
  const { id } = yield* Effect.provideContext(begin(), context)
  yield* settle
  yield* crash
  return id
})

/** Starts the process and lets it take up what broke off. */
const wakeUp = Effect.gen(function*() {
  const started = yield* boot
  yield* Effect.provideContext(Effect.flatMap(LocalExecutor, ({ wake }) => wake), started.context)
  yield* settle
  return started
})

describe("a crash", () => {
  it.effect("goes on from the journal: no recorded step runs again, the unfinished one has the same key", () =>
    Effect.gen(function*() {
      const first = yield* boot
      const { id } = yield* Effect.provideContext(begin(), first.context)
      yield* settle
      const before = yield* Effect.provideContext(get(id), first.context)
      assert.deepStrictEqual(before.steps.map(({ status }) => status), ["completed", "completed", "running"])
      yield* first.crash

      const second = yield* wakeUp
      yield* TestClock.adjust("21 seconds")
      yield* settle
      const after = yield* Effect.provideContext(get(id), second.context)
      assert.strictEqual(after.status, "completed")
      assert.deepStrictEqual(after.outputs, { c: [3] })
      assert.deepStrictEqual(yield* countRequests, { 1: 1, 2: 1, 3: 2 })
      const { all } = yield* ScriptedHttp.SeenRequests
      assert.deepStrictEqual(
        (yield* all).filter(({ url }) => url.endsWith("3")).map(({ headers }) => headers["idempotency-key"]),
        [`${id}:c`, `${id}:c`]
      )
      const logs = yield* Effect.provideContext(
        Effect.flatMap(Executions, (executions) => executions.logs(operator, id)),
        second.context
      )
      assert.deepStrictEqual(logs.map(({ message }) => message), [
        "Execution started",
        "Step started",
        "Step completed",
        "Step started",
        "Step completed",
        "Execution taken up again",
        "Step started",
        "Step completed",
        "Execution completed"
      ])
    }).pipe(Effect.provide(surviving(slowThird)), Effect.scoped))

  it.effect("after a crash the alarm alone brings the run to its end", () =>
    Effect.gen(function*() {
      const id = yield* brokenOff
      const second = yield* boot
      yield* TestClock.adjust("40 seconds")
      yield* settle
      yield* TestClock.adjust("40 seconds")
      yield* settle
      const after = yield* Effect.provideContext(get(id), second.context)
      assert.strictEqual(after.status, "completed")
    }).pipe(Effect.provide(surviving(slowThird)), Effect.scoped))

  it.effect("a cancel that was asked for before a crash is carried out after it", () =>
    Effect.gen(function*() {
      const first = yield* boot
      const { id } = yield* Effect.provideContext(begin(), first.context)
      yield* settle
      const journal = yield* Journal
      yield* journal.requestCancel(id)
      yield* first.crash
      const second = yield* wakeUp
      assert.strictEqual((yield* Effect.provideContext(get(id), second.context)).status, "cancelled")
    }).pipe(Effect.provide(surviving(slowThird)), Effect.scoped))

  it.effect("a run that breaks off again and again is given up, not left running", () =>
    Effect.gen(function*() {
      const id = yield* brokenOff
      for (let resumes = 0; resumes < 20; resumes++) {
        const next = yield* wakeUp
        assert.strictEqual((yield* Effect.provideContext(get(id), next.context)).status, "running")
        yield* next.crash
      }
      const last = yield* wakeUp
      const after = yield* Effect.provideContext(get(id), last.context)
      assert.strictEqual(after.status, "failed")
      assert.strictEqual(after.error?.code, "internal")
    }).pipe(Effect.provide(surviving(slowThird)), Effect.scoped))
})

describe("a take-up that fails", () => {
  for (const operation of ["journal.countResume", "journal.load", "journal.due", "executions.finish"] as const) {
    it.effect(`${operation}, 3 times after a crash: the alarm tries again until the run has ended`, () =>
      Effect.gen(function*() {
        const id = yield* brokenOff
        const second = yield* boot
        const faults = yield* Faults
        yield* faults.failNext(operation, 3)
        for (let second = 0; second < 150; second++) {
          yield* settle
          yield* TestClock.adjust("1 second")
        }
        const after = yield* Effect.provideContext(get(id), second.context)
        assert.strictEqual(after.status, "completed")
        assert.deepStrictEqual(yield* countRequests, { 1: 1, 2: 1, 3: 2 })
      }).pipe(Effect.provide(surviving(slowThird)), Effect.scoped))
  }

  it.effect("looking at a run that broke off does not run it", () =>
    Effect.gen(function*() {
      const id = yield* brokenOff
      const second = yield* boot
      for (let look = 0; look < 30; look++) {
        assert.strictEqual((yield* Effect.provideContext(get(id), second.context)).status, "running")
        yield* settle
      }
      assert.deepStrictEqual(yield* countRequests, { 1: 1, 2: 1, 3: 1 })
    }).pipe(Effect.provide(surviving(slowThird)), Effect.scoped))
})

describe("an output that JSON can't say", () => {
  const huge: ReadonlyArray<ScriptedRoute> = [{
    url: "https://up.example.com/1",
    respond: { body: "{\"count\": 1e400}", headers: { "content-type": "application/json" } }
  }, ...quickRoutes.slice(1)]

  for (const onError of ["fail", "continue"] as const) {
    it.effect(`fails its step once, with onError "${onError}"`, () =>
      Effect.gen(function*() {
        const { context } = yield* boot
        const workflow = yield* Effect.provideContext(
          Effect.flatMap(Workflows, ({ create }) =>
            create(operator, workflowOf(httpStep("a", 1, { onError }), httpStep("b", 2)))),
          context
        )
        const started = yield* Effect.provideContext(
          Effect.flatMap(Executions, ({ start }) =>
            start(operator, { workflowId: workflow.id, requestId: null, waitMillis: 0 })),
          context
        )
        yield* settle
        const after = yield* Effect.provideContext(get(started.id), context)
        assert.strictEqual(after.status, onError === "fail" ? "failed" : "completed")
        assert.strictEqual(after.steps[0]?.error?.code, "invalid-output")
        assert.deepStrictEqual(yield* countRequests, onError === "fail" ? { 1: 1 } : { 1: 1, 2: 1 })
      }).pipe(Effect.provide(surviving(huge)), Effect.scoped))
  }
})

describe("a store that fails", () => {
  for (const operation of ["executions.insert", "journal.load", "journal.create", "alarm.setNoLaterThan"] as const) {
    it.effect(`${operation}: the start is refused, and nothing stays running`, () =>
      Effect.gen(function*() {
        const { context } = yield* boot
        const faults = yield* Faults
        yield* faults.failNext(operation)
        const error = yield* Effect.flip(Effect.provideContext(begin(1000), context))
        assert.strictEqual(error._tag, "EngineUnavailable")
        const executions = yield* Effect.provideContext(
          Effect.flatMap(Executions, ({ list }) => list(operator, { tenantId: null, limit: 10 })),
          context
        )
        assert.deepStrictEqual(
          executions.items.map(({ status }) => status),
          operation === "executions.insert" ? [] : ["failed"]
        )
      }).pipe(Effect.provide(surviving(quickRoutes)), Effect.scoped))
  }

  for (
    const operation of [
      "journal.record",
      "journal.end",
      "journal.remove",
      "journal.due",
      "journal.countResume",
      "archive.put",
      "executions.finish",
      "executions.progress"
    ] as const
  ) {
    for (const times of [1, 3]) {
      it.effect(`${operation}, ${times} times: the run ends completed, stored later`, () =>
        Effect.gen(function*() {
          const { context } = yield* boot
          const faults = yield* Faults
          yield* faults.failNext(operation, times)
          const { id } = yield* Effect.provideContext(begin(), context)
          for (let second = 0; second < 60; second++) {
            yield* settle
            yield* TestClock.adjust("1 second")
          }
          const after = yield* Effect.provideContext(get(id), context)
          assert.strictEqual(after.status, "completed")
          assert.deepStrictEqual(after.outputs, { c: [3] })
          const journal = yield* Journal
          assert.isTrue(yield* journal.isEmpty)
          const row = yield* Effect.provideContext(
            Effect.flatMap(Executions, ({ list }) => list(operator, { tenantId: null, limit: 10 })),
            context
          )
          assert.deepStrictEqual(row.items.map(({ status }) => status), ["completed"])
        }).pipe(Effect.provide(surviving(quickRoutes)), Effect.scoped), 20_000)
    }
  }
})

describe("cancel", () => {
  it.effect("interrupts the running step and skips the rest", () =>
    Effect.gen(function*() {
      const { context } = yield* boot
      const { id } = yield* Effect.provideContext(begin(), context)
      yield* settle
      const cancelled = yield* Effect.provideContext(
        Effect.flatMap(Executions, ({ cancel }) => cancel(operator, id)),
        context
      )
      assert.strictEqual(cancelled.status, "cancelled")
      assert.deepStrictEqual(cancelled.steps.map(({ status }) => status), ["completed", "completed", "cancelled"])
      const again = yield* Effect.flip(
        Effect.provideContext(Effect.flatMap(Executions, ({ cancel }) => cancel(operator, id)), context)
      )
      assert.strictEqual(again._tag, "ExecutionFinished")
    }).pipe(Effect.provide(surviving(slowThird)), Effect.scoped))

  it.effect("of an execution that never reached the engine ends it, and a late start does not run it", () =>
    Effect.gen(function*() {
      const { context } = yield* boot
      const executor = yield* Effect.provideContext(LocalExecutor, context)
      const id = ExecutionId.make("late")
      assert.isTrue(Option.isNone(yield* executor.cancel(id)))
      const started = yield* executor.start({
        executionId: id,
        workflowId: WorkflowId.make("w"),
        workflowVersion: 1,
        tenantId: TenantId.make("t"),
        definition: { name: "w", description: null, steps: threeSteps.steps, triggers: [] },
        inputs: {},
        trigger: "api",
        requestId: null,
        createdAt: threeSteps.at
      }, { waitMillis: 0, recovery: false })
      assert.isTrue(Option.isNone(started))
    }).pipe(Effect.provide(surviving(quickRoutes)), Effect.scoped))
})

type Process = Effect.Success<typeof boot>["context"]

const sweepOnce = (context: Process) => Effect.provideContext(Effect.flatMap(Maintenance, ({ tick }) => tick), context)

const statuses = (context: Process) =>
  Effect.map(
    Effect.provideContext(
      Effect.flatMap(Executions, ({ list }) => list(operator, { tenantId: null, limit: 10 })),
      context
    ),
    ({ items }) => items.map(({ status }) => status)
  )

describe("the sweep", () => {
  it.effect("starts what was lost between the insert and the start", () =>
    Effect.gen(function*() {
      const { context } = yield* boot
      const workflow = yield* Effect.provideContext(
        Effect.flatMap(Workflows, ({ create }) => create(operator, threeSteps)),
        context
      )
      const repository = yield* ExecutionRepository
      yield* repository.insert({
        id: ExecutionId.make("lost"),
        workflowId: workflow.id,
        tenantId: null,
        inputs: {},
        trigger: "api",
        requestId: null,
        placement: "memory",
        createdAt: Timestamp.make("1970-01-01T00:00:00.000Z"),
        checkedVersion: null,
        retry: null
      })
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(yield* sweepOnce(context), { woken: 1, pruned: 0 })
      yield* settle
      assert.deepStrictEqual(yield* statuses(context), ["completed"])
      assert.deepStrictEqual(yield* sweepOnce(context), { woken: 0, pruned: 0 })
    }).pipe(Effect.provide(surviving(quickRoutes)), Effect.scoped))

  it.effect("does not start what the caller was told is not started", () =>
    Effect.gen(function*() {
      const { context } = yield* boot
      const faults = yield* Faults
      yield* faults.failNext("journal.create")
      yield* faults.failNext("executions.finish")
      yield* Effect.flip(Effect.provideContext(begin(), context))
      assert.deepStrictEqual(yield* statuses(context), ["pending"])
      yield* TestClock.adjust("2 minutes")
      yield* sweepOnce(context)
      yield* settle
      assert.deepStrictEqual(yield* statuses(context), ["failed"])
      assert.deepStrictEqual(yield* countRequests, {})
    }).pipe(Effect.provide(surviving(quickRoutes)), Effect.scoped))

  it.effect("removes executions past their retention", () =>
    Effect.gen(function*() {
      const { context } = yield* boot
      const { id } = yield* Effect.provideContext(begin(1000), context)
      yield* TestClock.adjust("29 days")
      assert.strictEqual(
        (yield* Effect.provideContext(Effect.flatMap(Maintenance, ({ tick }) => tick), context)).pruned,
        0
      )
      yield* TestClock.adjust("2 days")
      assert.strictEqual(
        (yield* Effect.provideContext(Effect.flatMap(Maintenance, ({ tick }) => tick), context)).pruned,
        1
      )
      assert.strictEqual((yield* Effect.flip(Effect.provideContext(get(id), context)))._tag, "ExecutionNotFound")
    }).pipe(Effect.provide(surviving(quickRoutes)), Effect.scoped))
})
