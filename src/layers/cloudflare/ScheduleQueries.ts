import type { D1Client } from "@effect/sql-d1"
import { Struct } from "effect"
import type { Fragment } from "effect/sql/Statement"
import { fireReasons } from "../../domain/Fire.ts"
import type { TenantId, WorkflowId } from "../../domain/Ids.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import type { Claim, FireFilter, FireRef } from "../../services/ScheduleRepository.ts"
import { writtenSchedules } from "../ScheduleRow.ts"
import { ofTenant } from "./Sql.ts"

/**
 * Brings the schedules in step with a workflow that is about to be written over this version: the same batch writes it after
 * these statements, or neither does anything. `condition` must hold for it, besides.
 */
export const writeSchedules = (
  sql: D1Client.D1Client,
  workflow: Workflow,
  storedVersion: number,
  condition: Fragment = sql`1 = 1`
) => {
  const schedules = writtenSchedules(workflow)
  const keys = JSON.stringify(schedules.map(({ key }) => key))
  const stored = sql`workflows.id = ${workflow.id} AND workflows.tenant_id = ${workflow.tenantId}
    AND workflows.version = ${storedVersion} AND workflows.deleted_at IS NULL AND ${condition}`
  return [
    sql`DELETE FROM schedules WHERE workflow_id = ${workflow.id} AND key NOT IN (SELECT value FROM json_each(${keys}))
      AND EXISTS (SELECT 1 FROM workflows WHERE ${stored})`,
    ...(schedules.length === 0 ? [] : [
      sql`INSERT INTO schedules
          (workflow_id, key, number, cron, timezone, overlap, catch_up, inputs, next_fire_at)
        SELECT workflows.id, value ->> 'key', value ->> 'number', value ->> 'cron', value ->> 'timezone',
          value ->> 'overlap', value ->> 'catchUp', value ->> 'inputs', value ->> 'nextFireAt'
        FROM workflows, json_each(${JSON.stringify(schedules)}) WHERE ${stored}
        ON CONFLICT (workflow_id, key) DO UPDATE SET
          number = excluded.number, overlap = excluded.overlap, catch_up = excluded.catch_up, inputs = excluded.inputs,
          next_fire_at = CASE WHEN paused = 1 OR excluded.next_fire_at IS NULL THEN NULL
            ELSE coalesce(next_fire_at, excluded.next_fire_at) END`
    ]),
    revokeFires(sql, workflow.id)
  ]
}

/** Removes the schedules of a workflow that the same batch removes after these statements. */
export const removeSchedules = (sql: D1Client.D1Client, id: WorkflowId, tenantId: TenantId | null) => [
  sql`DELETE FROM schedules WHERE workflow_id = ${id} AND EXISTS (
    SELECT 1 FROM workflows WHERE ${sql.and([sql`id = ${id}`, ...ofTenant(sql, tenantId)])}
  )`,
  revokeFires(sql, id)
]

/** What is due of a workflow's schedules that are gone or stand still is skipped: few of a ledger that may be long. */
export const revokeFires = (sql: D1Client.D1Client, workflowId: WorkflowId) =>
  sql`UPDATE fires INDEXED BY fires_due_by_workflow SET status = 'skipped', reason = ${fireReasons.revoked}
    WHERE status = 'due' AND workflow_id = ${workflowId} AND NOT EXISTS (
      SELECT 1 FROM schedules
      WHERE schedules.workflow_id = fires.workflow_id AND schedules.key = fires.key AND next_fire_at IS NOT NULL
    )`

/** The schedules whose time has come, from their index. */
export const dueSchedules = (sql: D1Client.D1Client, now: Timestamp, limit: number) =>
  sql`SELECT * FROM schedules WHERE next_fire_at <= ${now} ORDER BY next_fire_at LIMIT ${limit}`

/** The earliest next fire. */
export const nextDueSchedule = (sql: D1Client.D1Client) =>
  sql`SELECT min(next_fire_at) AS next_fire_at FROM schedules WHERE next_fire_at IS NOT NULL`

/** Records the fires of those claims that still hold, and then moves their schedules on: the statements of one batch. */
export const claimFires = (sql: D1Client.D1Client, claims: ReadonlyArray<Claim>, at: Timestamp) => {
  const fires = JSON.stringify(
    claims.flatMap(({ expected, fires, key, number, workflowId }) =>
      fires.map((fire) => ({ ...fire, expected, key, number, workflowId }))
    )
  )
  const moves = JSON.stringify(claims.map((move) => Struct.omit(move, ["fires"])))
  const holds = (claim: string) =>
    sql.literal(`schedules.workflow_id = ${claim}.value ->> 'workflowId' AND schedules.key = ${claim}.value ->> 'key'
      AND schedules.next_fire_at = ${claim}.value ->> 'expected'`)
  return [
    sql`INSERT INTO fires (workflow_id, key, fire_at, number, until, status, reason, recorded_at)
      SELECT schedules.workflow_id, schedules.key, fire.value ->> 'fireAt', fire.value ->> 'number',
        fire.value ->> 'until', fire.value ->> 'status', fire.value ->> 'reason', ${at}
      FROM json_each(${fires}) AS fire CROSS JOIN schedules WHERE ${holds("fire")}
      ON CONFLICT DO NOTHING`,
    sql`UPDATE schedules SET next_fire_at = move.value ->> 'next' FROM json_each(${moves}) AS move
      WHERE ${holds("move")}`
  ]
}

/** Takes fires that are due, from their index. */
export const takeFires = (
  sql: D1Client.D1Client,
  { before, limit, now }: { readonly before: Timestamp; readonly now: Timestamp; readonly limit: number }
) =>
  sql`UPDATE fires SET taken_at = ${now} WHERE (workflow_id, key, fire_at) IN (
      SELECT workflow_id, key, fire_at FROM fires WHERE status = 'due' AND taken_at < ${before}
      ORDER BY taken_at, fire_at LIMIT ${limit}
    ) RETURNING workflow_id, key, fire_at`

/** What a fire that is due needs to be started. */
export const findDueFire = (sql: D1Client.D1Client, fire: FireRef) =>
  sql`SELECT workflows.tenant_id, schedules.inputs, schedules.overlap, (
      SELECT id FROM executions WHERE id = schedules.last_execution_id AND completed_at IS NULL
    ) AS running
    FROM fires JOIN schedules ON schedules.workflow_id = fires.workflow_id AND schedules.key = fires.key
      JOIN workflows ON workflows.id = fires.workflow_id
    WHERE ${isDue(sql, fire)}`

/** Whether a fire is due still. */
export const isDue = (sql: D1Client.D1Client, { fireAt, key, workflowId }: FireRef) =>
  sql`fires.workflow_id = ${workflowId} AND fires.key = ${key} AND fires.fire_at = ${fireAt} AND fires.status = 'due'`

/** A workflow's fires, from their index, and one more than asked for if there is one. */
export const listFires = (sql: D1Client.D1Client, { after, limit, workflowId }: FireFilter) =>
  sql`SELECT * FROM fires WHERE ${
    sql.and([
      sql`workflow_id = ${workflowId}`,
      ...(after === undefined ? [] : [sql`(fire_at, key) < (${after.createdAt}, ${after.id})`])
    ])
  } ORDER BY fire_at DESC, key DESC LIMIT ${limit + 1}`

/** How many schedules and fires are behind, and the oldest time among them: two statements. */
export const behindSchedules = (sql: D1Client.D1Client, before: Timestamp) =>
  [
    sql`SELECT count(*) AS count, min(next_fire_at) AS since FROM schedules WHERE next_fire_at < ${before}`,
    sql`SELECT count(*) AS count, min(fire_at) AS since FROM fires WHERE status = 'due' AND recorded_at < ${before}`
  ] as const

/** Removes the oldest entries of the ledger. */
export const pruneFires = (sql: D1Client.D1Client, before: Timestamp, limit: number) =>
  sql`DELETE FROM fires WHERE (workflow_id, key, fire_at) IN (
      SELECT workflow_id, key, fire_at FROM fires WHERE fire_at < ${before} ORDER BY fire_at LIMIT ${limit}
    ) RETURNING fire_at`
