import { Option } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import type { ExecutionStatus } from "../domain/Execution.ts"
import type { ExecutionEnd, ExecutionState, Outcome, Snapshot } from "../domain/ExecutionState.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import { StepId } from "../domain/Ids.ts"
import { jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import type { LogEntry } from "../domain/LogEntry.ts"
import type { Redactor } from "../domain/Redaction.ts"
import { makeRedactor } from "../domain/Redaction.ts"
import { isUndoPath, placesOf, undoSuffix } from "../domain/StepPath.ts"
import type { StepRecord, StepStatus } from "../domain/StepRecord.ts"
import { pendingStep } from "../domain/StepRecord.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import { fromMillis } from "../domain/Timestamp.ts"
import type { JournalEntry, JournalRecord, Signal, SlotRecord, WaitRecord } from "../services/Journal.ts"
import { bounded } from "./ErrorBounds.ts"

/** The states of a step that a replay takes as they are. */
const finished: ReadonlySet<StepStatus> = new Set<StepStatus>(["completed", "failed", "skipped"])

/** An execution in memory: what its steps are doing, and what it logged. Changed by its fiber alone. */
export class Run {
  readonly snapshot: Snapshot
  /** When it may have begun: at its creation, or when it got its slot. */
  startedAt: Timestamp
  status: ExecutionStatus
  end: ExecutionEnd | undefined
  updatedAt: Timestamp
  /** How often the execution was taken up, its start included. */
  attempt = 1
  /** The secrets that the definition names, for its expressions alone. */
  secrets: JsonObject = {}
  /** Takes them out of all that leaves the run. */
  redactor: Redactor = makeRedactor(new Map())
  /** How many steps are at work: those that wait, or hold others, are not. */
  working = 0
  /** It was taken up because a wait was over, or a signal came: its steps go on where they were. */
  wasParked = false
  /** Its fiber is ending, since all its steps wait. */
  parking = false
  /** It breaks off, or its process goes down: its steps go on when it is taken up again. */
  breaksOff = false
  /** Goes up whenever a step begins to work, or something comes that it may wait for. */
  activity = 0
  /** What each waiting step waits for at the latest, by its path. */
  readonly waiting = new Map<string, number>()
  /** When the timeouts of the steps that wait, or hold others, are over, by their paths. */
  readonly deadlines = new Map<string, number>()
  /** How it stands with its slot; undefined: it has not asked for one, or needs none. */
  slot: SlotRecord | undefined
  /** The waits that were written down, by their paths. */
  readonly waits = new Map<string, WaitRecord>()
  /** The executions that its steps have started and wait for, each with the step's path. */
  readonly children = new Map<ExecutionId, string>()
  /** Whether the workflow for failures was started, or can't be; and whether the parent that waits was told of the end. */
  followedUp = false
  toldParent = false
  private readonly signals: Array<Signal> = []
  private readonly takenSignals = new Set<number>()
  private readonly listeners = new Map<string, Array<() => void>>()
  /** JSON of all outputs so far, in bytes. */
  outputSize = 0
  /** What the run will have come to once its steps are undone. */
  outcome: Outcome | undefined
  /** Called whenever its log has grown, when all its steps wait, and when it has ended. */
  onNews: () => void = () => {}
  private readonly steps = new Map<string, StepRecord>()
  /** The paths of the completed steps, in the order in which they completed. */
  private readonly completed = new Set<string>()
  /** The steps that hold others which have begun, and their branches: `loop` and `loop[3].`. */
  private readonly begun = new Set<string>()
  private readonly entries: Array<LogEntry> = []
  private entryBytes = 0
  private recordedEntries = 0
  private droppedEntries = 0

  constructor(snapshot: Snapshot, startedAt: Timestamp) {
    this.snapshot = snapshot
    this.startedAt = startedAt
    this.updatedAt = startedAt
    this.status = this.workingStatus
    for (const step of snapshot.definition.steps) this.steps.set(step.id, pendingStep(step))
  }

  /** A run as it stands in the journal. */
  static fromJournal(entry: JournalEntry): Run {
    const run = new Run(entry.snapshot, entry.snapshot.createdAt)
    if (entry.records.length === 0 && entry.parkedLogs.length === 0) run.entries.push(startedEntry(run))
    for (const wait of entry.waits) {
      run.waits.set(wait.path, wait)
      run.keep(wait.path, wait.step)
    }
    run.signals.push(...entry.signals)
    for (const { logs, path, signal, step } of entry.records) {
      // A step that was tried again, with the step around it, may wait since it was recorded.
      if (!isLater(run.waits.get(path)?.step, step)) {
        run.waits.delete(path)
        run.keep(path, step)
      }
      if (signal !== undefined) run.takenSignals.add(signal)
      run.outputSize += jsonBytes(step.output)
      for (const line of logs) run.entries.push(line)
    }
    for (const { child, path } of run.waits.values()) if (child !== undefined) run.children.set(child, path)
    for (const line of entry.parkedLogs) run.entries.push(line)
    run.entries.sort((a, b) => a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0)
    run.keepHolders()
    run.outcome = Option.getOrUndefined(entry.outcome)
    run.wasParked = entry.parked
    if (entry.slot !== undefined) run.setSlot(entry.slot)
    if (entry.parked) run.status = run.parkedStatus
    if (Option.isSome(entry.end)) {
      run.entries.push(...entry.end.value.logs)
      run.finish(entry.end.value.end)
    }
    run.recordedEntries = run.entries.length
    run.entryBytes = run.entries.reduce((bytes, entry) => bytes + jsonBytes(entry), 0)
    return run
  }

  /** A run that begins with what its journal was created with. */
  static begin(snapshot: Snapshot, startedAt: Timestamp, records: ReadonlyArray<JournalRecord>): Run {
    if (records.length > 0) {
      return Run.fromJournal({
        snapshot,
        records,
        waits: [],
        signals: [],
        parkedLogs: [],
        parked: false,
        cancelRequested: false,
        resumes: 0,
        outcome: Option.none(),
        end: Option.none()
      })
    }
    const run = new Run(snapshot, startedAt)
    run.log(startedEntry(run))
    return run
  }

  /** It has not got the slot yet that its workflow's limit asks for: no step may begin. */
  get isQueued(): boolean {
    return this.snapshot.definition.settings?.concurrency !== undefined && (this.slot?.heldSince ?? null) === null
  }

  /** What it is called while its fiber runs. */
  get workingStatus(): ExecutionStatus {
    return this.isQueued ? "pending" : "running"
  }

  /** What it is called while it only waits. */
  get parkedStatus(): ExecutionStatus {
    return this.isQueued ? "pending" : "waiting"
  }

  /** How it stands with its slot. It starts when it gets one. */
  setSlot(slot: SlotRecord): void {
    this.slot = slot
    if (slot.heldSince === null) return
    // The clock that told the time may be another one.
    const heldSince = fromMillis(slot.heldSince)
    if (heldSince > this.startedAt) this.startedAt = heldSince
    if (this.status === "pending") this.status = "running"
  }

  /** A step that has finished, also in an earlier life of this run. */
  finishedStep(path: string): StepRecord | undefined {
    const step = this.steps.get(path)
    return step !== undefined && finished.has(step.status) ? step : undefined
  }

  /** A step as it stands. */
  step(path: string): StepRecord | undefined {
    return this.steps.get(path)
  }

  /** Whether its steps are only left for now: interrupting them ends nothing. */
  get goesOn(): boolean {
    return this.parking || this.breaksOff
  }

  /** How often a step was tried, and each of those around it, from the inside out. */
  attemptsOf(path: string): ReadonlyArray<number> {
    return [path, ...placesOf(path).map(({ holder }) => holder)].map((place) => this.steps.get(place)?.attempts ?? 0)
  }

  /** Whether steps have begun in this branch (`loop[3].`), or in any of this step (`loop`). */
  hasBegun(place: string): boolean {
    return this.begun.has(place)
  }

  /** The completed steps, in the order in which they completed. */
  completedPaths(): ReadonlyArray<string> {
    return [...this.completed]
  }

  private keep(path: string, step: StepRecord): void {
    this.steps.set(path, step)
    this.completed.delete(path)
    if (step.status === "completed") this.completed.add(path)
    for (const { branch, holder } of placesOf(path)) {
      if (this.begun.has(branch)) return
      this.begun.add(branch)
      this.begun.add(holder)
    }
  }

  /** The journal has no record yet of a step that holds others, but it runs when they do. */
  private keepHolders(): void {
    for (const [path, { startedAt }] of this.steps) {
      for (const { branch, holder } of placesOf(path)) {
        const known = this.steps.get(holder)
        if (known !== undefined && known.status !== "pending") continue
        const inner = holder.lastIndexOf(".") + 1
        this.steps.set(holder, {
          ...pendingStep({
            id: StepId.make(holder.slice(inner).replace(undoSuffix, "")),
            type: branch.endsWith("].") ? "for-each" : "condition"
          }),
          ...(inner === 0 && !isUndoPath(holder) ? {} : { path: holder }),
          status: "running",
          attempts: 1,
          startedAt
        })
      }
    }
  }

  /** Sets how a step stands; answers it as it may be told. */
  setStep(path: string, step: StepRecord, at: Timestamp): StepRecord {
    const told = this.redactor.empty && step.error === null ? step : {
      ...step,
      output: this.redactor.json(step.output),
      error: step.error === null ? null : this.told(step.error)
    }
    this.keep(path, told)
    this.updatedAt = at
    return told
  }

  /** The secrets of the run, from now on. */
  unlock(secrets: ReadonlyMap<string, string>): void {
    this.secrets = Object.fromEntries(secrets)
    this.redactor = makeRedactor(secrets)
  }

  /** An error as it may be told: without secrets in its texts, and no larger than an error may be. */
  told<Error extends { readonly message: string; readonly details?: Json }>(error: Error): Error {
    return bounded({
      ...error,
      message: this.redactor.text(error.message),
      ...(error.details === undefined ? {} : { details: this.redactor.json(error.details) })
    })
  }

  /** A signal has come. */
  deliver(signal: Signal): void {
    this.signals.push(signal)
    this.activity++
    for (const listener of this.listeners.get(signal.name) ?? []) listener()
  }

  /** Takes the first signal of this name that no step has taken; it stays taken once the step is recorded. */
  takeSignal(name: string): Signal | undefined {
    const signal = this.signals.find((candidate) => candidate.name === name && !this.takenSignals.has(candidate.number))
    if (signal !== undefined) this.takenSignals.add(signal.number)
    return signal
  }

  /** Calls back at each signal of this name; answers how to stop that. */
  listen(name: string, listener: () => void): () => void {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener])
    return () => this.listeners.set(name, (this.listeners.get(name) ?? []).filter((other) => other !== listener))
  }

  outputOf(path: string): Json {
    return this.steps.get(path)?.output ?? null
  }

  /** The outputs of steps by their ids. */
  outputsOf(ids: ReadonlyArray<string>): JsonObject {
    return Object.fromEntries(ids.map((id) => [id, this.outputOf(id)]))
  }

  /** Adds a line, if there is room for it; answers it without secrets. */
  log(line: LogEntry): LogEntry {
    const entry = this.redactor.empty ? line : {
      ...line,
      message: this.redactor.text(line.message),
      ...(line.data === undefined ? {} : { data: this.redactor.json(line.data) })
    }
    const bytes = jsonBytes(entry)
    if (this.entries.length >= Limits.logEntries || this.entryBytes + bytes > Limits.logBytes) {
      this.droppedEntries++
      return entry
    }
    this.entries.push(entry)
    this.entryBytes += bytes
    this.onNews()
    return entry
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

  /** What came of the end: there is always room for it. */
  logMore(entry: LogEntry): void {
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
      } else if (!finished.has(step.status)) this.steps.set(path, { ...step, status: "cancelled" })
    }
    this.onNews()
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

/** Whether a step began later than what is recorded of it. */
const isLater = (step: StepRecord | undefined, recorded: StepRecord): boolean =>
  step !== undefined && (step.startedAt ?? "") > (recorded.startedAt ?? "")

/** The first line of a run's log. Until a step is recorded it stands in no journal, but can be told from the snapshot. */
export const startedEntry = ({ snapshot, startedAt }: Pick<Run, "snapshot" | "startedAt">): LogEntry => ({
  timestamp: startedAt,
  level: "info",
  message: "Execution started",
  data: {
    workflow: snapshot.definition.name,
    workflowVersion: snapshot.workflowVersion,
    trigger: snapshot.trigger,
    ...(snapshot.retryOf === undefined ? {} : { retryOf: snapshot.retryOf })
  }
})
