import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { DurationInput, durationUpTo, toMillis } from "../../src/domain/Duration.ts"

const decode = Schema.decodeUnknownResult(DurationInput)

describe("DurationInput", () => {
  const accepted: ReadonlyArray<readonly [input: string | number, millis: number]> = [
    [1, 1],
    [86_400_000, 86_400_000],
    ["1ms", 1],
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["24h", 86_400_000],
    ["30d", 2_592_000_000],
    ["0s", 0],
    ["007s", 7_000]
  ]

  for (const [input, millis] of accepted) {
    it(`${JSON.stringify(input)} is ${millis} ms`, () => {
      const decoded = Result.getOrThrow(decode(input))
      assert.strictEqual(decoded, input)
      assert.strictEqual(toMillis(decoded), millis)
    })
  }

  for (
    const input of [
      0,
      -1,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      "",
      "30",
      "s",
      "-1s",
      "+1s",
      "1.5s",
      "1,5s",
      "5 m",
      " 5m",
      "5m ",
      "5m\n",
      "5M",
      "1w",
      "1y",
      "1h30m",
      "1e3s",
      "0x1s",
      "PT5M",
      "5 minutes",
      "1234567890123ms",
      null,
      true,
      ["5m"],
      { seconds: 5 }
    ]
  ) {
    it(`refuses ${JSON.stringify(input)} (${typeof input})`, () => assert.isTrue(Result.isFailure(decode(input))))
  }
})

describe("durationUpTo", () => {
  const isUpToADay = Schema.is(durationUpTo(86_400_000))

  it("holds what lies between 1 ms and the maximum", () => {
    for (const input of [1, 86_400_000, "1ms", "24h", "1d", "1440m", "86400s"]) {
      assert.isTrue(isUpToADay(input), `${input}`)
    }
  })

  it("refuses what lies outside", () => {
    for (const input of [0, "0ms", "0d", 86_400_001, "25h", "2d", "1441m", "999999999999d"]) {
      assert.isFalse(isUpToADay(input), `${input}`)
    }
  })
})
