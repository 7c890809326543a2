import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { RateLimiter } from "effect/persistence"
import { TestClock } from "effect/testing"
import { ExecutionId } from "../../src/domain/Ids.ts"
import * as Memory from "../../src/layers/Memory.ts"
import { AlarmBell } from "../../src/layers/memory/Alarm.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import { ExecutionArchive } from "../../src/services/ExecutionArchive.ts"
import { Journal } from "../../src/services/Journal.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { alarmContract, AlarmProbe } from "./AlarmContract.ts"
import { configOf } from "./Config.ts"
import { at, epoch, makeWorkflow } from "./Data.ts"
import { executionArchiveContract } from "./ExecutionArchiveContract.ts"
import { executionRepositoryContract } from "./ExecutionRepositoryContract.ts"
import { executionUpkeepContract } from "./ExecutionUpkeepContract.ts"
import { journalContract } from "./JournalContract.ts"
import { makeSnapshot } from "./JournalData.ts"
import { keyRepositoryContract } from "./KeyRepositoryContract.ts"
import { leasesContract } from "./LeasesContract.ts"
import { proposalRepositoryContract } from "./ProposalRepositoryContract.ts"
import { rateLimiterStoreContract } from "./RateLimiterStoreContract.ts"
import { scheduleRepositoryContract } from "./ScheduleRepositoryContract.ts"
import { secretRepositoryContract } from "./SecretRepositoryContract.ts"
import { webhookRepositoryContract } from "./WebhookRepositoryContract.ts"
import { workflowRepositoryContract } from "./WorkflowRepositoryContract.ts"
import { workflowToolRepositoryContract } from "./WorkflowToolRepositoryContract.ts"
import { workflowVersionsContract } from "./WorkflowVersionsContract.ts"

const memory = Layer.provide(Memory.layer, configOf({ RETENTION_DAYS: "2" }))

const probe = Layer.effect(
  AlarmProbe,
  Effect.map(AlarmBell, (bell) => ({
    ringsBy: Effect.fnUntraced(function*(millis: number) {
      yield* TestClock.setTime(millis)
      return Option.isSome(
        yield* Effect.timeoutOption(bell.ring, 0).pipe(Effect.race(Effect.as(Effect.yieldNow, Option.none())))
      )
    })
  }))
)

workflowRepositoryContract("memory", memory)
workflowToolRepositoryContract("memory", memory)
webhookRepositoryContract("memory", memory)
workflowVersionsContract("memory", memory)
executionRepositoryContract("memory", memory)
executionUpkeepContract("memory", memory)
executionArchiveContract("memory", memory)
journalContract("memory", memory)
scheduleRepositoryContract("memory", memory)
secretRepositoryContract("memory", memory)
keyRepositoryContract("memory", memory)
proposalRepositoryContract("memory", memory)
leasesContract("memory", memory, () => TestClock.adjust("61 seconds"))
alarmContract("memory", Layer.provideMerge(probe, memory))
rateLimiterStoreContract("memory", RateLimiter.layerStoreMemory, TestClock.adjust)

describe("Memory", () => {
  it.effect("forgets a trace when its retention ends", () =>
    Effect.gen(function*() {
      const archive = yield* ExecutionArchive
      const id = ExecutionId.make("e")
      const trace = { steps: [], logs: [] }
      yield* archive.put(id, trace, null)
      yield* TestClock.adjust("47 hours")
      assert.deepStrictEqual(yield* archive.get(id), Option.some(trace))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* archive.get(id), Option.none())
    }).pipe(Effect.provide(memory)))

  it.effect("forgets a trace at the time that it was given", () =>
    Effect.gen(function*() {
      const archive = yield* ExecutionArchive
      const [early, late] = [ExecutionId.make("early"), ExecutionId.make("late")]
      yield* TestClock.setTime(epoch)
      yield* archive.put(early, { steps: [], logs: [] }, at(3_600_000))
      yield* archive.put(late, { steps: [], logs: [] }, at(90 * 86_400_000))
      yield* TestClock.adjust(3_599_999)
      assert.isTrue(Option.isSome(yield* archive.get(early)))
      yield* TestClock.adjust(1)
      assert.isTrue(Option.isNone(yield* archive.get(early)))
      yield* TestClock.adjust("89 days")
      assert.isTrue(Option.isSome(yield* archive.get(late)))
    }).pipe(Effect.provide(memory)))

  it.effect("fails as often as a test asks for, before anything is written", () =>
    Effect.gen(function*() {
      const faults = yield* Faults
      const journal = yield* Journal
      const workflows = yield* WorkflowRepository
      yield* faults.failNext("journal.create", 2)
      const errors = yield* Effect.forEach([1, 2], () => Effect.flip(journal.create(makeSnapshot("e"))))
      assert.deepStrictEqual(errors.map(({ operation }) => operation), ["journal.create", "journal.create"])
      assert.isTrue(yield* journal.isEmpty)
      assert.isTrue(yield* journal.create(makeSnapshot("e")))
      yield* workflows.insert(makeWorkflow("w"))
      yield* faults.failNext("workflows.remove")
      const error = yield* Effect.flip(workflows.remove(makeWorkflow("w").id, null, at(1)))
      assert.strictEqual(error.operation, "workflows.remove")
      assert.isTrue(yield* workflows.remove(makeWorkflow("w").id, null, at(1)))
    }).pipe(Effect.provide(memory)))
})
