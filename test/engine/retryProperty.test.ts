import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { ScriptedRoute } from "../../src/testing/ScriptedHttp.ts"
import * as ScriptedHttp from "../../src/testing/ScriptedHttp.ts"
import { Host, surviving } from "./process.ts"

/** Steps one after the other, some with others inside. */
type Shape =
  | { readonly kind: "call" | "skipped" }
  | { readonly kind: "branch"; readonly holds: boolean; readonly steps: ReadonlyArray<Shape> }
  | { readonly kind: "loop"; readonly items: number; readonly steps: ReadonlyArray<Shape> }

const Leaf = Schema.Struct({ kind: Schema.Literals(["call", "call", "skipped"]) })

const shapes = (depth: number): Schema.Codec<ReadonlyArray<Shape>> =>
  Schema.Array(
    depth === 0 ? Leaf : Schema.Union([
      Leaf,
      Schema.Struct({ kind: Schema.Literal("branch"), holds: Schema.Boolean, steps: shapes(depth - 1) }),
      Schema.Struct({
        kind: Schema.Literal("loop"),
        items: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
        steps: shapes(depth - 1)
      })
    ])
  ).check(Schema.isMinLength(1), Schema.isMaxLength(3))

const stepOf = (shape: Shape, index: number): object => {
  const common = { id: `s${index}`, order: index }
  switch (shape.kind) {
    case "call":
      return {
        ...common,
        type: "http-request",
        config: { url: "https://up.example.com/", query: { input: "{{ $string(input) }}" } }
      }
    case "skipped":
      return { ...common, type: "fail", when: "false", config: { message: "never" } }
    case "branch": {
      const branches = { then: shape.steps.map(stepOf), else: shape.steps.map(stepOf) }
      return { ...common, type: "condition", config: { if: String(shape.holds), ...branches } }
    }
    case "loop": {
      const items = Array.from({ length: shape.items }, (_, item) => item)
      return { ...common, type: "for-each", config: { items, steps: shape.steps.map(stepOf) } }
    }
  }
}

/** Answers each call by what it was asked, but for the call of this number. */
const failingAt = (number: number): ReadonlyArray<ScriptedRoute> => {
  let calls = 0
  return [{
    url: /.*/,
    respond: ({ headers, url }) => {
      const path = headers["idempotency-key"]?.split(":")[1] ?? ""
      return calls++ === number ? { status: 500 } : { body: { path, asked: url.length }, delay: "1 second" }
    }
  }]
}

/** The steps that called, in order. */
const callers = Effect.map(
  Effect.flatMap(ScriptedHttp.SeenRequests, ({ all }) => all),
  (requests) => requests.map(({ headers }) => headers["idempotency-key"]?.split(":")[1])
)

const run = (definition: object, failing: number, crashes = false) =>
  Effect.gen(function*() {
    const host = yield* Host.make
    const first = yield* host.end(yield* host.start(definition))
    if (first.status === "completed") return { outputs: first.outputs, called: yield* callers }
    const before = (yield* callers).length
    const { id } = yield* host.retry(first.id)
    if (crashes) yield* host.restart
    const second = yield* host.end(id)
    assert.strictEqual(before, failing + 1)
    return { outputs: second.outputs, called: yield* callers }
  }).pipe(Effect.provide(surviving(failingAt(failing))), Effect.scoped)

describe("a retry of any definition", () => {
  it.effect.prop(
    "ends as a run without the failure, and makes no call again but the one that failed",
    [shapes(2), Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 19 })), Schema.Boolean],
    ([list, at, crashes]) =>
      Effect.gen(function*() {
        const definition = { steps: list.map(stepOf) }
        const whole = yield* run(definition, -1)
        if (whole.called.length === 0) return
        const failing = at % whole.called.length
        const retried = yield* run(definition, failing, crashes)
        assert.deepStrictEqual(retried.outputs, whole.outputs)
        const again = whole.called.slice(failing, failing + 1)
        assert.deepStrictEqual(retried.called, [
          ...whole.called.slice(0, failing + 1),
          // What the crash broke off.
          ...(crashes ? again : []),
          ...whole.called.slice(failing)
        ])
      }),
    { arbitrary: { runs: 60 } }
  )
})
