import { assert, describe, it } from "@effect/vitest"
import type { FirePlan } from "../../src/domain/FirePlan.ts"
import { planFires } from "../../src/domain/FirePlan.ts"
import { Limits } from "../../src/domain/Limits.ts"
import type { ScheduleSpec } from "../../src/domain/Schedule.ts"
import { schedulesOf } from "../../src/domain/Schedule.ts"
import * as Timestamp from "../../src/domain/Timestamp.ts"

const noon = Date.UTC(2026, 5, 1, 12)
const minute = 60_000

const plan = (catchUp: ScheduleSpec["catchUp"], cron: string, from: number, now: number) =>
  planFires({ cron, timezone: "UTC", catchUp }, Timestamp.fromMillis(from), Timestamp.fromMillis(now))

const shown = ({ fires }: FirePlan) =>
  fires.map(({ fireAt, status, until }) =>
    `${fireAt.slice(11, 16)}${until === null ? "" : `-${until.slice(11, 16)}`} ${status}`
  )

describe("planFires", () => {
  it("starts what has just come, and says when it fires next", () => {
    const planned = plan("none", "*/2 * * * *", noon, noon + 3 * minute)
    assert.deepStrictEqual(shown(planned), ["12:00 due", "12:02 due"])
    assert.strictEqual(planned.next, Timestamp.fromMillis(noon + 4 * minute))
  })

  it("begins at a time that is none of its own", () => {
    assert.deepStrictEqual(shown(plan("none", "*/5 * * * *", noon + 1, noon + 5 * minute)), ["12:05 due"])
    assert.deepStrictEqual(shown(plan("none", "0 * * * *", noon + 1, noon + 5 * minute)), [])
  })

  it("misses what is older than the grace, to the millisecond", () => {
    const end = noon + Limits.fireGraceMillis
    assert.deepStrictEqual(shown(plan("none", "0 12 * * *", noon, end)), ["12:00 due"])
    assert.deepStrictEqual(shown(plan("none", "0 12 * * *", noon, end + 1)), ["12:00 missed"])
  })

  it.each(
    [
      ["none", ["12:00 missed", "12:10 missed", "12:20 missed", "12:30 due"]],
      ["last", ["12:00 missed", "12:10 missed", "12:20 due", "12:30 due"]],
      ["all", ["12:00 due", "12:10 due", "12:20 due", "12:30 due"]]
    ] as const
  )("catches up with %s", (catchUp, expected) => {
    assert.deepStrictEqual(shown(plan(catchUp, "*/10 * * * *", noon, noon + 32 * minute)), [...expected])
  })

  it.each(
    [
      ["none", 0],
      ["last", 1],
      ["all", Limits.catchUpFires]
    ] as const
  )("tells the newest 100 of a long absence one by one, and those before as one: %s", (catchUp, started) => {
    const { fires } = plan(catchUp, "* * * * *", noon, noon + 600 * minute + 30_000)
    const [first, ...others] = fires
    assert.deepInclude(first, {
      fireAt: Timestamp.fromMillis(noon),
      until: Timestamp.fromMillis(noon + 496 * minute),
      status: "missed"
    })
    const old = others.slice(0, Limits.catchUpFires)
    assert.deepStrictEqual(
      old.map(({ fireAt }) => fireAt),
      old.map((_, index) => Timestamp.fromMillis(noon + (496 + index) * minute))
    )
    assert.strictEqual(old.filter(({ status }) => status === "due").length, started)
    assert.strictEqual(others.length, Limits.catchUpFires + 5)
  })

  it("is quick about a year without a tick", () => {
    const { fires } = plan("all", "* * * * * *", noon, noon + 365 * 86_400_000)
    assert.strictEqual(fires.length, 1 + Limits.catchUpFires + Limits.fireGraceMillis / 1_000 + 1)
  })
})

describe("schedulesOf", () => {
  it("takes the triggers of the type with their place, and the defaults", () => {
    const schedules = schedulesOf([
      "schedule",
      { type: "schedule", cron: "0 9 * * *" },
      { type: "webhook" },
      { type: "schedule", cron: "0 9 * * *", timezone: "UTC", overlap: "allow", catchUp: "all", inputs: { a: 1 } }
    ])
    assert.deepStrictEqual(schedules, [
      {
        key: "0 9 * * * UTC",
        number: 1,
        cron: "0 9 * * *",
        timezone: "UTC",
        inputs: {},
        overlap: "skip",
        catchUp: "none"
      },
      {
        key: "0 9 * * * UTC #2",
        number: 3,
        cron: "0 9 * * *",
        timezone: "UTC",
        inputs: { a: 1 },
        overlap: "allow",
        catchUp: "all"
      }
    ])
  })
})
