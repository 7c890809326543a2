import { Option } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import type { ExecutionStatus } from "../domain/Execution.ts"
import type { ExecutionEnd, ExecutionState, Snapshot } from "../domain/ExecutionState.ts"
import { jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import type { LogEntry } from "../domain/LogEntry.ts"
import type { StepRecord, StepStatus } from "../domain/StepRecord.ts"
import { pendingStep } from "../domain/StepRecord.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { JournalEntry } from "../services/Journal.ts"

/** The states of a step that a replay takes as they are. */
const finished: ReadonlySet<StepStatus> = new Set<StepStatus>(["completed", "failed", "skipped"])

/** An execution in memory: what its steps are doing, and what it logged. Changed by its fiber alone. */
export class Run {
  readonly snapshot: Snapshot
  readonly startedAt: Timestamp
  status: ExecutionStatus = "running"
  end: ExecutionEnd | undefined
  updatedAt: Timestamp
  /** JSON of all outputs so far, in bytes. */
  outputSize = 0
  private readonly steps = new Map<string, StepRecord>()
  private readonly entries: Array<LogEntry> = []
  private entryBytes = 0
  private recordedEntries = 0
  private droppedEntries = 0

  constructor(snapshot: Snapshot, startedAt: Timestamp) {
    this.snapshot = snapshot
    this.startedAt = startedAt
    this.updatedAt = startedAt
    for (const step of snapshot.definition.steps) this.steps.set(step.id, pendingStep(step))
  }

  /** A run as it stands in the journal. */
  static fromJournal(entry: JournalEntry): Run {
    const run = new Run(entry.snapshot, entry.snapshot.createdAt)
    if (entry.records.length === 0) run.entries.push(startedEntry(run))
    for (const { logs, path, step } of entry.records) {
      run.steps.set(path, step)
      run.outputSize += jsonBytes(step.output)
      run.entries.push(...logs)
    }
    if (Option.isSome(entry.end)) {
      run.entries.push(...entry.end.value.logs)
      run.finish(entry.end.value.end)
    }
    run.recordedEntries = run.entries.length
    run.entryBytes = run.entries.reduce((bytes, entry) => bytes + jsonBytes(entry), 0)
    return run
  }

  /** A step that has finished, also in an earlier life of this run. */
  finishedStep(path: string): StepRecord | undefined {
    const step = this.steps.get(path)
    return step !== undefined && finished.has(step.status) ? step : undefined
  }

  setStep(path: string, step: StepRecord, at: Timestamp): void {
    this.steps.set(path, step)
    this.updatedAt = at
  }

  outputOf(path: string): Json {
    return this.steps.get(path)?.output ?? null
  }

  /** The outputs of steps by their ids. */
  outputsOf(ids: ReadonlyArray<string>): JsonObject {
    return Object.fromEntries(ids.map((id) => [id, this.outputOf(id)]))
  }

  log(entry: LogEntry): void {
    const bytes = jsonBytes(entry)
    if (this.entries.length >= Limits.logEntries || this.entryBytes + bytes > Limits.logBytes) {
      this.droppedEntries++
      return
    }
    this.entries.push(entry)
    this.entryBytes += bytes
  }

  logs(): ReadonlyArray<LogEntry> {
    return this.entries
  }

  /** The log since the last call: what the next journal record takes along. */
  takeUnrecordedLogs(): ReadonlyArray<LogEntry> {
    const logs = this.entries.slice(this.recordedEntries)
    this.recordedEntries = this.entries.length
    return logs
  }

  /** The last entry: there is always room for it, and for how many others there was none. */
  logEnd(entry: LogEntry): void {
    if (this.droppedEntries > 0) {
      this.entries.push({
        timestamp: entry.timestamp,
        level: "warn",
        message: `The log was full: ${this.droppedEntries} entries are missing here`
      })
    }
    this.entries.push(entry)
  }

  /** Sets the end; steps that never came to theirs are told by it. */
  finish(end: ExecutionEnd): void {
    this.end = end
    this.status = end.status
    this.updatedAt = end.completedAt
    for (const [path, step] of this.steps) {
      if (step.status === "pending") {
        this.steps.set(path, { ...step, status: end.status === "cancelled" ? "cancelled" : "skipped" })
      }
    }
  }

  records(): ReadonlyArray<StepRecord> {
    return [...this.steps.values()]
  }

  state(): ExecutionState {
    return {
      status: this.status,
      outputs: this.end?.outputs ?? null,
      error: this.end?.error ?? null,
      startedAt: this.startedAt,
      completedAt: this.end?.completedAt ?? null,
      updatedAt: this.updatedAt,
      steps: this.records()
    }
  }
}

/** The first line of a run's log. Until a step is recorded it stands in no journal, but can be told from the snapshot. */
export const startedEntry = ({ snapshot, startedAt }: Run): LogEntry => ({
  timestamp: startedAt,
  level: "info",
  message: "Execution started",
  data: {
    workflow: snapshot.definition.name,
    workflowVersion: snapshot.workflowVersion,
    trigger: snapshot.trigger
  }
})
