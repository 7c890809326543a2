import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { isAtLeast, LogEntry, LogLevel } from "../../src/domain/LogEntry.ts"
import { Timestamp } from "../../src/domain/Timestamp.ts"

const entry = (level: LogLevel): LogEntry => ({
  timestamp: Timestamp.make("2026-11-22T10:00:00.000Z"),
  level,
  message: "said"
})

describe("isAtLeast", () => {
  const shown: Record<LogLevel, ReadonlyArray<LogLevel>> = {
    debug: ["debug", "info", "warn", "error"],
    info: ["info", "warn", "error"],
    warn: ["warn", "error"],
    error: ["error"]
  }

  for (const level of LogLevel.literals) {
    it(`${level} shows ${shown[level].join(", ")}`, () => {
      assert.deepStrictEqual(LogLevel.literals.filter((given) => isAtLeast(entry(given), level)), shown[level])
    })
  }
})

describe("LogEntry", () => {
  it.prop("is the same after a journey as JSON", { logged: LogEntry }, ({ logged }) => {
    const text = JSON.stringify(Schema.encodeSync(LogEntry)(logged))
    assert.deepStrictEqual(Schema.decodeUnknownSync(LogEntry)(JSON.parse(text)), JSON.parse(text))
  })

  it("refuses a level that it does not know", () => {
    assert.isFalse(Schema.is(LogEntry)({ ...entry("info"), level: "fatal" }))
  })
})
