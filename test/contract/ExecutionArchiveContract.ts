import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Schema } from "effect"
import { ExecutionTrace } from "../../src/domain/ExecutionState.ts"
import { ExecutionId } from "../../src/domain/Ids.ts"
import { ExecutionArchive } from "../../src/services/ExecutionArchive.ts"
import { asJson } from "./Data.ts"
import { RecordData } from "./JournalData.ts"

const Trace = Schema.Struct({
  steps: Schema.Array(RecordData.fields.step),
  logs: RecordData.fields.logs,
  outputs: ExecutionTrace.fields.outputs
})

/** What every execution archive does. */
export const executionArchiveContract = (name: string, layer: Layer.Layer<ExecutionArchive>) =>
  describe(`ExecutionArchive on ${name}`, () => {
    it.effect.prop("gets what was put, under its own id", [Trace, Trace], ([first, second]) =>
      Effect.gen(function*() {
        const archive = yield* ExecutionArchive
        const [one, two] = [ExecutionId.make("one"), ExecutionId.make("two")]
        yield* archive.put(one, first, null)
        yield* archive.put(two, second, null)
        assert.deepStrictEqual(yield* archive.get(one), Option.some(asJson(first)))
        assert.deepStrictEqual(yield* archive.get(two), Option.some(asJson(second)))
      }).pipe(Effect.provide(layer)), { arbitrary: { runs: 30 } })

    it.effect("gets nothing for an unknown id", () =>
      Effect.gen(function*() {
        const archive = yield* ExecutionArchive
        assert.deepStrictEqual(yield* archive.get(ExecutionId.make("unknown")), Option.none())
      }).pipe(Effect.provide(layer)))
  })
