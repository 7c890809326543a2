import { assert, describe, it } from "@effect/vitest"
import { makeRedactor } from "../../src/domain/Redaction.ts"

describe("Redaction: time", () => {
  const size = 200_000
  const hard: ReadonlyArray<readonly [string, ReadonlyArray<string>, string]> = [
    [
      "a long text and 200 secrets",
      secretsOf(200, 40),
      "The quick brown fox jumps over the lazy dog. ".repeat(size / 45)
    ],
    ["a long text of escapes", secretsOf(200, 40), "%5C%22&amp;\\n\n".repeat(size / 14)],
    ["a secret that the text almost repeats", ["a".repeat(8_191) + "b", "b" + "a".repeat(8_191)], "a".repeat(size)],
    ["a long secret that the text repeats", ["a".repeat(8_192), "a".repeat(4)], "a".repeat(size)],
    ["long secrets of escapes", ["\n\"%&".repeat(2_000)], `${"\n\"%&".repeat(1_999)}x`.repeat(100)]
  ]
  for (const [name, values, text] of hard) {
    it(`grows with the text alone: ${name}`, () => {
      const redactor = makeRedactor(new Map(values.map((value, index) => [`S${index}`, value])))
      const started = performance.now()
      redactor.text(text)
      assert.isBelow(performance.now() - started, 3_000)
    })
  }
})

function secretsOf(count: number, length: number): ReadonlyArray<string> {
  return Array.from({ length: count }, (_, index) => `${index}!`.padEnd(length, `k${index}"`))
}
