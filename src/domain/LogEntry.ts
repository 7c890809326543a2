import { Schema } from "effect"
import { StepId } from "./Ids.ts"
import { Timestamp } from "./Timestamp.ts"

/** The levels of an execution's log, least first. */
export const LogLevel = Schema.Literals(["debug", "info", "warn", "error"])
export type LogLevel = typeof LogLevel.Type

/** One line of an execution's log. */
export const LogEntry = Schema.Struct({
  timestamp: Timestamp,
  level: LogLevel,
  message: Schema.String,
  stepId: Schema.optionalKey(StepId),
  attempt: Schema.optionalKey(Schema.Int),
  data: Schema.optionalKey(Schema.Json)
}).annotate({ identifier: "LogEntry" })
export type LogEntry = typeof LogEntry.Type

/** Whether an entry is of this level or above. */
export const isAtLeast = (entry: LogEntry, level: LogLevel): boolean =>
  LogLevel.literals.indexOf(entry.level) >= LogLevel.literals.indexOf(level)
