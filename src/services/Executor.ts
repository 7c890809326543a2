import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { Json } from "effect/Schema"
import type { EngineUnavailable } from "../domain/Errors.ts"
import type { ExecutionProgress, WatchOptions } from "../domain/ExecutionProgress.ts"
import type { ExecutionState, Snapshot } from "../domain/ExecutionState.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import type { LogEntry } from "../domain/LogEntry.ts"
import type { StepRecord } from "../domain/StepRecord.ts"

/** An execution, and where it runs. */
export interface ExecutionRef {
  readonly id: ExecutionId
  /** What `place` answered for it. */
  readonly placement: string
}

/** How a start is to be done. */
export interface StartOptions {
  /** Answer after the end or this many milliseconds, whichever is first; 0: at once. */
  readonly waitMillis: number
  /** The execution may have run already: look before it is run again. */
  readonly recovery: boolean
  /** The steps of a retry that are not run again. */
  readonly takenOver?: ReadonlyArray<StepRecord>
}

/** Runs executions durably. None: it is not here, so it has ended or was never started. */
export class Executor extends Context.Service<Executor, {
  /** Chooses where an execution will run. */
  readonly place: (id: ExecutionId) => Effect.Effect<string>
  /** Starts an execution, once: starting it again changes nothing. Answers its state. */
  readonly start: (
    placement: string,
    snapshot: Snapshot,
    options: StartOptions
  ) => Effect.Effect<Option.Option<ExecutionState>, EngineUnavailable>
  readonly state: (ref: ExecutionRef) => Effect.Effect<Option.Option<ExecutionState>, EngineUnavailable>
  readonly logs: (ref: ExecutionRef) => Effect.Effect<Option.Option<ReadonlyArray<LogEntry>>, EngineUnavailable>
  /** Waits for news of an execution: an entry of its log, or its end. Interrupting it stops the wait alone. */
  readonly watch: (
    ref: ExecutionRef,
    options: WatchOptions
  ) => Effect.Effect<Option.Option<ExecutionProgress>, EngineUnavailable>
  /** Interrupts the run; answers its state after its clean-up, or after 5 s. `reason`: why, for the execution's log. */
  readonly cancel: (
    ref: ExecutionRef,
    reason?: string
  ) => Effect.Effect<Option.Option<ExecutionState>, EngineUnavailable>
  /** Delivers a signal, also before a step waits for it; answers the execution's state. */
  readonly signal: (
    ref: ExecutionRef,
    name: string,
    payload: Json
  ) => Effect.Effect<Option.Option<ExecutionState>, EngineUnavailable>
  /** Whether the engine answers. */
  readonly ping: Effect.Effect<void, EngineUnavailable>
}>()("atlasit/services/Executor") {}
