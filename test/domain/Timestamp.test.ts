import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Timestamp from "../../src/domain/Timestamp.ts"

const isTimestamp = Schema.is(Timestamp.Timestamp)

/** The milliseconds of the years 0 to 9999. */
const Millis = Schema.Int.check(Schema.isBetween({ minimum: -62_167_219_200_000, maximum: 253_402_300_799_999 }))

describe("Timestamp", () => {
  for (const text of ["2026-11-22T10:00:00.000Z", "0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"]) {
    it(`holds ${text}`, () => assert.isTrue(isTimestamp(text)))
  }

  for (
    const text of [
      "",
      "2026-11-22",
      "2026-11-22T10:00:00Z",
      "2026-11-22T10:00:00.00Z",
      "2026-11-22T10:00:00.000",
      "2026-11-22T10:00:00.000+00:00",
      "2026-11-22 10:00:00.000Z",
      "2026-11-22T10:00:00.000z",
      "+010000-01-01T00:00:00.000Z",
      " 2026-11-22T10:00:00.000Z",
      "2026-11-22T10:00:00.000Z\n",
      "٢٠٢٦-11-22T10:00:00.000Z",
      1_795_341_600_000
    ]
  ) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.isFalse(isTimestamp(text)))
  }

  it.prop("goes from milliseconds and back", { millis: Millis }, ({ millis }) => {
    assert.strictEqual(Timestamp.toMillis(Timestamp.fromMillis(millis)), millis)
  })

  it.prop("sorts as text", { one: Millis, other: Millis }, ({ one, other }) => {
    assert.strictEqual(Timestamp.fromMillis(one) < Timestamp.fromMillis(other), one < other)
  })

  it("has no place for a year of five digits", () => {
    assert.throws(() => Timestamp.fromMillis(253_402_300_800_000))
  })

  it.effect("is the clock's time", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2026, 10, 22, 10))
      assert.strictEqual(yield* Timestamp.now, "2026-11-22T10:00:00.000Z")
    }))

  it("is made of a date", () => {
    const dateTime = DateTime.makeUnsafe("2026-11-22T10:00:00.5Z")
    assert.strictEqual(Timestamp.fromDateTime(dateTime), "2026-11-22T10:00:00.500Z")
  })
})

describe("TimestampFromAnyOffset", () => {
  const decode = Schema.decodeUnknownResult(Timestamp.TimestampFromAnyOffset)

  const accepted: ReadonlyArray<readonly [text: string, utc: string]> = [
    ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000Z"],
    ["2026-11-22t10:00:00z", "2026-11-22T10:00:00.000Z"],
    ["2026-11-22 10:00:00Z", "2026-11-22T10:00:00.000Z"],
    ["2026-11-22T10:00:00.1Z", "2026-11-22T10:00:00.100Z"],
    ["2026-11-22T10:00:00.123456789Z", "2026-11-22T10:00:00.123Z"],
    ["2026-11-22T10:00:00+02:00", "2026-11-22T08:00:00.000Z"],
    ["2026-11-22T10:00:00-05:30", "2026-11-22T15:30:00.000Z"],
    ["2024-02-29T00:00:00+01:00", "2024-02-28T23:00:00.000Z"],
    ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]
  ]

  for (const [text, utc] of accepted) {
    it(`takes ${text} to UTC`, () => {
      assert.strictEqual(Timestamp.fromDateTime(Result.getOrThrow(decode(text))), utc)
    })
  }

  for (
    const text of [
      "",
      "now",
      "1",
      "2026",
      "2026-11-22",
      "2026-11-22T10:00:00",
      "2026-11-22T10:00Z",
      "2026-11-22T10:00:60Z",
      "2026-11-22T25:00:00Z",
      "2026-13-01T00:00:00Z",
      "2026-02-29T00:00:00Z",
      "2026-02-30T00:00:00Z",
      "2026-04-31T00:00:00Z",
      "2026-11-00T00:00:00Z",
      "2026-11-22T10:00:00+25:00",
      "9999-12-31T23:59:59-01:00",
      "0000-01-01T00:00:00+01:00",
      "+010000-01-01T00:00:00Z",
      "22 Nov 2026 10:00:00 GMT",
      1_795_341_600_000,
      null
    ]
  ) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.isTrue(Result.isFailure(decode(text))))
  }
})
