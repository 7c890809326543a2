import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { Json } from "effect/Schema"
import { makeRedactor } from "../../src/domain/Redaction.ts"
import { base64, encodings, jsonEscaped, wrapped } from "./Encodings.ts"

/** Inside of a longer base64 text: no more is seen of the secret than two bits at either end. */
const insideBase64 = (before: number, secret: string, after: number) =>
  base64("x".repeat(before) + secret + "y".repeat(after))

const SecretText = Schema.String.check(
  Schema.isMinLength(4),
  Schema.isMaxLength(40),
  Schema.makeFilter((text: string) => text.isWellFormed() && text.trim().length >= 4 && new Set(text.trim()).size > 3)
)
const Surrounding = Schema.String.check(Schema.isMaxLength(30))

describe("Redaction", () => {
  for (const [name, encode] of Object.entries(encodings)) {
    it.effect.prop(
      `takes a secret out that stands ${name}`,
      [SecretText, Surrounding, Surrounding],
      ([secret, before, after]) =>
        Effect.sync(() => {
          const { text } = makeRedactor(new Map([["TOKEN", secret]]))
          const written = encode(secret)
          const redacted = text(`${before} ${written} ${after}`)
          assert.include(redacted, "[secret:TOKEN]")
          assert.notInclude(redacted, written)
          for (const [other, again] of Object.entries(encodings)) assert.notInclude(redacted, again(secret), other)
        }),
      { arbitrary: { runs: 200 } }
    )
  }

  for (
    const secret of [
      "hunter2-\u00e9\ud83d\ude00?>",
      "correct horse battery staple",
      "a+b/c=d&e\"f\\g",
      "\u00ff\u00fe\u00fd>>>"
    ]
  ) {
    it(`takes ${JSON.stringify(secret)} out, whatever is around it`, () => {
      const { text } = makeRedactor(new Map([["TOKEN", secret]]))
      for (const [name, encode] of Object.entries(encodings)) {
        assert.strictEqual(text(encode(secret)), "[secret:TOKEN]", name)
        assert.strictEqual(text(`<${encode(secret)}>`), "<[secret:TOKEN]>", name)
      }
    })

    for (const before of [0, 1, 2, 3, 4, 5]) {
      it(`takes ${JSON.stringify(secret)} out of base64 after ${before} bytes`, () => {
        const { text } = makeRedactor(new Map([["TOKEN", secret]]))
        for (const after of [0, 1, 2, 3]) {
          const written = insideBase64(before, secret, after)
          for (
            const variant of [written, written.replaceAll("+", "-").replaceAll("/", "_"), encodeURIComponent(written)]
          ) {
            const redacted = text(`Basic ${variant}`)
            assert.include(redacted, "[secret:TOKEN]")
            // What is left is what stood around it, and no more than a character of it on either side.
            assert.isAtMost(
              decodeURIComponent(redacted.replace("[secret:TOKEN]", "")).replace(/=+$/, "").length,
              "Basic ".length + Math.ceil((before + after) * 8 / 6) + 2
            )
          }
        }
      })
    }
  }

  it.effect.prop(
    "takes a secret out of base64 of a text around it",
    [SecretText, Surrounding, Surrounding],
    ([secret, before, after]) =>
      Effect.sync(() => {
        const { text } = makeRedactor(new Map([["TOKEN", secret]]))
        const redacted = text(base64(`${before.toWellFormed()}${secret}${after.toWellFormed()}`))
        assert.include(redacted, "[secret:TOKEN]")
        assert.notInclude(Buffer.from(redacted.replaceAll(/\[secret:TOKEN\]/g, "!"), "base64").toString(), secret)
      }),
    { arbitrary: { runs: 300 } }
  )

  it("takes the password out of Basic authentication, in UTF-8 and in Latin-1", () => {
    const { text } = makeRedactor(new Map([["PASSWORD", "s\u00e9same-ouvre-toi"]]))
    for (const encoding of ["utf8", "latin1"] as const) {
      const header = `Basic ${Buffer.from("user:s\u00e9same-ouvre-toi", encoding).toString("base64")}`
      assert.match(text(header), /^Basic dXNlcj\S?\[secret:PASSWORD\]\S?={0,2}$/)
    }
  })

  it("takes out what a server left of the white space around it", () => {
    const { text } = makeRedactor(new Map([["TOKEN", "  abcd-efgh\n"]]))
    assert.strictEqual(text("Bearer abcd-efgh."), "Bearer [secret:TOKEN].")
  })

  it("takes out what was broken into lines", () => {
    const key = `-----BEGIN KEY-----\n${"MIIEvQIBADANBgkq".repeat(8)}\n-----END KEY-----\n`
    const { text } = makeRedactor(new Map([["KEY", key], ["TOKEN", "0123456789abcdef"]]))
    for (
      const written of [
        key,
        key.replaceAll("\n", "\r\n"),
        key.replaceAll("\n", ""),
        jsonEscaped(key),
        wrapped(base64(key))
      ]
    ) {
      assert.strictEqual(text(`<${written.trim()}>`), "<[secret:KEY]>")
    }
    assert.strictEqual(text(`x-token: ${wrapped("0123456789abcdef")};`), "x-token: [secret:TOKEN];")
    assert.strictEqual(text("0123456\n789abcde"), "0123456\n789abcde")
  })
})

describe("Several secrets", () => {
  const cases: ReadonlyArray<readonly [string, Readonly<Record<string, string>>, string, string]> = [
    ["one inside of another", { A: "core", B: "hardcore!" }, "a hardcore! core", "a [secret:B] [secret:A]"],
    ["overlapping ones", { A: "abcdefg", B: "fghijk" }, "<abcdefghijk>", "<[secret:A]>"],
    ["one after the other", { A: "abcdef", B: "ghijkl" }, "<abcdefghijkl>", "<[secret:A][secret:B]>"],
    ["one that overlaps itself", { A: "abab" }, "<abababab>", "<[secret:A]>"],
    ["many times", { A: "abcd" }, "abcd abcd,abcdabcd", "[secret:A] [secret:A],[secret:A][secret:A]"],
    ["of characters that are special in patterns", { A: "$&.*+?^${}()|[]\\" }, "<$&.*+?^${}()|[]\\>", "<[secret:A]>"],
    ["like an escape", { A: "%41%2B\\n&amp;" }, "<%41%2B\\n&amp;>", "<[secret:A]>"],
    ["like an escape, escaped", { A: "%41%2B\\n&amp;" }, `<${encodeURIComponent("%41%2B\\n&amp;")}>`, "<[secret:A]>"],
    ["like its own placeholder", { TOKEN: "secret" }, "the secret", "the ***"],
    ["like the placeholder of another", { A: "abcdefgh", B: "[secret:A]" }, "abcdefgh [secret:A]", "*** [secret:B]"],
    ["put together by replacing another", { A: "abcdef", B: "x[secret:A]" }, "xabcdef!", "[secret:B]!"],
    [
      "put together again and again",
      { A: "abcdef", B: "x[secret:A]", C: "y[secret:B]", D: "z[secret:C]" },
      "zyxabcdef!",
      "***"
    ],
    ["of equal values", { A: "abcdef", B: "abcdef" }, "abcdef", "[secret:A]"],
    ["an empty one and one that is not", { A: "", B: "abcdef" }, "abcdef ", "[secret:B] "],
    ["composed characters as they are", { A: "caf\u00e9" }, "caf\u00e9 cafe\u0301", "[secret:A] cafe\u0301"]
  ]
  for (const [name, secrets, before, after] of cases) {
    it(`several: ${name}`, () => assert.strictEqual(makeRedactor(new Map(Object.entries(secrets))).text(before), after))
  }

  it("fewer than four characters are a secret only by themselves", () => {
    const { json, text } = makeRedactor(new Map([["PIN", "123"]]))
    assert.strictEqual(text("123"), "[secret:PIN]")
    assert.strictEqual(text("0123"), "0123")
    assert.deepStrictEqual(json({ a: "123", b: "x123", c: 123 }), { a: "[secret:PIN]", b: "x123", c: "[secret:PIN]" })
  })
})

describe("JSON", () => {
  const { empty, json } = makeRedactor(
    new Map([["TOKEN", "to\"ken-1"], ["DIGITS", "00123456"], ["LONG", "12345678901234567890"]])
  )

  it("is redacted in every text, key and number", () => {
    assert.isFalse(empty)
    assert.deepStrictEqual(
      json({
        a: ["x", { "k-to\"ken-1": [`{"t":"to\\"ken-1"}`] }],
        b: 123456,
        c: Number("12345678901234567890"),
        d: [1, true, null, 1234567],
        e: "00123456"
      }),
      {
        a: ["x", { "k-[secret:TOKEN]": ["{\"t\":\"[secret:TOKEN]\"}"] }],
        b: "[secret:DIGITS]",
        c: "[secret:LONG]",
        d: [1, true, null, 1234567],
        e: "[secret:DIGITS]"
      }
    )
  })

  it("is redacted in a number that holds a secret", () => {
    const redactor = makeRedactor(new Map([["PIN", "4711"], ["ZEROS", "0000"]]))
    assert.deepStrictEqual(redactor.json([4711, 147110, -4711.5, 471, 0]), [
      "[secret:PIN]",
      "1[secret:PIN]0",
      "-[secret:PIN].5",
      471,
      0
    ])
  })

  it("keeps members apart whose keys are the same without the secret", () => {
    assert.deepStrictEqual(
      json({ "to\"ken-1": 1, "to\\\"ken-1": 2, "[secret:TOKEN] (2)": 3 }),
      { "[secret:TOKEN]": 1, "[secret:TOKEN] (2)": 2, "[secret:TOKEN] (2) (2)": 3 }
    )
  })

  it("keeps a member named __proto__", () => {
    const redacted = json(JSON.parse(`{"__proto__":"to\\"ken-1"}`))
    assert.strictEqual(JSON.stringify(redacted), `{"__proto__":"[secret:TOKEN]"}`)
  })

  it.effect.prop(
    "without a secret is the very same",
    [Schema.Json, Schema.String],
    ([value, secret]) =>
      Effect.sync(() => {
        const redactor = makeRedactor(new Map([["TOKEN", `never:${secret}`]]))
        assert.strictEqual(redactor.json(value), value)
        const text = JSON.stringify(value)
        assert.strictEqual(redactor.text(text), text)
      }),
    { arbitrary: { runs: 300 } }
  )

  it.effect.prop(
    "has a secret nowhere, and keeps its shape",
    [SecretText, Schema.Json],
    ([secret, value]) =>
      Effect.sync(() => {
        const redactor = makeRedactor(new Map([["TOKEN", secret]]))
        const around = (
          inner: Json
        ): Json => [value, { key: inner, [`x${secret}`]: [secret, value] }, base64(`u:${secret}`)]
        const written = JSON.stringify(redactor.json(around(around(secret))))
        for (const [name, encode] of Object.entries(encodings)) assert.notInclude(written, encode(secret), name)
        assert.notInclude(written, jsonEscaped(encodeURIComponent(secret)))
      }),
    { arbitrary: { runs: 200 } }
  )
})

describe("No secrets", () => {
  it("change nothing", () => {
    const { empty, json, text } = makeRedactor(new Map())
    const value = { a: ["x"] }
    assert.isTrue(empty)
    assert.strictEqual(json(value), value)
    assert.strictEqual(text("x"), "x")
  })
})
