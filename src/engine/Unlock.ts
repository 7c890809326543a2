import { Context, Effect, Layer, Redacted } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import { checkExpressions } from "../services/DefinitionExpressions.ts"
import { ExpressionChecker } from "../services/ExpressionChecker.ts"
import { SecretValues } from "../services/SecretValues.ts"
import type { Run } from "./Run.ts"
import { StepFailure } from "./StepHandler.ts"

/** Gives a run the secrets that its definition names, and none besides. */
export class Unlock extends Context.Service<Unlock, {
  readonly unlock: (run: Run) => Effect.Effect<void, StepFailure | StorageError>
}>()("atlasit/engine/Unlock") {
  static readonly layer = Layer.effect(
    Unlock,
    Effect.gen(function*() {
      const checker = yield* ExpressionChecker
      const values = yield* SecretValues

      const unlock = Effect.fnUntraced(
        function*(run: Run) {
          const { definition, tenantId } = run.snapshot
          const names = new Set(checkExpressions(checker, definition).secrets.map(({ name }) => name))
          if (names.size === 0) return
          const secrets = yield* values.read(tenantId, [...names])
          run.unlock(new Map([...secrets].map(([name, value]) => [name, Redacted.value(value)])))
        },
        Effect.catchTag("SecretMissing", ({ names, reason }) =>
          new StepFailure({
            code: "secret-missing",
            message: `${names.map((name) => `secrets.${name}`).join(", ")}: ${
              reason === "unknown" ? "there is no such secret" : "can't be decrypted"
            }`
          }))
      )

      return Unlock.of({ unlock })
    })
  )
}
