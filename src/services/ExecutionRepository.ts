import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { JsonObject } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import type { Execution, ExecutionStatus, Inputs } from "../domain/Execution.ts"
import type { ExecutionEnd } from "../domain/ExecutionState.ts"
import type { ExecutionId, RequestId, StepId, TenantId, WorkflowId } from "../domain/Ids.ts"
import type { Keyset, Page } from "../domain/Page.ts"
import type { Parent } from "../domain/Parent.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { Workflow } from "../domain/Workflow.ts"
import type { FireRef } from "./ScheduleRepository.ts"

/** An execution that is about to be made. */
export interface ExecutionDraft {
  readonly id: ExecutionId
  readonly workflowId: WorkflowId
  /** The tenant that the caller may see; null: any. */
  readonly tenantId: TenantId | null
  readonly inputs: Inputs
  readonly trigger: string
  readonly requestId: RequestId | null
  readonly placement: string
  readonly createdAt: Timestamp
  /** The execution that starts it; without one a client does. */
  readonly parent?: Parent
  /** What expressions see of the trigger besides its type. */
  readonly triggerData?: JsonObject
  /** The version of the workflow whose input schema the inputs fit; null: they were checked against none. */
  readonly checkedVersion: number | null
  /** The fire of a schedule that starts it, and that must be due still. */
  readonly fire?: FireRef
  /** Null: it is no retry. */
  readonly retry: RetryDraft | null
}

/** What a retry follows: it runs the version that the first execution ran. */
export interface RetryDraft {
  readonly of: ExecutionId
  readonly version: number
  /** The step that the caller named. */
  readonly from: StepId | null
}

/** A draft's workflow, and whether the draft is stored. */
export interface Insertion {
  readonly workflow: Workflow
  readonly inserted: boolean
  /** There was an execution of the draft's id already: it is left as it is. */
  readonly known?: true
}

/** An execution, and the name of the engine's object that runs it. */
export interface StoredExecution {
  readonly execution: Execution
  readonly placement: string
  /** The step that a retry was told to begin with. */
  readonly retryFrom: StepId | null
  /** The execution that started it, if a client did not. */
  readonly parent?: Parent
  /** What expressions see of the trigger besides its type. */
  readonly triggerData?: JsonObject
}

/** Which executions a list shows. `tenantId` null: of every tenant. */
export interface ExecutionFilter {
  readonly tenantId: TenantId | null
  readonly workflowId?: WorkflowId | undefined
  /** Only those of these workflows; undefined: of whichever. */
  readonly workflows?: ReadonlyArray<WorkflowId> | undefined
  readonly status?: ExecutionStatus | undefined
  readonly trigger?: string | undefined
  /** Made at or after this time. */
  readonly from?: Timestamp | undefined
  /** Made before this time. */
  readonly to?: Timestamp | undefined
  readonly limit: number
  readonly after?: Keyset | undefined
}

/** The read model of executions. The engine holds the truth of those that run. */
export class ExecutionRepository extends Context.Service<ExecutionRepository, {
  /**
   * Reads the workflow and, if it is there, of the tenant and active, stores the execution as `pending` of its
   * version: both in one round trip. A workflow with an input schema must be of the version that was checked; the inputs
   * of a retry were checked when the first execution was stored. An id that is
   * there already is answered as `known`.
   */
  readonly insert: (draft: ExecutionDraft) => Effect.Effect<Option.Option<Insertion>, StorageError>
  /** The execution, if it is there and of this tenant (null: of any). */
  readonly find: (
    id: ExecutionId,
    tenantId: TenantId | null
  ) => Effect.Effect<Option.Option<StoredExecution>, StorageError>
  /** Newest first. */
  readonly list: (filter: ExecutionFilter) => Effect.Effect<Page<Execution>, StorageError>
  /**
   * Stores the state of an execution that goes on. Changes nothing once it has ended. One that is `queued` is shown as
   * `pending`, but is not stale however long it waits.
   */
  readonly progress: (
    id: ExecutionId,
    status: "running" | "waiting" | "queued",
    at: Timestamp
  ) => Effect.Effect<void, StorageError>
  /**
   * Stores the end. The first end stays: false when there was one already. But that the engine did not take the execution
   * (EXECUTION-001) gives way to how it ended after all, when only the engine's answer was lost. From `expiresAt` on
   * the execution may be removed; null: when the service's own retention is over.
   */
  readonly finish: (
    id: ExecutionId,
    end: ExecutionEnd,
    expiresAt: Timestamp | null
  ) => Effect.Effect<boolean, StorageError>
  /** Which of these executions have not ended, or are only said not to have been taken by the engine. */
  readonly unfinished: (ids: ReadonlyArray<ExecutionId>) => Effect.Effect<ReadonlyArray<ExecutionId>, StorageError>
  /** Takes up to `limit` unfinished executions that nobody touched since `before`, and touches them. */
  readonly claimStale: (options: {
    readonly before: Timestamp
    readonly now: Timestamp
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<StoredExecution>, StorageError>
  /**
   * Removes executions whose time is over by `now`, and those without a time of their own that ended before `endedBefore`:
   * up to `limit` of each, the oldest first. Answers how many.
   */
  readonly prune: (options: {
    readonly now: Timestamp
    readonly endedBefore: Timestamp
    readonly limit: number
  }) => Effect.Effect<number, StorageError>
}>()("atlasit/services/ExecutionRepository") {}
