import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option } from "effect"
import type { ExecutionProgress } from "../../src/domain/ExecutionProgress.ts"
import { ExecutionId } from "../../src/domain/Ids.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Executor } from "../../src/services/Executor.ts"
import { Host, operator, pass, settle, surviving } from "./process.ts"

const url = "https://api.example.test/slow"
const slow = { id: "slow", type: "http-request", order: 1, config: { url } }
const after = { id: "after", type: "transform", order: 2, config: { operation: "set", values: { done: true } } }
const definition = { steps: [slow, after] }
const approval = {
  steps: [{ id: "approval", type: "wait-for-event", order: 1, config: { signal: "approved" } }]
}
const upstreams = surviving([{ url, respond: { body: {}, delay: "5 seconds" } }])

const watch = (host: Host, id: ExecutionId, options: { after?: number; untilWaiting?: boolean; waitMillis: number }) =>
  host.inside(Executor.use((executor) =>
    executor.watch({ id, placement: "memory" }, {
      after: options.after ?? null,
      untilWaiting: options.untilWaiting ?? false,
      waitMillis: options.waitMillis
    })
  ))

const wait = (host: Host, id: ExecutionId, waitMillis: number, told?: Array<ExecutionProgress>) =>
  host.inside(Executions.use((executions) =>
    executions.wait(operator, id, {
      waitMillis,
      ...(told === undefined ? {} : { onProgress: (progress) => Effect.sync(() => void told.push(progress)) })
    })
  ))

describe("watching an execution", () => {
  it.effect("answers at once where there are entries that the onlooker does not know", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start(definition)
      const watching = yield* Effect.forkChild(watch(host, id, { after: 0, waitMillis: 10_000 }))
      yield* pass("1 second")
      const progress = Option.getOrThrow(yield* Fiber.join(watching))
      assert.deepStrictEqual(progress.entries.map(({ message }) => message), ["Execution started", "Step started"])
      assert.strictEqual(progress.logged, 2)
      assert.deepStrictEqual(progress.steps, { finished: 0, total: 2 })
      assert.isNull(progress.end)
    }).pipe(Effect.provide(upstreams)))

  it.effect("answers when the next entry comes", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start(definition)
      const watching = yield* Effect.forkChild(watch(host, id, { after: 2, waitMillis: 60_000 }))
      yield* pass("4 seconds")
      assert.isUndefined(watching.pollUnsafe())
      yield* pass("2 seconds")
      const progress = Option.getOrThrow(yield* Fiber.join(watching))
      assert.strictEqual(progress.entries[0]?.message, "Step completed")
    }).pipe(Effect.provide(upstreams)))

  it.effect("answers after its time without news", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start(definition)
      const watching = yield* Effect.forkChild(watch(host, id, { after: 2, waitMillis: 3_000 }))
      yield* pass("3 seconds")
      const progress = Option.getOrThrow(yield* Fiber.join(watching))
      assert.deepStrictEqual([progress.status, progress.entries, progress.end], ["running", [], null])
    }).pipe(Effect.provide(upstreams)))

  it.effect("looks for the end alone, if told so, and tells what it came to", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start(definition)
      const watching = yield* Effect.forkChild(watch(host, id, { waitMillis: 60_000 }))
      yield* pass("6 seconds")
      const progress = Option.getOrThrow(yield* Fiber.join(watching))
      assert.deepStrictEqual(progress.end?.outputs, { after: { done: true } })
      assert.deepStrictEqual(progress.entries, [])
    }).pipe(Effect.provide(upstreams)))

  it.effect("takes a wait of all steps for news, if told so", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start(approval)
      const watching = yield* Effect.forkChild(watch(host, id, { untilWaiting: true, waitMillis: 60_000 }))
      for (let second = 0; second < 8; second++) yield* pass("1 second")
      const progress = Option.getOrThrow(yield* Fiber.join(watching))
      assert.deepStrictEqual([progress.status, progress.end], ["waiting", null])
    }).pipe(Effect.provide(upstreams)))

  it.effect("goes on while the execution is parked", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start(approval)
      for (let second = 0; second < 8; second++) yield* pass("1 second")
      const waiting = yield* Effect.forkChild(wait(host, id, 25_000))
      yield* settle
      yield* host.signal(id, "approved", { by: "Ada" })
      yield* pass("1 second")
      assert.deepStrictEqual((yield* Fiber.join(waiting)).outputs, { approval: { by: "Ada" } })
    }).pipe(Effect.provide(upstreams)))

  it.effect("finds nothing of an execution that is not here", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const found = yield* watch(host, ExecutionId.make("nobody"), { after: 0, waitMillis: 10_000 })
      assert.isTrue(Option.isNone(found))
    }).pipe(Effect.provide(upstreams)))
})

describe("waiting for an execution", () => {
  it.effect("tells each entry of the log once, and answers the end", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start(definition)
      const told: Array<ExecutionProgress> = []
      const waiting = yield* Effect.forkChild(wait(host, id, 25_000, told))
      for (let second = 0; second < 7; second++) yield* pass("1 second")
      const execution = yield* Fiber.join(waiting)
      assert.strictEqual(execution.status, "completed")
      assert.deepStrictEqual(told.flatMap(({ entries }) => entries.map(({ message }) => message)), [
        "Execution started",
        "Step started",
        "Step completed",
        "Step started",
        "Step completed",
        "Execution completed"
      ])
      assert.deepStrictEqual(told.at(-1)?.steps, { finished: 2, total: 2 })
    }).pipe(Effect.provide(upstreams)))

  it.effect("answers how it stands when the time is over", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start(definition)
      const waiting = yield* Effect.forkChild(wait(host, id, 2_000))
      yield* pass("2 seconds")
      const execution = yield* Fiber.join(waiting)
      assert.deepStrictEqual([execution.status, execution.steps[0]?.status], ["running", "running"])
    }).pipe(Effect.provide(upstreams)))

  it.effect("leaves the execution running when it is interrupted", () =>
    Effect.gen(function*() {
      const host = yield* Host.make
      const id = yield* host.start(definition)
      const waiting = yield* Effect.forkChild(wait(host, id, 25_000))
      yield* settle
      yield* Fiber.interrupt(waiting)
      assert.strictEqual((yield* host.get(id)).status, "running")
      assert.strictEqual((yield* host.end(id)).status, "completed")
    }).pipe(Effect.provide(upstreams)))
})
