import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Base64Url } from "effect/encoding"
import { decodeCursor, encodeCursor, PageLimit } from "../../src/domain/Page.ts"
import * as Timestamp from "../../src/domain/Timestamp.ts"

const createdAt = Timestamp.Timestamp.make("2026-11-22T10:00:00.000Z")
const refusal = Result.fail("is not a cursor of this service")

describe("cursors", () => {
  it.prop("a cursor is read as it was made, and is safe in a URL", {
    millis: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 253_402_300_799_999 })),
    id: Schema.NonEmptyString
  }, ({ id, millis }) => {
    const place = { createdAt: Timestamp.fromMillis(millis), id }
    const cursor = encodeCursor(place)
    assert.match(cursor, /^[A-Za-z0-9_-]+$/)
    assert.deepStrictEqual(decodeCursor(cursor), Result.succeed(place))
  })

  for (const id of ["a", "ü\u{1f600}", "\ud800", "\"]", "__proto__", "\0", "a".repeat(1_000)]) {
    it(`holds the id ${JSON.stringify(id).slice(0, 20)}`, () => {
      assert.deepStrictEqual(decodeCursor(encodeCursor({ createdAt, id })), Result.succeed({ createdAt, id }))
    })
  }

  for (
    const text of [
      "",
      "x",
      "%%%",
      "äöü",
      "null",
      "2026-11-22T10:00:00.000Z",
      encodeCursor({ createdAt, id: "a" }).slice(0, -3),
      `${encodeCursor({ createdAt, id: "a" })}!`,
      Base64Url.encode("not JSON"),
      Base64Url.encode("null"),
      Base64Url.encode("{}"),
      Base64Url.encode("[]"),
      Base64Url.encode(`["${createdAt}"]`),
      Base64Url.encode(`["${createdAt}",""]`),
      Base64Url.encode(`["${createdAt}",5]`),
      Base64Url.encode(`["${createdAt}",null]`),
      Base64Url.encode(`["yesterday","a"]`),
      Base64Url.encode(`[5,"a"]`),
      Base64Url.encode(`{"createdAt":"${createdAt}","id":"a"}`),
      Base64Url.encode(`["${createdAt}","a","b"]`),
      Base64Url.encode("[".repeat(10_000))
    ]
  ) {
    it(`refuses ${JSON.stringify(text).slice(0, 60)}`, () => assert.deepStrictEqual(decodeCursor(text), refusal))
  }

  it.prop("refuses any text without an answer of its own", { text: Schema.String }, ({ text }) => {
    assert.deepStrictEqual(decodeCursor(text), refusal)
  })
})

describe("PageLimit", () => {
  const decode = Schema.decodeUnknownResult(PageLimit)

  it("takes 1 to 100", () => {
    for (const limit of [1, 50, 100]) assert.deepStrictEqual(decode(String(limit)), Result.succeed(limit))
  })

  for (const text of ["0", "-1", "101", "1.5", "", "ten", "NaN", "Infinity", "1e3", "5 items"]) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.isTrue(Result.isFailure(decode(text))))
  }
})
