import { assert, describe, it } from "@effect/vitest"
import { expiryOf } from "../../src/domain/Retention.ts"
import { Timestamp } from "../../src/domain/Timestamp.ts"

describe("expiryOf", () => {
  const completedAt = Timestamp.make("2026-11-22T10:00:00.123Z")

  const cases = [
    ["1h", "2026-11-22T11:00:00.123Z"],
    [3_600_001, "2026-11-22T11:00:00.124Z"],
    ["90d", "2027-02-20T10:00:00.123Z"],
    ["3650d", "2036-11-19T10:00:00.123Z"]
  ] as const
  for (const [retention, expiry] of cases) {
    it(`is ${expiry} for ${retention}`, () => {
      assert.strictEqual(expiryOf({ settings: { retention } }, completedAt), Timestamp.make(expiry))
    })
  }

  it("is left to the service without a retention", () => {
    assert.isNull(expiryOf({}, completedAt))
    assert.isNull(expiryOf({ settings: { timeout: "1h" } }, completedAt))
  })
})
