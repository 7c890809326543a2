import { Context, Effect, Layer } from "effect"
import type { Principal } from "../../domain/Principal.ts"
import { Executions } from "../../services/Executions.ts"
import { Proposals } from "../../services/Proposals.ts"
import { Workflows } from "../../services/Workflows.ts"

/** Ids that are looked through for those that begin so: the newest. */
const lookedThrough = 100

/** Completes ids. A store that fails completes nothing. */
export class Completion extends Context.Service<Completion, {
  readonly workflows: (principal: Principal, start: string) => Effect.Effect<ReadonlyArray<string>>
  readonly executions: (principal: Principal, start: string) => Effect.Effect<ReadonlyArray<string>>
  readonly proposals: (principal: Principal, start: string) => Effect.Effect<ReadonlyArray<string>>
}>()("atlasit/mcp/resources/Completion") {
  static readonly layer = Layer.effect(
    Completion,
    Effect.gen(function*() {
      const workflows = yield* Workflows
      const executions = yield* Executions
      const proposals = yield* Proposals
      const filter = { tenantId: null, limit: lookedThrough }
      const completed = <E>(
        found: Effect.Effect<{ readonly items: ReadonlyArray<{ readonly id: string }> }, E>,
        start: string
      ) =>
        found.pipe(
          Effect.map(({ items }) => items.map(({ id }) => id).filter((id) => id.startsWith(start))),
          Effect.orElseSucceed((): ReadonlyArray<string> => [])
        )
      return Completion.of({
        workflows: (principal, start) => completed(workflows.list(principal, filter), start),
        executions: (principal, start) => completed(executions.list(principal, filter), start),
        proposals: (principal, start) => completed(proposals.list(principal, filter), start)
      })
    })
  )
}
