import { assert, describe, it } from "@effect/vitest"
import { spellingsOf } from "./Spellings.ts"

const value = "s3cr3t \u00e4?>~/+\"x"
const isFound = (text: string) => spellingsOf(value).some((spelling) => text.includes(spelling))
const latin1 = (text: string) => Buffer.from(text).toString("latin1")

describe("the spellings that a search looks for", () => {
  const written: ReadonlyArray<readonly [title: string, text: string]> = [
    ["as it is", `a${value}b`],
    ["in JSON", JSON.stringify({ a: [value] })],
    ["in JSON inside of JSON", JSON.stringify(JSON.stringify({ a: value }))],
    ["in a URL", `?a=${encodeURIComponent(value)}&b`],
    ["in a form", new URLSearchParams({ a: value }).toString()],
    ...["", "a", "ab", "abc", "abcd"].flatMap((before): ReadonlyArray<readonly [string, string]> => [
      [`in base64 behind ${before.length} bytes`, Buffer.from(`${before}${value}`).toString("base64")],
      [`in base64 between ${before.length} bytes`, Buffer.from(`${before}${value}${before}`).toString("base64url")]
    ]),
    ["in hexadecimal", Buffer.from(`a${value}`).toString("hex")],
    ["in capitals", Buffer.from(value).toString("hex").toUpperCase()]
  ]

  for (const [title, text] of written) it(`find it ${title}`, () => assert.isTrue(isFound(text)))

  it("find no other value", () => {
    assert.isFalse(isFound(JSON.stringify({ a: "s3cr3t", b: "[secret:TOKEN]", c: latin1(value).slice(1) })))
  })
})
