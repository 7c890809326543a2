import { Context, Duration, Effect, Layer, Option } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import { ExecutionNotRetryable } from "../domain/Errors.ts"
import { snapshotOf } from "../domain/ExecutionState.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { Definition } from "../domain/Workflow.ts"
import { AppConfig } from "./AppConfig.ts"
import { ExecutionArchive } from "./ExecutionArchive.ts"
import type { StoredExecution } from "./ExecutionRepository.ts"
import { ExecutionRepository } from "./ExecutionRepository.ts"
import { Executor } from "./Executor.ts"
import { takenOverFrom } from "./FirstTrace.ts"
import { endUntaken } from "./Launch.ts"
import { ProposalRepository } from "./ProposalRepository.ts"
import { ScheduleRepository } from "./ScheduleRepository.ts"
import { Secrets } from "./Secrets.ts"
import { WebhookRepository } from "./WebhookRepository.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** How the minute's tick looks after executions. */
const sweep = {
  /** An unfinished execution that nobody touched for so long is looked at. */
  staleAfter: Duration.minutes(1),
  /** Executions woken by one tick. */
  wakes: 100,
  /** Wakes at the same time. */
  concurrency: 5,
  /** Executions past their retention that one tick removes: of those with a time of their own, and of the others. */
  prunes: 500,
  /** Entries past the retention that one tick removes from the ledger of schedules. */
  firePrunes: 5_000
} as const

/** What is done once a minute. */
export class Maintenance extends Context.Service<Maintenance, {
  /**
   * Wakes unfinished executions that were lost between their insert and their start, or after it, and removes those
   * past their retention; of the ledger of schedules, of deliveries and of proposals too. Answers how many executions. Puts
   * secrets of the previous key under the current one.
   */
  readonly tick: Effect.Effect<{ readonly woken: number; readonly pruned: number }, StorageError>
}>()("atlasit/services/Maintenance") {
  static readonly layer = Layer.effect(
    Maintenance,
    Effect.gen(function*() {
      const { retention } = yield* AppConfig
      const executions = yield* ExecutionRepository
      const workflows = yield* WorkflowRepository
      const archive = yield* ExecutionArchive
      const executor = yield* Executor
      const secrets = yield* Secrets
      const webhooks = yield* WebhookRepository
      const schedules = yield* ScheduleRepository
      const proposals = yield* ProposalRepository

      /** What a retry takes over, unless the engine has it: that which it takes over is in the journal then. */
      const takenOverBy = Effect.fnUntraced(function*(stored: StoredExecution, definition: Definition) {
        const { execution: { id, retryOf }, placement, retryFrom } = stored
        if (retryOf === null || Option.isSome(yield* executor.state({ id, placement }))) return {}
        const first = yield* executions.find(retryOf, null)
        if (Option.isNone(first)) return yield* new ExecutionNotRetryable({ id: retryOf, reason: "forgotten" })
        return {
          takenOver: yield* takenOverFrom({ archive, repository: executions }, first.value, definition, retryFrom)
        }
      })

      const wake = Effect.fnUntraced(function*(stored: StoredExecution) {
        const { execution, placement } = stored
        const definition = yield* workflows.findVersion(execution.workflowId, execution.workflowVersion)
        if (Option.isNone(definition)) return yield* Effect.logError("An execution has no definition to run")
        yield* takenOverBy(stored, definition.value).pipe(
          Effect.flatMap((taken) =>
            executor.start(placement, snapshotOf(execution, definition.value, stored), {
              waitMillis: 0,
              recovery: true,
              ...taken
            })
          ),
          Effect.catchTag(
            "ExecutionNotRetryable",
            () => endUntaken(executions, execution, definition.value)
          )
        )
      }, (effect, { execution }) =>
        effect.pipe(
          Effect.catch((error) =>
            Effect.logWarning("A stale execution could not be woken; the next tick tries again", error)
          ),
          Effect.annotateLogs({ executionId: execution.id, workflowId: execution.workflowId })
        ))

      const rotate = secrets.rotate.pipe(
        Effect.flatMap((rotated) => rotated > 0 ? Effect.logInfo("Secrets rotated", { rotated }) : Effect.void),
        Effect.catch((error) => Effect.logWarning("Secrets could not be rotated; the next tick tries again", error))
      )

      const tick = Effect.gen(function*() {
        yield* rotate
        const now = Timestamp.toMillis(yield* Timestamp.now)
        const stale = yield* executions.claimStale({
          before: Timestamp.fromMillis(now - Duration.toMillis(sweep.staleAfter)),
          now: Timestamp.fromMillis(now),
          limit: sweep.wakes
        })
        yield* Effect.forEach(stale, wake, { concurrency: sweep.concurrency, discard: true })
        const endedBefore = Timestamp.fromMillis(now - Duration.toMillis(retention))
        const pruned = yield* executions.prune({ now: Timestamp.fromMillis(now), endedBefore, limit: sweep.prunes })
        yield* schedules.prune(endedBefore, sweep.firePrunes)
        yield* webhooks.prune({ before: endedBefore, limit: sweep.prunes })
        yield* proposals.prune({ before: endedBefore, limit: sweep.prunes })
        if (stale.length + pruned > 0) yield* Effect.logInfo("Maintenance", { woken: stale.length, pruned })
        return { woken: stale.length, pruned }
      }).pipe(Effect.withSpan("Maintenance.tick"))

      return Maintenance.of({ tick })
    })
  )
}
