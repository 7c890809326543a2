import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Schema } from "effect"
import type { ExecutionId } from "../../src/domain/Ids.ts"
import { Limits } from "../../src/domain/Limits.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import type { Operation } from "../../src/layers/Operation.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Journal } from "../../src/services/Journal.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import { Host, operator, pass, settle, surviving } from "./process.ts"

const memory = surviving([])

type Layers = Layer.Success<typeof memory>

const test = (title: string, body: (host: Host) => Effect.Effect<void, unknown, Layers>) =>
  it.effect(title, () => Effect.flatMap(Host.make, body).pipe(Effect.provide(memory), Effect.scoped))

const event = { id: "hold", type: "wait-for-event", order: 1, config: { signal: "go" } }
const broken = { id: "no", type: "fail", order: 2, config: { message: "Broken" } }
const handler = {
  steps: [{ id: "all", type: "transform", order: 1, config: { operation: "expression", expression: "inputs" } }]
}
const failing = (onFailure: string, more: object = {}) => ({ steps: [event, broken], settings: { onFailure, ...more } })

const log = (host: Host, id: ExecutionId) =>
  Effect.map(
    host.inside(Executions.use(({ logs }) => logs(operator, id))),
    (entries) => entries.filter(({ message }) => /workflow for failures/i.test(message))
  )

describe("settings.onFailure", () => {
  test("starts the workflow with the failed execution as its inputs", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(handler)
      const id = yield* host.start(failing(workflowId), { a: 1 })
      yield* host.signal(id, "go")
      yield* settle
      const { steps: _, ...failed } = yield* host.get(id)
      assert.strictEqual(failed.status, "failed")
      const [started, ...others] = yield* host.executionsOf(workflowId)
      assert.deepStrictEqual(others, [])
      assert.deepInclude(started, { status: "completed", trigger: "failure", parentId: id })
      assert.deepStrictEqual<unknown>(started?.inputs, failed)
      assert.deepStrictEqual<unknown>(failed.error, { stepId: "no", code: "failed", message: "Broken" })
      assert.deepStrictEqual((yield* log(host, id)).map(({ data, level }) => ({ data, level })), [
        { level: "info", data: { workflowId, executionId: started?.id ?? "" } }
      ])
    }))

  test("starts the workflow without the inputs of the execution, where the whole would be too large", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(handler)
      const inputs = { a: "x".repeat(Limits.inputBytes - 10) }
      const id = yield* host.start(failing(workflowId), inputs)
      yield* host.signal(id, "go")
      yield* settle
      assert.deepStrictEqual<unknown>((yield* host.get(id)).inputs, inputs)
      const [started] = yield* host.executionsOf(workflowId)
      assert.deepInclude(Object(started?.inputs), { id, status: "failed", inputs: null })
    }))

  test("starts nothing for what completed or was cancelled", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(handler)
      const cancelled = yield* host.start(failing(workflowId))
      yield* host.cancel(cancelled)
      const completed = yield* host.start({ ...handler, settings: { onFailure: workflowId } })
      yield* pass("5 minutes")
      assert.deepStrictEqual([(yield* host.get(cancelled)).status, (yield* host.get(completed)).status], [
        "cancelled",
        "completed"
      ])
      assert.deepStrictEqual(yield* host.executionsOf(workflowId), [])
    }))

  test("starts nothing for what the engine did not take", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(handler)
      const own = yield* host.save(failing(workflowId))
      yield* Faults.use(({ failNext }) => failNext("journal.create"))
      yield* Effect.exit(
        host.inside(
          Executions.use(({ start }) =>
            start(operator, { workflowId: own, inputs: {}, requestId: null, waitMillis: 0 })
          )
        )
      )
      yield* pass("5 minutes")
      assert.strictEqual((yield* host.executionsOf(own))[0]?.error?.code, "EXECUTION-001")
      assert.deepStrictEqual(yield* host.executionsOf(workflowId), [])
    }))

  test("starts it when the run took too long, and when it was given up", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(handler)
      const late = yield* host.start(failing(workflowId, { timeout: "1m" }))
      yield* pass("1 minute")
      assert.strictEqual((yield* host.get(late)).error?.code, "run-timeout")
      assert.lengthOf(yield* host.executionsOf(workflowId), 1)
      const given = yield* host.start(failing(workflowId))
      for (let resumes = 0; resumes <= 20; resumes++) yield* host.restart
      assert.strictEqual((yield* host.get(given)).error?.code, "internal")
      assert.lengthOf(yield* host.executionsOf(workflowId), 2)
    }))

  test(`that names its own workflow ends after ${Limits.executionDepth}`, (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save({ steps: [broken] })
      const update = Schema.decodeUnknownSync(Schema.Struct({ onFailure: Schema.String }))
      yield* host.inside(Effect.gen(function*() {
        const workflows = yield* Workflows
        const workflow = yield* workflows.get(operator, workflowId)
        // SAFETY: a setting as a client writes it.
        const settings = update({ onFailure: workflow.id }) as never
        yield* workflows.update(operator, workflowId, { settings }, null)
      }))
      yield* host.startSaved(workflowId)
      yield* Effect.repeat(settle, { times: 30 })
      yield* pass("5 minutes")
      const executions = yield* host.executionsOf(workflowId)
      assert.lengthOf(executions, Limits.executionDepth)
      assert.isTrue(executions.every(({ status }) => status === "failed"))
      const ids = new Set(executions.map(({ id }) => id))
      assert.lengthOf(executions.filter(({ parentId }) => parentId !== null && ids.has(parentId)), 9)
      const last = executions.find(({ id }) => !executions.some(({ parentId }) => parentId === id))
      const [line] = last === undefined ? [] : yield* log(host, last.id)
      assert.deepInclude(line, { level: "warn", message: "The workflow for failures could not be started" })
      assert.deepInclude(line?.data, { code: "workflow-depth" })
    }))

  for (
    const [why, code, definition] of [
      ["is not active", "workflow-inactive", { ...handler, status: "inactive" }],
      ["is another tenant's", "workflow-not-found", { ...handler, tenantId: "other" }],
      ["takes other inputs", "invalid-input", { ...handler, inputSchema: { required: ["never"] } }]
    ] as const
  ) {
    test(`a workflow that ${why} is not started; the log says so, and the end is stored`, (host) =>
      Effect.gen(function*() {
        const workflowId = yield* host.save(definition)
        const id = yield* host.start(failing(workflowId))
        yield* host.signal(id, "go")
        assert.strictEqual((yield* host.get(id)).error?.code, "failed")
        const [line, ...others] = yield* log(host, id)
        assert.deepStrictEqual(others, [])
        assert.strictEqual(line?.level, "warn")
        assert.deepInclude(line?.data, { workflowId, code })
        assert.deepStrictEqual(yield* host.executionsOf(workflowId), [])
        assert.isTrue(yield* (yield* Journal).isEmpty)
      }))
  }

  const once = Effect.fnUntraced(
    function*(host: Host, id: ExecutionId, workflowId: Parameters<Host["executionsOf"]>[0]) {
      yield* pass("20 seconds")
      yield* pass("3 minutes")
      assert.deepStrictEqual((yield* host.executionsOf(workflowId)).map(({ status }) => status), ["completed"])
      assert.strictEqual((yield* host.get(id)).status, "failed")
      assert.lengthOf(yield* log(host, id), 1)
      assert.isTrue(yield* (yield* Journal).isEmpty)
    }
  )

  const faults: ReadonlyArray<Operation> = [
    "executions.find",
    "executions.insert",
    "journal.create",
    "archive.put",
    "executions.finish",
    "journal.remove"
  ]
  for (const operation of faults) {
    for (const crash of [false, true]) {
      test(`is started once although ${operation} fails${crash ? ", and the process crashes then" : ""}`, (host) =>
        Effect.gen(function*() {
          const workflowId = yield* host.save(handler)
          // Fails without a call from outside, which would meet the fault.
          const id = yield* host.start({
            steps: [{ ...event, type: "delay", config: { duration: "5s" } }, broken],
            settings: { onFailure: workflowId }
          })
          yield* Faults.use(({ failNext }) => failNext(operation, 2))
          yield* pass("5 seconds")
          if (crash) yield* host.crash
          yield* once(host, id, workflowId)
        }))
    }
  }

  test("does not keep the end from being read", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(handler)
      const id = yield* host.start({
        steps: [{ ...event, type: "delay", config: { duration: "5s" } }, broken],
        settings: { onFailure: workflowId }
      })
      yield* Faults.use(({ failNext }) => failNext("executions.insert"))
      yield* pass("5 seconds")
      const repository = yield* ExecutionRepository
      assert.strictEqual(Option.getOrThrow(yield* repository.find(id, null)).execution.status, "failed")
      assert.deepStrictEqual(yield* host.executionsOf(workflowId), [])
      yield* once(host, id, workflowId)
    }))

  test("of a child: the parent is told as well", (host) =>
    Effect.gen(function*() {
      const handles = yield* host.save(handler)
      const child = yield* host.save(failing(handles))
      const id = yield* host.start({
        steps: [{ id: "sub", type: "workflow", order: 1, config: { workflowId: child } }]
      })
      const [started] = yield* host.executionsOf(child)
      if (started !== undefined) yield* host.signal(started.id, "go")
      yield* settle
      assert.strictEqual((yield* host.get(id)).error?.code, "child-failed")
      const [handled] = yield* host.executionsOf(handles)
      assert.strictEqual(handled?.inputs["parentId"], id)
    }))
})

describe("an execution that found no free slot", () => {
  test("has not failed by running: nothing is started for it", (host) =>
    Effect.gen(function*() {
      const workflowId = yield* host.save(handler)
      const limited = yield* host.save(failing(workflowId, { concurrency: { limit: 1, whenFull: "reject" } }))
      const first = yield* host.startSaved(limited)
      const refused = yield* host.startSaved(limited)
      assert.strictEqual((yield* host.get(refused)).status, "failed")
      assert.deepStrictEqual(yield* host.executionsOf(workflowId), [])
      yield* host.signal(first, "go")
      yield* settle
      assert.strictEqual((yield* host.executionsOf(workflowId)).length, 1)
    }))
})
