import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { fireReasons } from "../../src/domain/Fire.ts"
import { WorkflowId } from "../../src/domain/Ids.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import type { ScheduleTable } from "../../src/layers/memory/ScheduleTable.ts"
import { toFire } from "../../src/layers/ScheduleRow.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { at, epoch } from "../contract/Data.ts"
import { idleEngine, ledger, runsOver, scheduled, turn } from "./schedules.ts"

const minute = 60_000

/** Runs a test with the clock at the epoch, over an engine of its own. */
const withRuns = <A, E>(
  test: (
    engine: ReturnType<typeof idleEngine>
  ) => Effect.Effect<A, E, WorkflowRepository | ExecutionRepository | ScheduleTable | Faults | ScheduleRunsService>
) =>
  Effect.suspend(() => {
    const engine = idleEngine()
    return TestClock.setTime(epoch).pipe(Effect.andThen(test(engine)), Effect.provide(runsOver(engine.layer)))
  })

type ScheduleRunsService = Effect.Services<typeof turn>

/** The ledger as the API shows it. */
const told = Effect.map(ledger, (fires) => fires.map(toFire))

const insert = (...args: Parameters<typeof scheduled>) =>
  WorkflowRepository.use((workflows) => workflows.insert(scheduled(...args)))

const executionsOf = (workflowId: string) =>
  ExecutionRepository.use((executions) =>
    executions.list({ tenantId: null, workflowId: WorkflowId.make(workflowId), limit: 100 })
  ).pipe(Effect.map(({ items }) => items))

describe("ScheduleRuns", () => {
  it.effect("starts what is due, with the schedule's inputs, and says when to come again", () =>
    withRuns((engine) =>
      Effect.gen(function*() {
        yield* insert("w", [{ cron: "*/5 * * * *", inputs: { a: 1 } }])
        assert.deepStrictEqual(yield* turn, { started: 0, next: Option.some(at(5 * minute)) })
        yield* TestClock.setTime(epoch + 5 * minute + 300)
        assert.deepStrictEqual(yield* turn, { started: 1, next: Option.some(at(10 * minute)) })
        const [execution] = yield* executionsOf("w")
        assert.deepInclude(execution, { trigger: "schedule", inputs: { a: 1 }, status: "pending" })
        assert.match(execution?.id ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        assert.deepStrictEqual(engine.taken, [execution?.id])
        assert.deepStrictEqual(yield* told, [{
          number: 0,
          fireAt: at(5 * minute),
          until: null,
          status: "started",
          reason: null,
          lateMs: 300,
          executionId: execution?.id ?? null,
          recordedAt: at(5 * minute + 300)
        }])
      })
    ))

  it.effect("starts one execution, however many turns there are at once", () =>
    withRuns((engine) =>
      Effect.gen(function*() {
        yield* insert("w", [{ cron: "*/5 * * * *" }])
        yield* TestClock.setTime(epoch + 5 * minute)
        yield* Effect.all([turn, turn, turn], { concurrency: "unbounded" })
        yield* turn
        assert.strictEqual(engine.taken.length, 1)
        assert.strictEqual((yield* told).length, 1)
      })
    ))

  for (const operation of ["schedules.take", "schedules.findDue", "executions.insert", "schedules.record"] as const) {
    it.effect(`loses nothing and starts nothing twice when ${operation} fails`, () =>
      withRuns((engine) =>
        Effect.gen(function*() {
          yield* insert("w", [{ cron: "0 * * * *" }])
          yield* TestClock.setTime(epoch + 60 * minute)
          yield* Faults.use((faults) => faults.failNext(operation))
          yield* Effect.exit(turn)
          yield* TestClock.adjust("121 seconds")
          yield* turn
          yield* TestClock.adjust("121 seconds")
          yield* turn
          const executions = yield* executionsOf("w")
          assert.strictEqual(executions.length, 1)
          // The sweep brings a row to the engine that was stored before the failure.
          assert.strictEqual(engine.taken.length, operation === "schedules.record" ? 0 : 1)
          const [fire] = yield* told
          assert.deepInclude(fire, { status: "started", executionId: executions[0]?.id ?? null })
        })
      ))
  }

  it.effect("comes again for what it could not start", () =>
    withRuns(() =>
      Effect.gen(function*() {
        yield* insert("w", [{ cron: "0 * * * *" }])
        yield* TestClock.setTime(epoch + 60 * minute)
        yield* Faults.use((faults) => faults.failNext("executions.insert"))
        assert.deepStrictEqual(yield* turn, { started: 0, next: Option.some(at(62 * minute + 1)) })
      })
    ))

  it.effect("skips while the execution before has not ended, and says so", () =>
    withRuns((engine) =>
      Effect.gen(function*() {
        yield* insert("w", [{ cron: "*/5 * * * *", overlap: "skip" }, { cron: "*/5 * * * *", overlap: "allow" }])
        yield* TestClock.setTime(epoch + 10 * minute)
        yield* turn
        assert.strictEqual(engine.taken.length, 3)
        const skipped = (yield* told).filter(({ status }) => status === "skipped")
        const first = (yield* told).find(({ fireAt, number }) => fireAt === at(5 * minute) && number === 0)
        assert.deepStrictEqual(skipped.map(({ fireAt, number, reason }) => ({ fireAt, number, reason })), [
          { fireAt: at(10 * minute), number: 0, reason: fireReasons.overlap(first?.executionId ?? "") }
        ])
      })
    ))

  it.effect("tells what can't be started: inputs that don't fit", () =>
    withRuns(() =>
      Effect.gen(function*() {
        const workflow = {
          ...scheduled("w", [{ cron: "0 * * * *", inputs: { n: "text" } }]),
          inputSchema: { properties: { n: { type: "number" } } }
        }
        yield* WorkflowRepository.use((workflows) => workflows.insert(workflow))
        yield* TestClock.setTime(epoch + 60 * minute)
        yield* turn
        const [fire] = yield* told
        assert.strictEqual(fire?.status, "failed")
        assert.match(fire?.reason ?? "", /inputs\.n/)
        assert.deepStrictEqual(yield* executionsOf("w"), [])
      })
    ))

  it.effect("starts 10,000 that are due in the same minute, each once, 80 in a turn", () =>
    withRuns((engine) =>
      Effect.gen(function*() {
        const names = Array.from({ length: 10_000 }, (_, index) => `w-${index}`)
        yield* Effect.forEach(names, (name) => insert(name, [{ cron: "0 12 * * *" }]), { discard: true })
        const noon = 12 * 60 * minute
        yield* TestClock.setTime(epoch + noon)
        let turns = 0
        let again = true
        while (again) {
          const { next, started } = yield* turn
          turns++
          assert.isAtMost(started, 80)
          again = Option.getOrThrow(next) < at(noon + 60 * minute)
          // The engine is slow: the burst takes longer than the grace.
          yield* TestClock.adjust("3 seconds")
        }
        assert.strictEqual(turns, 126)
        assert.strictEqual(new Set(engine.taken).size, 10_000)
        assert.strictEqual(engine.taken.length, 10_000)
        const fires = yield* told
        assert.strictEqual(fires.length, 10_000)
        assert.sameMembers([...new Set(fires.map(({ status }) => status))], ["started", "late"])
        assert.isTrue(fires.every(({ lateMs, status }) => (status === "late") === ((lateMs ?? 0) > 300_000)))
      })
    ))
})
