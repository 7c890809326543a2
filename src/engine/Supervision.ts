import { Data, Deferred, Duration, Effect } from "effect"
import type { Outcome, Snapshot } from "../domain/ExecutionState.ts"
import type { Run } from "./Run.ts"

/** How the executor looks after its runs. */
export const supervision = {
  /** A run that goes on for longer is shown as `running` in lists. */
  progressAfter: Duration.seconds(1),
  /** While something runs, the alarm is never further away: after a crash it rings by then. */
  heartbeat: Duration.seconds(10),
  /** After a run that the journal broke off, and after an end that could not be stored: doubled each time, up to a minute. */
  retryAfter: Duration.seconds(2),
  retryAtMost: Duration.minutes(1),
  /** A start that comes after its cancel is refused for so long. */
  refusedFor: Duration.minutes(10),
  /** A run whose steps only wait is looked at so often. Seen waiting twice in a row, its fiber ends. */
  parkCheck: Duration.seconds(2),
  /** A run that waits for a slot looks again by itself after so long, and then ever later, up to a bound. */
  slotLook: Duration.minutes(1),
  slotLookAtMost: Duration.minutes(5),
  /** A step that waits for a child looks at it so often, should nobody tell of its end; sooner after a failure. */
  childLook: Duration.minutes(10),
  childRetry: Duration.seconds(10),
  /** A run that is taken up so often without finishing one more step is given up. */
  maximumResumes: 20,
  /** Ends that are stored at the same time when the alarm rings, and children that are cancelled at the same time. */
  storesAtOnce: 5
} as const

/** What a run comes to without going on: as far as its steps are undone, it undoes them first. */
export interface Verdict {
  readonly outcome: Outcome
  /** What is not undone by now stays as it is. */
  readonly isFinal: boolean
}

/** A run that is in memory. */
export interface Active {
  readonly run: Run
  /** Undefined: it goes on. */
  readonly verdict: Verdict | undefined
  /** Fails to interrupt the run. */
  readonly cancel: Deferred.Deferred<never, CancelRequested>
  /** Done once the end was stored or could not be, or the run only waits. */
  readonly settled: Deferred.Deferred<void>
  /** How often the end could not be stored. */
  failedStores: number
}

/** A run that is now in memory. */
export const makeActive = Effect.fnUntraced(function*(run: Run, verdict: Verdict | undefined) {
  const cancel = yield* Deferred.make<never, CancelRequested>()
  const settled = yield* Deferred.make<void>()
  const active: Active = { run, verdict, cancel, settled, failedStores: 0 }
  return active
})

/** Somebody asked for the run to be cancelled. */
export class CancelRequested extends Data.TaggedError("CancelRequested")<{}> {}

/** The run took longer than its settings allow. */
export class RunTimedOut extends Data.TaggedError("RunTimedOut")<{ readonly afterMillis: number }> {}

/** All steps of the run wait: it has nothing to do until then (milliseconds since 1970). */
export class Parked extends Data.TaggedError("Parked")<{ readonly until: number }> {}

/** What the service's log tells of a run with each line. */
export const annotations = ({ executionId, requestId, tenantId, workflowId }: Snapshot) => ({
  executionId,
  workflowId,
  tenantId,
  requestId
})
