import { expect, it } from "vitest"
import { quoted } from "../../src/mcp/Quoting.ts"

it.each([
  ["Ada", "\"Ada\""],
  ["the \"boss\"\\", "\"the \\\"boss\\\"\\\\\""],
  ["a\nb\tc\r", "\"a\\u000ab\\u0009c\\u000d\""],
  ["\0\u001b\u007f\u0085", "\"\\u0000\\u001b\\u007f\\u0085\""],
  ["a\u2028b\u2029c", "\"a\\u2028b\\u2029c\""],
  ["\u061c\u200e\u200f\u202a\u202e\u2066\u2069", "\"\\u061c\\u200e\\u200f\\u202a\\u202e\\u2066\\u2069\""],
  ["\ud800 é 😀 שלום", "\"\\ud800 é 😀 שלום\""]
])("%j is quoted as %s", (text, expected) => {
  expect(quoted(text)).toBe(expected)
  expect(JSON.parse(quoted(text))).toBe(text)
})
