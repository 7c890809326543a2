import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { Json } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionEnd, Outcome, Snapshot } from "../domain/ExecutionState.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import type { LogEntry } from "../domain/LogEntry.ts"
import type { StepRecord } from "../domain/StepRecord.ts"

/** A finished step: its place in the definition (`step-1`, `loop[3].call`), its record and what was logged until then. */
export interface JournalRecord {
  readonly path: string
  readonly step: StepRecord
  readonly logs: ReadonlyArray<LogEntry>
  /** The signal that the step took. */
  readonly signal?: number
}

/** What a step waits for: written down when the wait begins, so that a crash doesn't begin it anew. */
export interface WaitRecord {
  readonly path: string
  /**
   * `step`: the attempt itself waits; `child`: it waits for the end of an execution; `retry`: it failed, and the next one
   * is waited for.
   */
  readonly kind: "step" | "child" | "retry"
  /** The step while it waits. */
  readonly step: StepRecord
  /** When the wait is over at the latest, in milliseconds since 1970. */
  readonly until: number
  /** When the attempt's own timeout is over. */
  readonly deadline?: number
  /** The execution that a wait of the kind `child` is for. */
  readonly child?: ExecutionId
}

/** The slot of an execution whose workflow limits how many run at the same time. */
export interface SlotRecord {
  /** Written down before it is asked for, so that it is released whatever happens. */
  readonly scope: string
  /** When it asked first, and when it got the slot, in milliseconds since 1970; null: it waits. */
  readonly askedAt: number
  readonly heldSince: number | null
}

/** A signal that was sent to an execution, by its place among them. */
export interface Signal {
  readonly number: number
  readonly name: string
  readonly payload: Json
}

/** All that is recorded of one execution. */
export interface JournalEntry {
  readonly snapshot: Snapshot
  readonly records: ReadonlyArray<JournalRecord>
  readonly waits: ReadonlyArray<WaitRecord>
  readonly signals: ReadonlyArray<Signal>
  readonly slot?: SlotRecord
  /** What was logged before each time that it was parked. */
  readonly parkedLogs: ReadonlyArray<LogEntry>
  /** Its fiber ended because it only waits: taking it up again is no resume after a crash. */
  readonly parked: boolean
  /** Set before the running step is interrupted, so that a crash can't undo a cancel. */
  readonly cancelRequested: boolean
  /** It is undoing its steps, and this is what it will have come to. None: it isn't. */
  readonly outcome: Option.Option<Outcome>
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
  /**
   * Takes an execution in, with the records that it begins with: all of it or nothing. False when it is in the journal
   * already: nothing is changed then.
   */
  readonly create: (
    snapshot: Snapshot,
    records?: ReadonlyArray<JournalRecord>
  ) => Effect.Effect<boolean, StorageError>
  readonly load: (id: ExecutionId) => Effect.Effect<Option.Option<JournalEntry>, StorageError>
  /** The executions in the journal that have something to do at this time, oldest first: all but the parked ones. */
  readonly due: (millis: number) => Effect.Effect<ReadonlyArray<ExecutionId>, StorageError>
  /** When the first of the parked executions has something to do. None: none is parked. */
  readonly nextDue: Effect.Effect<Option.Option<number>, StorageError>
  /** Whether there is any execution in the journal. */
  readonly isEmpty: Effect.Effect<boolean, StorageError>
  /** Begins a wait, or replaces the one of its path. */
  readonly wait: (id: ExecutionId, wait: WaitRecord) => Effect.Effect<void, StorageError>
  /** How it stands with the execution's slot. */
  readonly slot: (id: ExecutionId, slot: SlotRecord) => Effect.Effect<void, StorageError>
  /** Keeps a signal: a parked execution is due at once. None: the execution is not in the journal, or has ended. */
  readonly signal: (
    id: ExecutionId,
    name: string,
    payload: Json
  ) => Effect.Effect<Option.Option<Signal>, StorageError>
  /** The execution does nothing until this time, in milliseconds since 1970. Keeps what was logged since the last record. */
  readonly park: (
    id: ExecutionId,
    until: number,
    logs: ReadonlyArray<LogEntry>
  ) => Effect.Effect<void, StorageError>
  readonly record: (id: ExecutionId, record: JournalRecord) => Effect.Effect<void, StorageError>
  readonly requestCancel: (id: ExecutionId) => Effect.Effect<void, StorageError>
  /** From here on the execution undoes its steps; the first outcome stays. */
  readonly unwind: (id: ExecutionId, outcome: Outcome) => Effect.Effect<void, StorageError>
  /**
   * The execution is taken up again. Counts it, unless it was parked; answers how many resumes there were since the last
   * record.
   */
  readonly countResume: (id: ExecutionId) => Effect.Effect<number, StorageError>
  readonly end: (
    id: ExecutionId,
    end: ExecutionEnd,
    logs: ReadonlyArray<LogEntry>
  ) => Effect.Effect<void, StorageError>
  readonly remove: (id: ExecutionId) => Effect.Effect<void, StorageError>
}>()("atlasit/services/Journal") {}
