import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { StepId, TenantId } from "../../src/domain/Ids.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Schedules } from "../../src/services/Schedules.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import * as TestService from "../../src/testing/TestService.ts"

const operator = unrestricted("test", null)

describe("TestService.scheduledLayer", () => {
  it.effect("fires by the test clock, until a schedule is paused, and from when it is resumed", () =>
    Effect.gen(function*() {
      const workflow = yield* Workflows.use(({ create }) =>
        create(operator, {
          tenantId: TenantId.make("tenant-a"),
          name: "Hourly",
          steps: [{ id: StepId.make("only"), type: "transform", order: 1, config: { operation: "set", values: {} } }],
          triggers: [{ type: "schedule", cron: "0 * * * *" }]
        })
      )
      const completed = Effect.map(
        Executions.use(({ list }) => list(operator, { tenantId: null, status: "completed", limit: 100 })),
        ({ items }) => items.length
      )
      const pass = (hours: number) =>
        Effect.forEach(
          Array.from({ length: hours }),
          () => Effect.andThen(TestClock.adjust("1 hour"), TestClock.withLive(Effect.sleep(50))),
          { discard: true }
        )
      yield* TestClock.withLive(Effect.sleep(50))
      yield* pass(3)
      assert.strictEqual(yield* completed, 3)
      const schedules = yield* Schedules
      yield* schedules.pause(operator, workflow.id, 0)
      yield* pass(2)
      assert.strictEqual(yield* completed, 3)
      yield* schedules.resume(operator, workflow.id, 0)
      yield* pass(1)
      assert.strictEqual(yield* completed, 4)
      const { items } = yield* schedules.fires(operator, workflow.id, { limit: 9 })
      assert.deepStrictEqual(items.map(({ status }) => status), ["started", "started", "started", "started"])
    }).pipe(Effect.provide(TestService.scheduledLayer([]))))
})
