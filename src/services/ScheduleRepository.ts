import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { Inputs } from "../domain/Execution.ts"
import type { Fire } from "../domain/Fire.ts"
import type { FirePlan } from "../domain/FirePlan.ts"
import type { ExecutionId, TenantId, WorkflowId } from "../domain/Ids.ts"
import type { Keyset, Page } from "../domain/Page.ts"
import type { ScheduleSpec } from "../domain/Schedule.ts"
import type { Timestamp } from "../domain/Timestamp.ts"

/** Names a schedule, whatever its place among the triggers is. */
export interface ScheduleRef {
  readonly workflowId: WorkflowId
  readonly key: string
}

/** A stored schedule but for its inputs. */
export interface StoredSchedule extends ScheduleRef, Omit<ScheduleSpec, "inputs"> {
  readonly paused: boolean
  /** Null while it is paused or its workflow is inactive. */
  readonly nextFireAt: Timestamp | null
}

/** A schedule whose time has come. */
export interface DueSchedule extends StoredSchedule {
  readonly nextFireAt: Timestamp
}

/** The plan for a schedule, made for the next fire that it had. */
export interface Claim extends ScheduleRef, FirePlan {
  readonly number: number
  readonly expected: Timestamp
}

/** Names an entry of the ledger. */
export interface FireRef extends ScheduleRef {
  readonly fireAt: Timestamp
}

/** What a fire that is about to be started needs. */
export interface DueFire {
  readonly tenantId: TenantId
  readonly inputs: Inputs
  readonly overlap: ScheduleSpec["overlap"]
  /** The execution that the schedule started last, if that has not ended. */
  readonly running: ExecutionId | null
}

/** What became of a fire. */
export type FireOutcome = Pick<Fire, "status" | "reason" | "lateMs" | "executionId">

/** Which fires a list shows. */
export interface FireFilter {
  readonly workflowId: WorkflowId
  readonly limit: number
  readonly after?: Keyset | undefined
}

/**
 * The schedules of the stored workflows and the ledger of their fires. `WorkflowRepository` keeps the schedules in step with
 * their workflows, in the same write: a schedule that stays as it was keeps its next fire and its pause, a new one begins
 * at its workflow's `updatedAt`, and what was due of one that is gone or stands still is skipped.
 */
export class ScheduleRepository extends Context.Service<ScheduleRepository, {
  /** A workflow's schedules by their place, each with the newest entry of its ledger. */
  readonly list: (
    workflowId: WorkflowId
  ) => Effect.Effect<ReadonlyArray<StoredSchedule & { readonly lastFire: Fire | null }>, StorageError>
  /**
   * Pauses a schedule: what was due of it is skipped. Or lets a paused one go on, to fire at `nextFireAt` if its workflow
   * is active. False: there is no such schedule.
   */
  readonly setPaused: (
    schedule: ScheduleRef,
    paused: boolean,
    nextFireAt: Timestamp | null
  ) => Effect.Effect<boolean, StorageError>
  /** The schedules whose time has come, the longest overdue first. */
  readonly due: (now: Timestamp, limit: number) => Effect.Effect<ReadonlyArray<DueSchedule>, StorageError>
  /** The earliest next fire of all. */
  readonly nextDue: Effect.Effect<Option.Option<Timestamp>, StorageError>
  /** Records the fires and moves the schedules on, all at once; a claim for another next fire than the stored one does nothing. */
  readonly claim: (claims: ReadonlyArray<Claim>, at: Timestamp) => Effect.Effect<void, StorageError>
  /** Takes up to `limit` fires that are due and that nobody took since `before`, the oldest first. */
  readonly take: (options: {
    readonly before: Timestamp
    readonly now: Timestamp
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<FireRef>, StorageError>
  /** None: the fire is not to be started any more. */
  readonly findDue: (fire: FireRef) => Effect.Effect<Option.Option<DueFire>, StorageError>
  /** Stores what became of a fire that is due. */
  readonly record: (fire: FireRef, outcome: FireOutcome, at: Timestamp) => Effect.Effect<void, StorageError>
  /** Newest first. */
  readonly fires: (filter: FireFilter) => Effect.Effect<Page<Fire>, StorageError>
  /** Schedules that should have fired before this time, and fires that were recorded before and are due still: the oldest. */
  readonly behind: (
    before: Timestamp
  ) => Effect.Effect<{ readonly count: number; readonly since: Timestamp | null }, StorageError>
  /** Removes up to `limit` entries of the ledger for times before this one. Answers how many. */
  readonly prune: (before: Timestamp, limit: number) => Effect.Effect<number, StorageError>
}>()("atlasit/services/ScheduleRepository") {}
