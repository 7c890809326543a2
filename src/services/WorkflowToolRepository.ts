import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { JsonObject } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import type { TenantId, WorkflowId } from "../domain/Ids.ts"
import type { Page } from "../domain/Page.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { Workflow } from "../domain/Workflow.ts"
import type { ToolPlace } from "../domain/WorkflowTool.ts"

/** Whose tools are looked at. */
export interface ToolOwner {
  /** Null: of every tenant. */
  readonly tenantId: TenantId | null
  /** Only these workflows; null: all. */
  readonly workflows: ReadonlyArray<WorkflowId> | null
}

/** A workflow that is a tool, without its steps. */
export interface WorkflowTool {
  readonly id: WorkflowId
  /** Its name among the tools. Another workflow may have the same: the oldest bears it, the others a distinct one. */
  readonly tool: string
  readonly name: string
  /** What the tool does; null: the workflow does not say. */
  readonly description: string | null
  readonly inputSchema: JsonObject | null
  readonly createdAt: Timestamp
}

/** The workflows that are tools for clients of MCP: active ones alone. */
export class WorkflowToolRepository extends Context.Service<WorkflowToolRepository, {
  readonly list: (
    owner: ToolOwner,
    page: { readonly limit: number; readonly after?: ToolPlace | undefined }
  ) => Effect.Effect<Page<WorkflowTool>, StorageError>
  /**
   * The workflow that a name stands for: the oldest one whose tool has this name, else the one that the distinct form of
   * its name tells apart; of every tenant's the latter alone. One query.
   */
  readonly find: (owner: ToolOwner, name: string) => Effect.Effect<Option.Option<Workflow>, StorageError>
}>()("atlasit/services/WorkflowToolRepository") {}
