import type { D1Client } from "@effect/sql-d1"
import type { Fragment } from "effect/sql/Statement"
import { untaken } from "../../domain/Execution.ts"
import type { ExecutionId, WorkflowId } from "../../domain/Ids.ts"
import { Limits } from "../../domain/Limits.ts"
import type { Keyset } from "../../domain/Page.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { ExecutionDraft, ExecutionFilter } from "../../services/ExecutionRepository.ts"
import { storedAs } from "../ExecutionRow.ts"
import { pageQuery } from "./PageQuery.ts"
import { isDue } from "./ScheduleQueries.ts"
import { afterPlace, ofTenant, rowsOf } from "./Sql.ts"

/**
 * The workflow of a draft, whether there is an execution of its id already, and then the draft's row if there is none, the
 * workflow is active and has no input schema but the checked one: the three statements of one batch. A retry runs another
 * version of it, perhaps, whose inputs were checked.
 */
export const insertExecution = (sql: D1Client.D1Client, draft: ExecutionDraft, json: DraftJson) =>
  [
    sql`SELECT * FROM workflows WHERE ${workflowOf(sql, draft)}`,
    sql`SELECT id FROM executions WHERE id = ${draft.id}`,
    insertPending(
      sql,
      draft,
      json,
      draft.retry === null
        ? sql`(json_extract(options, '$.inputSchema') IS NULL OR version = ${draft.checkedVersion})`
        : sql`1 = 1`
    )
  ] as const

/** What nests in a draft, as a row holds it. */
export interface DraftJson {
  readonly inputs: string
  readonly parent: string | null
  readonly triggerData: string | null
}

/** A draft's row, if there is none yet, the workflow is active and `condition` holds for it. */
export const insertPending = (sql: D1Client.D1Client, draft: ExecutionDraft, json: DraftJson, condition: Fragment) =>
  sql`INSERT INTO executions (id, workflow_id, workflow_version, tenant_id, status, "trigger", inputs, request_id,
      retry_of, retry_from, placement, parent, trigger_data, started_at, created_at, updated_at)
    SELECT ${draft.id}, id, ${
    draft.retry === null ? sql.literal("version") : draft.retry.version
  }, tenant_id, 'pending',
      ${draft.trigger}, ${json.inputs}, ${draft.requestId}, ${draft.retry?.of ?? null}, ${draft.retry?.from ?? null},
      ${draft.placement}, ${json.parent}, ${json.triggerData}, ${draft.createdAt}, ${draft.createdAt}, ${draft.createdAt}
    FROM workflows WHERE ${workflowOf(sql, draft)} AND status = 'active' AND ${condition}
      AND ${draft.fire === undefined ? sql`1 = 1` : sql`EXISTS (SELECT 1 FROM fires WHERE ${isDue(sql, draft.fire)})`}
    ON CONFLICT (id) DO NOTHING
    RETURNING id`

const workflowOf = (sql: D1Client.D1Client, draft: ExecutionDraft) =>
  sql.and([sql`id = ${draft.workflowId}`, sql`deleted_at IS NULL`, ...ofTenant(sql, draft.tenantId)])

/**
 * A page of executions: of a workflow, of a tenant, or of all, each from its index. A workflow's executions are fewer
 * than its tenant's, so with both the `+` keeps the tenant's index out.
 */
export const listExecutions = (sql: D1Client.D1Client, filter: ExecutionFilter) => {
  const { tenantId, workflowId, workflows } = filter
  const beyondTenant = tenantId === null ? [] : [sql`+tenant_id = ${tenantId}`]
  const conditions = [
    ...(filter.status === undefined ? [] : [sql.in("status", storedAs(filter.status))]),
    ...(filter.trigger === undefined ? [] : [sql`"trigger" = ${filter.trigger}`]),
    ...(filter.from === undefined ? [] : [sql`created_at >= ${filter.from}`]),
    ...(filter.to === undefined || isPast(filter.to, filter.after) ? [] : [sql`created_at < ${filter.to}`]),
    ...afterPlace(sql, filter.after)
  ]
  const where = workflowId !== undefined
    ? [
      sql`workflow_id = ${workflowId}`,
      ...(workflows === undefined ? [] : [sql`${workflowId} IN (SELECT value FROM ${rowsOf(sql, workflows)})`]),
      ...beyondTenant,
      ...conditions
    ]
    : workflows !== undefined
    ? [newestOfEach(sql, workflows, [...beyondTenant, ...conditions], filter.limit)]
    : [...ofTenant(sql, tenantId), ...conditions]
  return pageQuery(sql, {
    table: "executions",
    bytes: "octet_length(inputs) + coalesce(octet_length(outputs), 0) + coalesce(octet_length(error), 0)",
    where: [sql`1 = 1`, ...where],
    limit: filter.limit
  })
}

/**
 * Is among the newest executions of one of these workflows, so many of each as a page may need: what is read is bounded by
 * the number of workflows, however many executions they or their tenant have.
 */
const newestOfEach = (
  sql: D1Client.D1Client,
  workflows: ReadonlyArray<WorkflowId>,
  conditions: ReadonlyArray<Fragment>,
  limit: number
) =>
  sql`id IN (
    SELECT newest.id FROM ${rowsOf(sql, workflows)} AS workflow CROSS JOIN executions AS newest
    WHERE newest.id IN (
      SELECT id FROM executions WHERE ${sql.and([sql`workflow_id = workflow.value`, ...conditions])}
      ORDER BY created_at DESC, id DESC LIMIT ${limit + 1}
    )
  )`

/** On a later page the place itself is the tighter bound; with both, SQLite might search the index for the other. */
const isPast = (to: Timestamp, place: Keyset | undefined): boolean => place !== undefined && place.createdAt < to

/**
 * Touches those unfinished executions that were touched the longest ago, no more than a page of them in bytes. A waiting
 * execution is not among them: its own alarm wakes it.
 */
export const claimStaleExecutions = (sql: D1Client.D1Client, options: {
  readonly before: Timestamp
  readonly now: Timestamp
  readonly limit: number
}) => {
  const stale = sql`status IN ('pending', 'running') AND updated_at < ${options.before}`
  return sql`
    WITH candidates AS (
      SELECT id, updated_at, octet_length(inputs) AS bytes FROM executions
      WHERE ${stale} ORDER BY updated_at, id LIMIT ${options.limit}
    ), summed AS (
      SELECT id, SUM(bytes) OVER oldest AS total, ROW_NUMBER() OVER oldest AS position FROM candidates
      WINDOW oldest AS (ORDER BY updated_at, id ROWS UNBOUNDED PRECEDING)
    )
    UPDATE executions SET updated_at = ${options.now}
    WHERE id IN (SELECT id FROM summed WHERE total <= ${Limits.pageBytes} OR position = 1) AND ${stale}
    RETURNING *`
}

/** Has not ended, or is only said not to have been taken by the engine. */
export const isUnfinished = (sql: D1Client.D1Client) =>
  sql`status IN ('pending', 'queued', 'running', 'waiting')
    OR (status = 'failed' AND json_extract(error, '$.code') = ${untaken.code})`

/** Those of these executions that have not ended. However many they are, they are one parameter. */
export const unfinishedExecutions = (sql: D1Client.D1Client, ids: ReadonlyArray<ExecutionId>) =>
  sql`SELECT id FROM executions
    WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)})) AND (${isUnfinished(sql)})`

/**
 * Removes executions whose own time is over, and those without one that ended so long ago: each kind from its part of the
 * index, the oldest first.
 */
export const pruneExecutions = (sql: D1Client.D1Client, { endedBefore, limit, now }: {
  readonly now: Timestamp
  readonly endedBefore: Timestamp
  readonly limit: number
}) =>
  sql`DELETE FROM executions WHERE id IN (
      SELECT id FROM (
        SELECT id FROM executions WHERE expires_at <= ${now} AND completed_at IS NOT NULL
        ORDER BY expires_at, completed_at, id LIMIT ${limit}
      )
      UNION ALL
      SELECT id FROM (
        SELECT id FROM executions WHERE expires_at IS NULL AND completed_at < ${endedBefore}
        ORDER BY completed_at, id LIMIT ${limit}
      )
    )
    RETURNING id`
