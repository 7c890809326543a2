import type { D1Client } from "@effect/sql-d1"
import type { TenantId, WorkflowId } from "../../domain/Ids.ts"
import type { VersionFilter, WorkflowFilter } from "../../services/WorkflowRepository.ts"
import { pageQuery } from "./PageQuery.ts"
import { afterPlace, ofTenant, rowsOf } from "./Sql.ts"

/**
 * A page of workflows, from the tenant's index or the one of all; of some, by their ids. A name is looked for with `instr`, as D1 takes no
 * `LIKE` pattern of more than 50 bytes; it ignores the case of ASCII letters.
 */
export const listWorkflows = (sql: D1Client.D1Client, filter: WorkflowFilter) =>
  pageQuery(sql, {
    table: "workflows",
    bytes:
      "octet_length(name) + coalesce(octet_length(description), 0) + octet_length(steps) + octet_length(triggers) + octet_length(options)",
    where: [
      sql`deleted_at IS NULL`,
      ...(filter.workflows === undefined ? ofTenant(sql, filter.tenantId) : [
        sql`id IN (SELECT value FROM ${rowsOf(sql, filter.workflows)})`,
        ...(filter.tenantId === null ? [] : [sql`+tenant_id = ${filter.tenantId}`])
      ]),
      ...(filter.status === undefined ? [] : [sql`status = ${filter.status}`]),
      ...(filter.name === undefined ? [] : [sql`instr(lower(name), lower(${filter.name})) > 0`]),
      ...afterPlace(sql, filter.after)
    ],
    limit: filter.limit
  })

/** Those of these ids that are workflows of a tenant. They are fewer than the tenant's, so the `+` keeps its index out. */
export const knownWorkflows = (sql: D1Client.D1Client, tenantId: TenantId, ids: ReadonlyArray<WorkflowId>) =>
  sql`SELECT id FROM workflows
    WHERE id IN (SELECT value FROM ${rowsOf(sql, ids)}) AND +tenant_id = ${tenantId} AND deleted_at IS NULL`

/** A workflow's versions, from their index, and one more than asked for if there is one. */
export const listWorkflowVersions = (sql: D1Client.D1Client, { before, id, limit, tenantId }: VersionFilter) =>
  sql`SELECT workflow_versions.version, workflow_versions.name, workflow_versions.created_at,
      workflow_versions.version = workflows.version AS current
    FROM workflows JOIN workflow_versions ON workflow_versions.workflow_id = workflows.id
    WHERE ${
    sql.and([
      sql`workflows.id = ${id}`,
      sql`workflows.deleted_at IS NULL`,
      ...ofTenant(sql, tenantId),
      ...(before === undefined ? [] : [sql`workflow_versions.version < ${before}`])
    ])
  }
    ORDER BY workflow_versions.version DESC LIMIT ${limit + 1}`
