import { Effect, Layer } from "effect"
import type { Json } from "effect/Schema"
import { isObject } from "../../../src/domain/Json.ts"
import { Expressions } from "../../../src/engine/Expressions.ts"
import { layer } from "../../../src/engine/expressions/Layer.ts"

/** What the tests' expressions see. */
export const scope: { readonly [name: string]: Json } = {
  input: {
    name: "Ada",
    age: 36,
    tags: ["a", "b", "c"],
    empty: [],
    nested: { deep: { value: 1 } },
    "a key": "spaced",
    rows: [
      { id: 1, status: "active", team: "red", score: 3.5, owner: { name: "Ann" } },
      { id: 2, status: "off", team: "blue", score: 1, owner: { name: "Bob" } },
      { id: 3, status: "active", team: "red", score: 2, owner: { name: "Cid" } }
    ]
  },
  inputs: { limit: 2, text: "x{{y}}" },
  steps: { "step-1": { status: "completed", output: { ok: true, items: [1, 2, 3] }, error: null } },
  trigger: { type: "webhook" },
  execution: { id: "execution-1", attempt: 1 },
  workflow: { id: "workflow-1", name: "Test", version: 1 },
  secrets: { TOKEN: "t0ps3cret", OTHER: "unnamed" }
}

/** Evaluates a template over `scope`; a failure is its code. */
export const evaluate = (template: string, over: { readonly [name: string]: Json } = scope) =>
  Expressions.pipe(
    Effect.flatMap((expressions) => expressions.evaluate(template, over)),
    Effect.catchTag("StepFailure", ({ details, message }) => Effect.succeed({ failed: codeOf(details) ?? message })),
    Effect.provide(provided)
  )

const provided = Layer.fresh(layer)

const codeOf = (details: Json | undefined): string | undefined =>
  isObject(details) && typeof details["code"] === "string" ? details["code"] : undefined
