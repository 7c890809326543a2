import { assert, describe, it } from "@effect/vitest"
import { OpenWindows } from "../../src/layers/cloudflare/OpenWindows.ts"

/** What is known of a key, and how often anybody looks whether its window is open. */
const makeKeys = () => {
  let looks = 0
  const counter = (expiresAt: number) => ({
    get window() {
      looks++
      return { count: 1, expiresAt }
    }
  })
  return { counter, looks: () => looks }
}

describe("OpenWindows", () => {
  it("looks at few others for each new key, however many are open", () => {
    const { counter, looks } = makeKeys()
    const windows = new OpenWindows<ReturnType<typeof counter>>()
    for (let key = 0; key < 50_000; key++) windows.add(String(key), counter(1), 0)
    assert.isAtMost(looks(), 2 * 50_000)
    assert.isDefined(windows.get("0"))
    assert.isDefined(windows.get("49999"))
  })

  it("forgets closed ones when there are 10,000, or twice as many as were open", () => {
    const { counter } = makeKeys()
    const windows = new OpenWindows<ReturnType<typeof counter>>()
    const add = (from: number, to: number, expiresAt: number) => {
      for (let key = from; key < to; key++) windows.add(String(key), counter(expiresAt), 5)
    }
    add(0, 1, 5)
    add(1, 10_000, 6)
    assert.isDefined(windows.get("0"))
    add(10_000, 10_001, 5)
    assert.isUndefined(windows.get("0"))
    assert.isDefined(windows.get("1"))
    add(10_001, 19_998, 6)
    assert.isDefined(windows.get("10000"))
    add(19_998, 20_000, 6)
    assert.isUndefined(windows.get("10000"))
  })
})
