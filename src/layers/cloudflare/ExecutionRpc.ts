import { Schema } from "effect"
import type { WatchOptions } from "../../domain/ExecutionProgress.ts"
import { ExecutionProgress } from "../../domain/ExecutionProgress.ts"
import { ExecutionState, Snapshot } from "../../domain/ExecutionState.ts"
import { LogEntry } from "../../domain/LogEntry.ts"
import { StepRecord } from "../../domain/StepRecord.ts"

/**
 * What goes between the Worker and an execution object: JSON texts, so that each side decodes what it gets. Null: the
 * execution is not there.
 */
export interface ExecutionRpc {
  /** The steps that a retry takes over come as UTF-8: a text that is not all Latin may be too large for a call. */
  start(snapshot: string, waitMillis: number, recovery: boolean, takenOver?: Uint8Array): Promise<string | null>
  state(id: string): Promise<string | null>
  logs(id: string): Promise<string | null>
  watch(id: string, options: WatchOptions): Promise<string | null>
  cancel(id: string, reason?: string): Promise<string | null>
  signal(id: string, name: string, payload: string): Promise<string | null>
  ping(): Promise<void>
}

export const SnapshotJson = Schema.fromJsonString(Snapshot)
export const StepsJson = Schema.fromJsonString(Schema.Array(StepRecord))
export const StateJson = Schema.fromJsonString(ExecutionState)
export const PayloadJson = Schema.fromJsonString(Schema.Json)
export const ProgressJson = Schema.fromJsonString(ExecutionProgress)
export const LogsJson = Schema.fromJsonString(Schema.Array(LogEntry))
