import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Result } from "effect"
import { fireReasons } from "../../src/domain/Fire.ts"
import { planFires } from "../../src/domain/FirePlan.ts"
import { ExecutionId, WorkflowId } from "../../src/domain/Ids.ts"
import { decodeCursor } from "../../src/domain/Page.ts"
import type { Timestamp } from "../../src/domain/Timestamp.ts"
import type { Trigger } from "../../src/domain/Trigger.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import type { Claim, FireRef } from "../../src/services/ScheduleRepository.ts"
import { ScheduleRepository } from "../../src/services/ScheduleRepository.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { at, makeDraft, makeWorkflow, tenantA, tenantB } from "./Data.ts"

const minute = 60_000
const hour = 60 * minute

const hourly: Trigger = { type: "schedule", cron: "0 * * * *", inputs: { from: "the schedule" } }
const minutely: Trigger = { type: "schedule", cron: "* * * * *", overlap: "allow", catchUp: "all" }
const hourlyKey = "0 * * * * UTC"
const minutelyKey = "* * * * * UTC"
const id = WorkflowId.make("w")

const stored = (...triggers: ReadonlyArray<Trigger>) => makeWorkflow("w", { triggers })

/** What `due` finds, as the claims that a turn would make of it. */
const claimsAt = Effect.fnUntraced(function*(now: Timestamp) {
  const due = yield* ScheduleRepository.use((repository) => repository.due(now, 100))
  return due.map(({ nextFireAt, ...schedule }): Claim => ({
    workflowId: schedule.workflowId,
    key: schedule.key,
    number: schedule.number,
    expected: nextFireAt,
    ...planFires(schedule, nextFireAt, now)
  }))
})

const claimAt = (now: Timestamp) =>
  Effect.flatMap(claimsAt(now), (claims) => ScheduleRepository.use((repository) => repository.claim(claims, now)))

const takeAt = (millis: number, limit = 100) =>
  ScheduleRepository.use((repository) => repository.take({ now: at(millis), before: at(millis - minute), limit }))

const allFires = Effect.map(
  ScheduleRepository.use((repository) => repository.fires({ workflowId: id, limit: 100 })),
  ({ items }) => items
)

const summary = Effect.map(
  ScheduleRepository.use((repository) => repository.list(id)),
  (schedules) => schedules.map(({ key, nextFireAt, number, paused }) => ({ key, number, paused, nextFireAt }))
)

/** What every repository of schedules does, and that of workflows for it. The layer begins empty each time it is built. */
export const scheduleRepositoryContract = <E>(
  name: string,
  layer: Layer.Layer<ScheduleRepository | WorkflowRepository | ExecutionRepository, E>
) =>
  describe(`ScheduleRepository on ${name}`, () => {
    it.effect("begins the schedules of a new workflow at its time, without those of an inactive one", () =>
      Effect.gen(function*() {
        const workflows = yield* WorkflowRepository
        yield* workflows.insert(stored("webhook", hourly, "schedule", minutely))
        assert.deepStrictEqual(yield* summary, [
          { key: hourlyKey, number: 1, paused: false, nextFireAt: at(hour) },
          { key: minutelyKey, number: 3, paused: false, nextFireAt: at(minute) }
        ])
        yield* workflows.insert(makeWorkflow("still", { triggers: [hourly], status: "inactive" }))
        const schedules = yield* ScheduleRepository
        const [still] = yield* schedules.list(WorkflowId.make("still"))
        assert.strictEqual(still?.nextFireAt, null)
        assert.deepStrictEqual(yield* schedules.nextDue, Option.some(at(minute)))
      }).pipe(Effect.provide(layer)))

    it.effect("keeps a schedule that only moves among the triggers, and begins a changed one anew", () =>
      Effect.gen(function*() {
        const workflows = yield* WorkflowRepository
        const schedules = yield* ScheduleRepository
        const first = stored("webhook", hourly, minutely)
        yield* workflows.insert(first)
        yield* schedules.setPaused({ workflowId: id, key: hourlyKey }, true, null)
        const daily: Trigger = { type: "schedule", cron: "0 0 * * *" }
        const second = { ...first, triggers: [hourly, daily], version: 2, updatedAt: at(5 * minute) }
        assert.isTrue(yield* workflows.update(second, 1))
        assert.deepStrictEqual(yield* summary, [
          { key: hourlyKey, number: 0, paused: true, nextFireAt: null },
          { key: "0 0 * * * UTC", number: 1, paused: false, nextFireAt: at(24 * hour) }
        ])
        const third = { ...second, triggers: [{ ...daily, inputs: { a: 1 } }], version: 3, updatedAt: at(50 * hour) }
        assert.isTrue(yield* workflows.update(third, 2))
        assert.deepStrictEqual(yield* summary, [
          { key: "0 0 * * * UTC", number: 0, paused: false, nextFireAt: at(24 * hour) }
        ])
      }).pipe(Effect.provide(layer)))

    it.effect("leaves the schedules alone when another version is stored", () =>
      Effect.gen(function*() {
        const workflows = yield* WorkflowRepository
        const first = stored(hourly)
        yield* workflows.insert(first)
        assert.isTrue(yield* workflows.update({ ...first, version: 2 }, 1))
        assert.isFalse(yield* workflows.update({ ...first, triggers: [minutely], version: 2 }, 1))
        assert.isFalse(yield* workflows.update({ ...first, tenantId: tenantB, triggers: [], version: 3 }, 2))
        assert.isFalse(yield* workflows.remove(id, tenantB, at(1)))
        assert.deepStrictEqual((yield* summary).map(({ key }) => key), [hourlyKey])
      }).pipe(Effect.provide(layer)))

    it.effect("stops with its workflow, and begins anew when that is active again", () =>
      Effect.gen(function*() {
        const workflows = yield* WorkflowRepository
        const schedules = yield* ScheduleRepository
        const first = stored(hourly)
        yield* workflows.insert(first)
        yield* claimAt(at(hour))
        const off = { ...first, status: "inactive" as const, version: 2, updatedAt: at(hour + 1) }
        assert.isTrue(yield* workflows.update(off, 1))
        assert.deepStrictEqual((yield* summary).map(({ nextFireAt }) => nextFireAt), [null])
        assert.deepStrictEqual(yield* schedules.due(at(99 * hour), 9), [])
        assert.deepInclude((yield* allFires)[0], { status: "skipped", reason: fireReasons.revoked })
        assert.deepStrictEqual(yield* takeAt(hour + 2), [])
        yield* schedules.setPaused({ workflowId: id, key: hourlyKey }, true, null)
        yield* schedules.setPaused({ workflowId: id, key: hourlyKey }, false, at(9 * hour))
        assert.deepStrictEqual((yield* summary).map(({ nextFireAt }) => nextFireAt), [null])
        const on = { ...off, status: "active" as const, version: 3, updatedAt: at(5 * hour + 1) }
        assert.isTrue(yield* workflows.update(on, 2))
        assert.deepStrictEqual((yield* summary).map(({ nextFireAt }) => nextFireAt), [at(6 * hour)])
        yield* claimAt(at(6 * hour))
        assert.isTrue(yield* workflows.remove(id, tenantA, at(6 * hour + 1)))
        assert.deepStrictEqual(yield* summary, [])
        assert.deepStrictEqual((yield* allFires).map(({ status }) => status), ["skipped", "skipped"])
      }).pipe(Effect.provide(layer)))

    it.effect("claims a fire once, however many see that it is due", () =>
      Effect.gen(function*() {
        yield* WorkflowRepository.use(({ insert }) => insert(stored(hourly, minutely)))
        const schedules = yield* ScheduleRepository
        assert.deepStrictEqual(yield* schedules.due(at(minute - 1), 9), [])
        const claims = yield* claimsAt(at(hour))
        assert.deepStrictEqual(claims.map(({ expected, key }) => [key, expected]), [
          [minutelyKey, at(minute)],
          [hourlyKey, at(hour)]
        ])
        yield* schedules.claim(claims, at(hour))
        yield* schedules.claim(claims.map((claim) => ({ ...claim, next: at(99 * hour) })), at(hour + 5))
        assert.deepStrictEqual((yield* summary).map(({ nextFireAt }) => nextFireAt), [
          at(2 * hour),
          at(hour + minute)
        ])
        const fires = yield* allFires
        assert.strictEqual(fires.length, 61)
        assert.isTrue(fires.every(({ recordedAt, status }) => status === "due" && recordedAt === at(hour)))
        // A fire that is in the ledger already stays as it is.
        const again = claims.map((claim) => ({ ...claim, expected: at(hour + minute) }))
        yield* schedules.claim(again, at(hour + minute))
        assert.strictEqual((yield* allFires).length, 61)
      }).pipe(Effect.provide(layer)))

    it.effect("lets each fire be taken once, the oldest first, and again when nothing came of it", () =>
      Effect.gen(function*() {
        yield* WorkflowRepository.use(({ insert }) => insert(stored(minutely)))
        yield* claimAt(at(3 * minute))
        const times = (fires: ReadonlyArray<FireRef>) => fires.map(({ fireAt }) => fireAt)
        assert.deepStrictEqual(times(yield* takeAt(4 * minute, 2)), [at(minute), at(2 * minute)])
        assert.deepStrictEqual(times(yield* takeAt(4 * minute + 1, 2)), [at(3 * minute)])
        assert.deepStrictEqual(yield* takeAt(5 * minute, 2), [])
        const [first] = yield* takeAt(5 * minute + 1)
        assert.strictEqual(first?.fireAt, at(minute))
      }).pipe(Effect.provide(layer)))

    it.effect("tells what a fire needs, while it is due, and records what became of it", () =>
      Effect.gen(function*() {
        const schedules = yield* ScheduleRepository
        const executions = yield* ExecutionRepository
        yield* WorkflowRepository.use(({ insert }) => insert(stored(hourly)))
        yield* claimAt(at(hour))
        const fire: FireRef = { workflowId: id, key: hourlyKey, fireAt: at(hour) }
        const needs = { tenantId: tenantA, inputs: { from: "the schedule" }, overlap: "skip" as const, running: null }
        assert.deepStrictEqual(yield* schedules.findDue(fire), Option.some(needs))
        const executionId = ExecutionId.make("e")
        yield* executions.insert(makeDraft("e", { fire }))
        yield* schedules.record(fire, { status: "started", reason: null, lateMs: 7, executionId }, at(hour + 7))
        assert.deepStrictEqual(yield* schedules.findDue(fire), Option.none())
        // What has been recorded stays.
        yield* schedules.record(fire, { status: "failed", reason: "no", lateMs: null, executionId: null }, at(hour + 9))
        const [lastFire] = yield* allFires
        assert.deepStrictEqual(lastFire, {
          number: 0,
          fireAt: at(hour),
          until: null,
          status: "started",
          reason: null,
          lateMs: 7,
          executionId,
          recordedAt: at(hour + 7)
        })
        assert.deepStrictEqual((yield* schedules.list(id)).map((schedule) => schedule.lastFire), [lastFire ?? null])

        yield* claimAt(at(2 * hour))
        const second: FireRef = { ...fire, fireAt: at(2 * hour) }
        assert.deepStrictEqual(yield* schedules.findDue(second), Option.some({ ...needs, running: executionId }))
        yield* executions.finish(
          executionId,
          { status: "completed", outputs: {}, error: null, startedAt: at(1), completedAt: at(2) },
          null
        )
        assert.deepStrictEqual(yield* schedules.findDue(second), Option.some(needs))
      }).pipe(Effect.provide(layer)))

    it.effect("starts nothing for a fire that is due no longer, and nothing twice", () =>
      Effect.gen(function*() {
        const schedules = yield* ScheduleRepository
        const executions = yield* ExecutionRepository
        const workflow = stored(hourly)
        yield* WorkflowRepository.use(({ insert }) => insert(workflow))
        yield* claimAt(at(hour))
        const fire: FireRef = { workflowId: id, key: hourlyKey, fireAt: at(hour) }
        const insert = (name: string) => executions.insert(makeDraft(name, { fire }))
        assert.deepStrictEqual(yield* insert("e"), Option.some({ workflow, inserted: true }))
        assert.deepStrictEqual(yield* insert("e"), Option.some({ workflow, inserted: false, known: true }))
        assert.isTrue(yield* schedules.setPaused(fire, true, null))
        assert.deepStrictEqual(yield* insert("after"), Option.some({ workflow, inserted: false }))
        assert.isTrue(Option.isNone(yield* executions.find(ExecutionId.make("after"), null)))
        assert.isFalse(yield* schedules.setPaused({ ...fire, key: "another" }, true, null))
      }).pipe(Effect.provide(layer)))

    it.effect("stands still while it is paused, and goes on from where it is told", () =>
      Effect.gen(function*() {
        const schedules = yield* ScheduleRepository
        yield* WorkflowRepository.use(({ insert }) => insert(stored(hourly)))
        const schedule = { workflowId: id, key: hourlyKey }
        yield* schedules.setPaused(schedule, true, at(9 * hour))
        assert.deepStrictEqual((yield* summary)[0], { key: hourlyKey, number: 0, paused: true, nextFireAt: null })
        assert.deepStrictEqual(yield* schedules.nextDue, Option.none())
        yield* schedules.setPaused(schedule, false, at(4 * hour))
        assert.deepInclude((yield* summary)[0], { paused: false, nextFireAt: at(4 * hour) })
        yield* schedules.setPaused(schedule, false, at(5 * hour))
        assert.deepInclude((yield* summary)[0], { paused: false, nextFireAt: at(4 * hour) })
      }).pipe(Effect.provide(layer)))

    it.effect("lists the ledger by pages, newest first, tells what is behind, and forgets the oldest", () =>
      Effect.gen(function*() {
        const schedules = yield* ScheduleRepository
        yield* WorkflowRepository.use(({ insert }) => insert(stored(minutely)))
        assert.deepStrictEqual(yield* schedules.behind(at(minute)), { count: 0, since: null })
        assert.deepStrictEqual(yield* schedules.behind(at(minute + 1)), { count: 1, since: at(minute) })
        yield* claimAt(at(5 * minute))
        assert.deepStrictEqual(yield* schedules.behind(at(5 * minute)), { count: 0, since: null })
        assert.deepStrictEqual(yield* schedules.behind(at(5 * minute + 1)), { count: 5, since: at(minute) })
        const page = yield* schedules.fires({ workflowId: id, limit: 3 })
        assert.deepStrictEqual(page.items.map(({ fireAt }) => fireAt), [at(5 * minute), at(4 * minute), at(3 * minute)])
        const after = Result.getOrUndefined(decodeCursor(page.nextCursor ?? ""))
        const rest = yield* schedules.fires({ workflowId: id, limit: 3, after })
        assert.deepStrictEqual(rest.items.map(({ fireAt }) => fireAt), [at(2 * minute), at(minute)])
        assert.strictEqual(rest.nextCursor, null)
        assert.strictEqual(yield* schedules.prune(at(4 * minute), 2), 2)
        assert.strictEqual(yield* schedules.prune(at(4 * minute), 2), 1)
        assert.deepStrictEqual((yield* allFires).map(({ fireAt }) => fireAt), [at(5 * minute), at(4 * minute)])
      }).pipe(Effect.provide(layer)))
  })
