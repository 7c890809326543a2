import { Effect, Option } from "effect"
import * as Retention from "../domain/Retention.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { ExecutionArchive } from "./ExecutionArchive.ts"
import type { ExecutionRepository, StoredExecution } from "./ExecutionRepository.ts"
import type { WorkflowRepository } from "./WorkflowRepository.ts"

/** Ends an execution as cancelled that has not reached the engine, which was told to refuse it. */
export const cancelUnstarted = Effect.fnUntraced(function*(
  { archive, repository, workflows }: {
    readonly archive: ExecutionArchive["Service"]
    readonly repository: ExecutionRepository["Service"]
    readonly workflows: WorkflowRepository["Service"]
  },
  { execution: { id, startedAt, workflowId, workflowVersion } }: StoredExecution
) {
  const definition = yield* workflows.findVersion(workflowId, workflowVersion)
  const completedAt = yield* Timestamp.now
  const expiresAt = Option.isSome(definition) ? Retention.expiryOf(definition.value, completedAt) : null
  const end = { status: "cancelled" as const, outputs: null, error: null, startedAt, completedAt }
  // A trace without steps tells a retry that none was run. The engine's own trace is not there, or its end would be.
  if (yield* repository.finish(id, end, expiresAt)) {
    yield* archive.put(id, { steps: [], logs: [] }, expiresAt).pipe(
      Effect.catch((error) => Effect.logWarning("An execution that was cancelled in time can't be retried", error))
    )
  }
})
