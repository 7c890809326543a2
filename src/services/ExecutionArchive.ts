import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionTrace } from "../domain/ExecutionState.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import type { Timestamp } from "../domain/Timestamp.ts"

/** Keeps the steps and logs of finished executions: written once, gone after the retention. */
export class ExecutionArchive extends Context.Service<ExecutionArchive, {
  /** Kept until `expiresAt`; null: for the service's own retention from now on. */
  readonly put: (
    id: ExecutionId,
    trace: ExecutionTrace,
    expiresAt: Timestamp | null
  ) => Effect.Effect<void, StorageError>
  /** None: it has not ended, or its retention has. */
  readonly get: (id: ExecutionId) => Effect.Effect<Option.Option<ExecutionTrace>, StorageError>
}>()("atlasit/services/ExecutionArchive") {}
