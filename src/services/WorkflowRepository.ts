import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { TenantId, WorkflowId } from "../domain/Ids.ts"
import type { Keyset, Page } from "../domain/Page.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { Definition, Workflow, WorkflowStatus } from "../domain/Workflow.ts"
import type { WorkflowVersion } from "../domain/WorkflowVersion.ts"

/** Which workflows a list shows. `tenantId` null: of every tenant. */
export interface WorkflowFilter {
  readonly tenantId: TenantId | null
  /** Only these; undefined: whichever. */
  readonly workflows?: ReadonlyArray<WorkflowId> | undefined
  readonly status?: WorkflowStatus | undefined
  /** A part of the name, whatever the case of its ASCII letters. */
  readonly name?: string | undefined
  readonly limit: number
  readonly after?: Keyset | undefined
}

/** Which versions a list shows: of this workflow, if it is there and of this tenant (null: of any). */
export interface VersionFilter {
  readonly id: WorkflowId
  readonly tenantId: TenantId | null
  readonly limit: number
  /** Only the versions before this one. */
  readonly before?: number | undefined
}

/** Stores workflows and every version of them. A removed workflow is found no more; its versions stay. */
export class WorkflowRepository extends Context.Service<WorkflowRepository, {
  /** Stores a new workflow and its first version. */
  readonly insert: (workflow: Workflow) => Effect.Effect<void, StorageError>
  /** The workflow, if it is there and of this tenant (null: of any). */
  readonly find: (id: WorkflowId, tenantId: TenantId | null) => Effect.Effect<Option.Option<Workflow>, StorageError>
  /** Newest first. */
  readonly list: (filter: WorkflowFilter) => Effect.Effect<Page<Workflow>, StorageError>
  /** Which of these are workflows of the tenant, in no particular order: one query, however many. */
  readonly known: (
    tenantId: TenantId,
    ids: ReadonlyArray<WorkflowId>
  ) => Effect.Effect<ReadonlyArray<WorkflowId>, StorageError>
  /** Stores a changed workflow as its next version; false when the stored version is not `expectedVersion`. */
  readonly update: (workflow: Workflow, expectedVersion: number) => Effect.Effect<boolean, StorageError>
  /** False when there was none to remove. */
  readonly remove: (
    id: WorkflowId,
    tenantId: TenantId | null,
    at: Timestamp
  ) => Effect.Effect<boolean, StorageError>
  /** What a version runs, also when the workflow was changed or removed since. */
  readonly findVersion: (
    id: WorkflowId,
    version: number
  ) => Effect.Effect<Option.Option<Definition>, StorageError>
  /** Newest first; none of a workflow that is not there. */
  readonly listVersions: (filter: VersionFilter) => Effect.Effect<Page<WorkflowVersion>, StorageError>
}>()("atlasit/services/WorkflowRepository") {}
