import { Effect, Option } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import { ExecutionNotRetryable } from "../domain/Errors.ts"
import { isUntaken } from "../domain/Execution.ts"
import type { StepId } from "../domain/Ids.ts"
import type { StepRecord } from "../domain/StepRecord.ts"
import { takenOver } from "../domain/TakenOver.ts"
import type { Definition } from "../domain/Workflow.ts"
import type { ExecutionArchive } from "./ExecutionArchive.ts"
import type { ExecutionRepository, StoredExecution } from "./ExecutionRepository.ts"

interface Ports {
  readonly archive: ExecutionArchive["Service"]
  readonly repository: ExecutionRepository["Service"]
}

type Steps = Effect.Effect<ReadonlyArray<StepRecord>, ExecutionNotRetryable | StorageError>

/**
 * The steps that a retry takes over from the first execution: the same however often it is asked. Fails when what the
 * steps of the first did is no longer kept.
 */
export const takenOverFrom = (
  ports: Ports,
  first: StoredExecution,
  definition: Definition,
  fromStep: StepId | null
): Steps => Effect.map(stepsOf(ports, first, definition), (steps) => takenOver(definition.steps, steps, fromStep))

/** The steps of a finished execution. A retry that never ran has those that it was to take over. */
const stepsOf = (
  { archive, repository }: Ports,
  { execution, retryFrom }: StoredExecution,
  definition: Definition
): Steps =>
  Effect.gen(function*() {
    const forgotten = new ExecutionNotRetryable({ id: execution.id, reason: "forgotten" })
    const trace = yield* archive.get(execution.id)
    if (Option.isNone(trace) ? isUntaken(execution.error) : trace.value.steps.length === 0) {
      if (execution.retryOf === null) return []
      const first = yield* repository.find(execution.retryOf, null)
      return Option.isNone(first)
        ? yield* forgotten
        : yield* takenOverFrom({ archive, repository }, first.value, definition, retryFrom)
    }
    return Option.isNone(trace) || trace.value.withoutOutputs === true ? yield* forgotten : trace.value.steps
  })
