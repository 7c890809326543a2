import { assert, describe, it } from "@effect/vitest"
import { fireTimes } from "../../src/domain/FireTimes.ts"

/** The next times of an expression, to the minute. */
const next = (expression: string, timezone: string, after: string, count: number): Array<string> => {
  const times = fireTimes(expression, timezone)
  const found: Array<string> = []
  for (let time = times.after(Date.parse(after)); time !== null && found.length < count; time = times.after(time)) {
    found.push(new Date(time).toISOString().slice(5, 16))
  }
  return found
}

/** What a clock does, and what an expression makes of it: all in UTC. */
const cases: ReadonlyArray<
  readonly [title: string, expression: string, timezone: string, after: string, expected: ReadonlyArray<string>]
> = [
  // Europe/Berlin, 2026-03-29: 02:00 becomes 03:00, at 01:00Z. 2026-10-25: 03:00 becomes 02:00, at 01:00Z.
  [
    "a skipped time fires once, at the jump",
    "30 2 * * *",
    "Europe/Berlin",
    "2026-03-28T00:00:00Z",
    ["03-28T01:30", "03-29T01:00", "03-30T00:30"]
  ],
  [
    "several skipped times fire once together",
    "*/10 2 * * *",
    "Europe/Berlin",
    "2026-03-28T02:00:00Z",
    ["03-29T01:00", "03-30T00:00", "03-30T00:10"]
  ],
  [
    "a skipped time and one at the jump fire once together",
    "0 2,3 * * *",
    "Europe/Berlin",
    "2026-03-29T00:00:00Z",
    ["03-29T01:00", "03-30T00:00", "03-30T01:00"]
  ],
  [
    "a time that comes twice fires the first time",
    "30 2 * * *",
    "Europe/Berlin",
    "2026-10-24T12:00:00Z",
    ["10-25T00:30", "10-26T01:30"]
  ],
  [
    "asked between the two, it fires the next day",
    "30 2 * * *",
    "Europe/Berlin",
    "2026-10-25T00:45:00Z",
    ["10-26T01:30"]
  ],
  [
    "each real hour fires when the clock goes back",
    "30 * * * *",
    "Europe/Berlin",
    "2026-10-24T23:00:00Z",
    ["10-24T23:30", "10-25T00:30", "10-25T01:30", "10-25T02:30"]
  ],
  [
    "each real hour fires when the clock goes on, and no more",
    "30 * * * *",
    "Europe/Berlin",
    "2026-03-29T00:00:00Z",
    ["03-29T00:30", "03-29T01:30", "03-29T02:30"]
  ],
  [
    "every 20 minutes go on through the hour that comes twice",
    "*/20 * * * *",
    "Europe/Berlin",
    "2026-10-25T00:30:00Z",
    ["10-25T00:40", "10-25T01:00", "10-25T01:20", "10-25T01:40", "10-25T02:00"]
  ],
  [
    "every other hour as the clock shows it",
    "0 */2 * * *",
    "Europe/Berlin",
    "2026-03-28T22:00:00Z",
    ["03-28T23:00", "03-29T02:00", "03-29T04:00"]
  ],
  // America/New_York, 2026-03-08: 02:00 becomes 03:00, at 07:00Z. 2026-11-01: 02:00 becomes 01:00, at 06:00Z.
  [
    "west of Greenwich: skipped",
    "30 2 * * *",
    "America/New_York",
    "2026-03-07T12:00:00Z",
    ["03-08T07:00", "03-09T06:30"]
  ],
  [
    "west of Greenwich: twice",
    "30 1 * * *",
    "America/New_York",
    "2026-10-31T12:00:00Z",
    ["11-01T05:30", "11-02T06:30"]
  ],
  [
    "west of Greenwich: each real hour",
    "0 * * * *",
    "America/New_York",
    "2026-11-01T04:30:00Z",
    ["11-01T05:00", "11-01T06:00", "11-01T07:00"]
  ],
  // Australia/Sydney, 2026-10-04: 02:00 becomes 03:00, at 16:00Z the day before. 2026-04-05: 03:00 becomes 02:00.
  [
    "far in the east: skipped",
    "30 2 * * *",
    "Australia/Sydney",
    "2026-10-03T00:00:00Z",
    ["10-03T16:00", "10-04T15:30"]
  ],
  ["far in the east: twice", "30 2 * * *", "Australia/Sydney", "2026-04-04T00:00:00Z", ["04-04T15:30", "04-05T16:30"]],
  // Lord Howe's clock changes by half an hour, Cairo's at midnight; Samoa skipped the 30th of December 2011.
  [
    "half an hour: skipped",
    "15 2 * * *",
    "Australia/Lord_Howe",
    "2026-10-03T00:00:00Z",
    ["10-03T15:30", "10-04T15:15"]
  ],
  [
    "half an hour: twice",
    "45 1 * * *",
    "Australia/Lord_Howe",
    "2026-04-04T00:00:00Z",
    ["04-04T14:45", "04-05T15:15"]
  ],
  ["at midnight", "0 0 * * *", "Africa/Cairo", "2026-04-22T23:00:00Z", ["04-23T22:00", "04-24T21:00"]],
  ["a whole day", "0 9 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", ["12-29T19:00", "12-30T10:00", "12-30T19:00"]],
  // No change of the clock.
  ["UTC", "0 0 1 1 *", "UTC", "2026-01-01T00:00:00Z", ["01-01T00:00"]],
  ["an offset of a quarter of an hour", "0 9 * * *", "Asia/Kathmandu", "2026-06-01T00:00:00Z", ["06-01T03:15"]],
  ["six fields", "30 0 12 * * *", "UTC", "2026-06-01T12:00:30Z", ["06-02T12:00"]],
  ["the 29th of February, over years", "0 9 29 2 *", "Europe/Berlin", "2026-06-01T00:00:00Z", ["02-29T08:00"]]
]

describe("fireTimes", () => {
  for (const [title, expression, timezone, after, expected] of cases) {
    it(`${title}: ${expression} in ${timezone}`, () => {
      assert.deepStrictEqual(next(expression, timezone, after, expected.length), [...expected])
    })
  }

  it("is later than the time it is asked for, to the millisecond", () => {
    const { after } = fireTimes("0 12 * * *", "UTC")
    const noon = Date.UTC(2026, 5, 1, 12)
    assert.strictEqual(after(noon - 1), noon)
    assert.strictEqual(after(noon), noon + 86_400_000)
  })
})
