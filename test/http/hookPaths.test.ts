import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { serve } from "./harness.ts"

const id = "0190aaaa-0000-7000-8000-000000000001"
const token = "tOken_-0123456789tOken_-01234567"

const Choices = Schema.NonEmptyArray(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 11 })))

const escaped = (text: string, isUpper: boolean): string =>
  Array.from(new TextEncoder().encode(text), (byte) => {
    const digits = byte.toString(16).padStart(2, "0")
    return `%${isUpper ? digits.toUpperCase() : digits}`
  }).join("")

/** A character as a URL may have it; `ignoresCase`: as a letter of a path that the router knows. */
const spelled = (character: string, choice: number, ignoresCase: boolean): string => {
  const cased = !ignoresCase || choice % 3 === 0
    ? character
    : choice % 3 === 1
    ? character.toUpperCase()
    : character.replace("k", "\u212a")
  return choice < 6 ? cased : escaped(cased, choice % 2 === 0)
}

const spellingOf = (choices: readonly [number, ...ReadonlyArray<number>], suffix: string): string => {
  let place = 0
  const next = () => choices[place++ % choices.length] ?? choices[0]
  const slash = () => "/".repeat(1 + next() % 3)
  const word = (text: string, ignoresCase = false) =>
    Array.from(text, (character) => spelled(character, next(), ignoresCase)).join("")
  return slash() + word("hooks", true) + slash() + word(id) + slash() + word(token) + suffix
}

describe("the path of a webhook", () => {
  /** What the router gives the handler of this path, and what the log then says. */
  const sent = async (path: string) => {
    const tokens: Array<string | null> = []
    const { fetch, logs } = serve({
      hooks: {
        receive: ({ token }) => {
          tokens.push(token)
          return Effect.succeed({ _tag: "Challenge", challenge: "c" })
        }
      }
    })
    const { status } = await fetch(path, { method: "POST", body: "{}" })
    return { status, tokens, paths: logs.map(({ annotations }) => Object(annotations).path) }
  }

  it("is read in a time that grows with it and no faster", async () => {
    const path = `/${"/".repeat(500_000)}x`
    assert.deepStrictEqual((await sent(path)).status, 404)
    const escaped = `/${"%2f".repeat(300_000)}x`
    assert.deepStrictEqual((await sent(escaped)).status, 404)
  })

  it.effect.prop(
    "is logged without its token, however it is spelled",
    [Choices, Schema.Literals(["", ";a=1", "?a=1", "#a"])],
    ([choices, suffix]) =>
      Effect.promise(async () => {
        const path = spellingOf(choices, suffix)
        assert.deepStrictEqual(await sent(path), {
          status: 200,
          tokens: [token],
          paths: [`/hooks/${id}/[token]`]
        }, path)
      })
  )

  it("is logged without its token also if the router does not take it", async () => {
    for (const path of [`/hooks%2f${id}%2F${token}`, `/x/hooks/${id}/${token}`, `/hooks/${id}/%0a${token}%zz`]) {
      const { paths, status } = await sent(path)
      assert.strictEqual(status, 404, path)
      assert.notInclude(paths.join(), token)
    }
  })

  it("is logged as it is where it holds none, as any other is", async () => {
    for (const path of [`/hooks/${id}`, "/API/workflows//%41", "/webhooks/a/b", "/"]) {
      assert.deepStrictEqual((await sent(path)).paths, [path])
    }
  })
})
