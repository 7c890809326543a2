import { Schema } from "effect"
import { ExecutionStatus } from "./Execution.ts"
import { ExecutionState } from "./ExecutionState.ts"
import { LogEntry } from "./LogEntry.ts"

/** How far an execution has come, for somebody who looks on. */
export const ExecutionProgress = Schema.Struct({
  status: ExecutionStatus,
  /** How many entries its log has. */
  logged: Schema.Int,
  /** The entries since those that the onlooker knows. */
  entries: Schema.Array(LogEntry),
  /** The steps of the definition, and how many of them are over: those inside steps are not counted. */
  steps: Schema.Struct({ finished: Schema.Int, total: Schema.Int }),
  /** What it has come to; null: it goes on. */
  end: Schema.NullOr(ExecutionState)
}).annotate({ identifier: "ExecutionProgress" })
export type ExecutionProgress = typeof ExecutionProgress.Type

/** What an onlooker waits for besides the end. */
export interface WatchOptions {
  /** The first entry after so many of the log; null: no entry. */
  readonly after: number | null
  /** Whether it is news that all steps of the execution wait. */
  readonly untilWaiting: boolean
  /** The longest wait, in milliseconds; 0: the answer comes at once. */
  readonly waitMillis: number
}
