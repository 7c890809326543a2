import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionEnd, Snapshot } from "../domain/ExecutionState.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import type { LogEntry } from "../domain/LogEntry.ts"
import type { StepRecord } from "../domain/StepRecord.ts"

/** A finished step: its place in the definition (`step-1`, `loop[3].call`), its record and what was logged until then. */
export interface JournalRecord {
  readonly path: string
  readonly step: StepRecord
  readonly logs: ReadonlyArray<LogEntry>
}

/** All that is recorded of one execution. */
export interface JournalEntry {
  readonly snapshot: Snapshot
  readonly records: ReadonlyArray<JournalRecord>
  /** Set before the running step is interrupted, so that a crash can't undo a cancel. */
  readonly cancelRequested: boolean
  /** How often the run was taken up again since its last record. */
  readonly resumes: number
  /** How it ended, and the log from the last record on. None: it has not ended. */
  readonly end: Option.Option<{ readonly end: ExecutionEnd; readonly logs: ReadonlyArray<LogEntry> }>
}

/**
 * What makes a run durable: each finished step is recorded before the next begins. An execution stands in the journal
 * from its start until its end has reached the repository and the archive.
 */
export class Journal extends Context.Service<Journal, {
  /** False when the execution is in the journal already: nothing is changed then. */
  readonly create: (snapshot: Snapshot) => Effect.Effect<boolean, StorageError>
  readonly load: (id: ExecutionId) => Effect.Effect<Option.Option<JournalEntry>, StorageError>
  /** The executions in the journal, oldest first. */
  readonly ids: Effect.Effect<ReadonlyArray<ExecutionId>, StorageError>
  readonly record: (id: ExecutionId, record: JournalRecord) => Effect.Effect<void, StorageError>
  readonly requestCancel: (id: ExecutionId) => Effect.Effect<void, StorageError>
  /** Counts a resume; answers how many there were since the last record. */
  readonly countResume: (id: ExecutionId) => Effect.Effect<number, StorageError>
  readonly end: (
    id: ExecutionId,
    end: ExecutionEnd,
    logs: ReadonlyArray<LogEntry>
  ) => Effect.Effect<void, StorageError>
  readonly remove: (id: ExecutionId) => Effect.Effect<void, StorageError>
}>()("atlasit/services/Journal") {}
