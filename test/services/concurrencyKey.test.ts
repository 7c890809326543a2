import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { Definition } from "../../src/domain/Workflow.ts"
import * as Expressions from "../../src/engine/expressions/Layer.ts"
import * as Memory from "../../src/layers/Memory.ts"
import { DefinitionChecker } from "../../src/services/DefinitionChecker.ts"
import { config } from "../../src/testing/TestService.ts"

const layer = DefinitionChecker.layer.pipe(
  Layer.provide(Expressions.servicesLayer),
  Layer.provide(Memory.layer),
  Layer.provide(config)
)

const issuesOf = (key: string) =>
  DefinitionChecker.use(({ check }) =>
    check(
      null,
      Schema.decodeUnknownSync(Definition)({
        name: "w",
        description: null,
        steps: [{ id: "a", type: "fail", order: 1, config: { message: "no" } }],
        triggers: [],
        settings: { concurrency: { limit: 1, key } }
      })
    )
  ).pipe(Effect.provide(layer))

describe("settings.concurrency.key", () => {
  it.effect("may name what there is before the first step", () =>
    Effect.gen(function*() {
      for (const key of ["inputs.customer", "{{ inputs.a & trigger.type }}", "[workflow.id, execution.id]", "\"x\""]) {
        assert.deepStrictEqual(yield* issuesOf(key), [], key)
      }
    }))

  it.effect("is refused where it is wrong, or names what there is not yet, with its path", () =>
    Effect.gen(function*() {
      for (const key of ["inputs.", "steps.a.output", "input", "item", "secrets.TOKEN", "nothing"]) {
        const issues = yield* issuesOf(key)
        assert.deepStrictEqual(issues.map(({ path }) => path), [["settings", "concurrency", "key"]], key)
      }
    }))
})
