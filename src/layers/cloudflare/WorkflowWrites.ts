import type { D1Client } from "@effect/sql-d1"
import type { Fragment } from "effect/sql/Statement"
import { schedulesOf } from "../../domain/Schedule.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import type { EncodedWorkflow } from "../WorkflowRow.ts"
import { writeSchedules } from "./ScheduleQueries.ts"

/** A new workflow, its version and its schedules: the statements of one batch. */
export const insertWorkflow = (sql: D1Client.D1Client, workflow: Workflow, { definition, row }: EncodedWorkflow) => [
  sql`INSERT INTO workflows ${sql.insert(row)}`,
  sql`INSERT INTO workflow_versions ${
    sql.insert({ workflowId: row.id, version: row.version, definition, createdAt: row.updatedAt, name: row.name })
  }`,
  ...(schedulesOf(workflow.triggers).length === 0 ? [] : writeSchedules(sql, workflow, workflow.version))
]

/** The same while there is none of its id and `condition` holds; else the batch does nothing. */
export const insertWorkflowIf = (
  sql: D1Client.D1Client,
  workflow: Workflow,
  { definition, row }: EncodedWorkflow,
  condition: Fragment
) => [
  sql`INSERT INTO workflows
      (id, tenant_id, name, description, steps, triggers, options, status, version, created_at, updated_at)
    SELECT ${row.id}, ${row.tenantId}, ${row.name}, ${row.description}, ${row.steps}, ${row.triggers}, ${row.options},
      ${row.status}, ${row.version}, ${row.createdAt}, ${row.updatedAt}
    WHERE ${condition} ON CONFLICT DO NOTHING`,
  insertVersion(sql, workflow, definition, condition),
  ...(schedulesOf(workflow.triggers).length === 0 ? [] : writeSchedules(sql, workflow, workflow.version, condition))
]

/**
 * The next version of a workflow, if the stored one is `expectedVersion` and `condition` holds: the statements of one
 * batch; `written` is the place of the one that answers a row if it was stored.
 */
export const updateWorkflow = (
  sql: D1Client.D1Client,
  workflow: Workflow,
  { definition, row }: EncodedWorkflow,
  expectedVersion: number,
  condition: Fragment = sql`1 = 1`
) => {
  const { createdAt: _, id, tenantId, ...columns } = row
  const schedules = writeSchedules(sql, workflow, expectedVersion, condition)
  const update = sql`UPDATE workflows SET ${sql.update(columns)}
    WHERE id = ${id} AND tenant_id = ${tenantId} AND version = ${expectedVersion} AND deleted_at IS NULL AND ${condition}
    RETURNING id`
  return {
    statements: [...schedules, update, insertVersion(sql, workflow, definition, condition)],
    written: schedules.length
  }
}

/**
 * The version's row is written only if the workflow's was. If it wasn't, either the version is not there, or somebody else
 * has made it: then its row is there as well, and stays.
 */
const insertVersion = (sql: D1Client.D1Client, workflow: Workflow, definition: string, condition: Fragment) =>
  sql`INSERT INTO workflow_versions (workflow_id, version, definition, created_at, name)
    SELECT id, version, ${definition}, updated_at, name FROM workflows
    WHERE id = ${workflow.id} AND tenant_id = ${workflow.tenantId} AND version = ${workflow.version}
      AND deleted_at IS NULL AND ${condition}
    ON CONFLICT DO NOTHING`
