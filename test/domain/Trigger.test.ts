import { assert, describe, it } from "@effect/vitest"
import { Cron, Schema } from "effect"
import { Trigger } from "../../src/domain/Trigger.ts"

const isTrigger = Schema.is(Trigger)

describe("a schedule's cron", () => {
  for (
    const cron of [
      "* * * * *",
      "*/5 * * * *",
      "0 9 * * 1-5",
      "0 0 1 1 *",
      "0 0 29 2 *",
      "0 0 31 * *",
      "30 0 9 * * *",
      "0 0 * * MON",
      "0 0 1 JAN *",
      "0 0 31 4 1",
      "0 0 29 2 */2"
    ]
  ) {
    it(`may be ${cron}, and has a next time`, () => {
      assert.isTrue(isTrigger({ type: "schedule", cron }))
      assert.isAbove(Cron.next(Cron.parseUnsafe(cron, "UTC"), new Date("2026-11-22T10:00:00.000Z")).getTime(), 0)
    })
  }

  for (
    const cron of [
      "",
      " ",
      "bad",
      "* * * *",
      "* * * * * * *",
      "60 * * * *",
      "* 24 * * *",
      "* * 0 * *",
      "* * 32 * *",
      "* * * 13 *",
      "* * * * 8",
      "5-1 * * * *",
      "*/0 * * * *",
      "@daily",
      "0 0 30 2 *",
      "0 0 31 2,4,6,9,11 *",
      "0 0 30 2 */2",
      `${"1,".repeat(100)}1 * * * *`
    ]
  ) {
    it(`must not be ${JSON.stringify(cron).slice(0, 40)}`, () => assert.isFalse(isTrigger({ type: "schedule", cron })))
  }
})

describe("a schedule's time zone", () => {
  for (const timezone of ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata"]) {
    it(`may be ${timezone}`, () => assert.isTrue(isTrigger({ type: "schedule", cron: "0 9 * * *", timezone })))
  }

  for (const timezone of ["", " ", "Mars/Olympus", "Berlin", "local", "__proto__", 5, null]) {
    it(`must not be ${JSON.stringify(timezone)}`, () => {
      assert.isFalse(isTrigger({ type: "schedule", cron: "0 9 * * *", timezone }))
    })
  }
})
