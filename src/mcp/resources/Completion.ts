import { Context, Effect, Layer } from "effect"
import { ExecutionId, ProposalId, WorkflowId } from "../../domain/Ids.ts"
import type { Page } from "../../domain/Page.ts"
import type { Principal } from "../../domain/Principal.ts"
import { Executions } from "../../services/Executions.ts"
import { Proposals } from "../../services/Proposals.ts"
import { Workflows } from "../../services/Workflows.ts"
import type { Completions } from "../Catalog.ts"
import { noCompletions } from "../Catalog.ts"

/** Ids that are looked through for those that begin so: the newest. */
const lookedThrough = 100

/** Completes ids. A store that fails completes nothing. */
export class Completion extends Context.Service<Completion, {
  readonly workflows: (principal: Principal, start: string) => Effect.Effect<Completions>
  readonly executions: (principal: Principal, start: string) => Effect.Effect<Completions>
  readonly proposals: (principal: Principal, start: string) => Effect.Effect<Completions>
}>()("atlasit/mcp/resources/Completion") {
  static readonly layer = Layer.effect(
    Completion,
    Effect.gen(function*() {
      const workflows = yield* Workflows
      const executions = yield* Executions
      const proposals = yield* Proposals
      const filter = { tenantId: null, limit: lookedThrough }

      /** Those that begin so; where there is none among the newest, the one whose whole id it is. */
      const completed = <E>(
        newest: Effect.Effect<Page<{ readonly id: string }>, E>,
        one: Effect.Effect<unknown, unknown>,
        start: string
      ) =>
        newest.pipe(
          Effect.flatMap(({ items, nextCursor }): Effect.Effect<Completions> => {
            const values = items.map(({ id }) => id).filter((id) => id.startsWith(start))
            const hasMore = nextCursor !== null && !values.includes(start)
            return values.length > 0 || start === "" || !hasMore
              ? Effect.succeed({ values, hasMore })
              : Effect.match(one, {
                onFailure: () => ({ values, hasMore }),
                onSuccess: () => ({ values: [start], hasMore: false })
              })
          }),
          Effect.orElseSucceed(() => noCompletions)
        )

      return Completion.of({
        workflows: (principal, start) =>
          completed(
            workflows.list(principal, filter),
            Effect.suspend(() => workflows.get(principal, WorkflowId.make(start))),
            start
          ),
        executions: (principal, start) =>
          completed(
            executions.list(principal, filter),
            Effect.suspend(() => executions.get(principal, ExecutionId.make(start))),
            start
          ),
        proposals: (principal, start) =>
          completed(
            proposals.list(principal, filter),
            Effect.suspend(() => proposals.get(principal, ProposalId.make(start))),
            start
          )
      })
    })
  )
}
