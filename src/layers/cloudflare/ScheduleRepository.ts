import { D1Client } from "@effect/sql-d1"
import { Effect, Layer, Option, Schema } from "effect"
import { Inputs } from "../../domain/Execution.ts"
import { ExecutionId, TenantId, WorkflowId } from "../../domain/Ids.ts"
import { ScheduleSpec } from "../../domain/Schedule.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import type { Claim, FireFilter, FireOutcome, FireRef, ScheduleRef } from "../../services/ScheduleRepository.ts"
import { ScheduleRepository } from "../../services/ScheduleRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { compareText } from "../Paging.ts"
import { FireRow, makeFirePage, ScheduleRow, toFire } from "../ScheduleRow.ts"
import {
  behindSchedules,
  claimFires,
  dueSchedules,
  findDueFire,
  isDue,
  listFires,
  nextDueSchedule,
  pruneFires,
  revokeFires,
  takeFires
} from "./ScheduleQueries.ts"

/** Schedules and their ledger in D1. */
export const layer = Layer.effect(
  ScheduleRepository,
  Effect.gen(function*() {
    const sql = yield* D1Client.D1Client

    const list = Effect.fn("ScheduleRepository.list")(function*(workflowId: WorkflowId) {
      const [schedules, fires] = yield* sql.batch([
        sql`SELECT * FROM schedules WHERE workflow_id = ${workflowId} ORDER BY number`,
        sql`SELECT fires.* FROM schedules JOIN fires
            ON fires.workflow_id = schedules.workflow_id AND fires.key = schedules.key
          WHERE schedules.workflow_id = ${workflowId} AND fires.fire_at = (
            SELECT max(fire_at) FROM fires
            WHERE fires.workflow_id = schedules.workflow_id AND fires.key = schedules.key
          )`
      ])
      const newest = new Map((yield* decodeFires(fires)).map((fire) => [fire.key, toFire(fire)]))
      return (yield* decodeSchedules(schedules)).map((schedule) => ({
        ...schedule,
        lastFire: newest.get(schedule.key) ?? null
      }))
    }, storageErrorOf("schedules.list"))

    const setPaused = Effect.fn("ScheduleRepository.setPaused")(
      function*({ key, workflowId }: ScheduleRef, paused: boolean, nextFireAt: Timestamp | null) {
        const next = paused ? sql`NULL` : sql`CASE WHEN paused = 0 THEN next_fire_at
          WHEN (SELECT status FROM workflows WHERE id = workflow_id) = 'active' THEN ${nextFireAt} END`
        const [changed] = yield* sql.batch([
          sql`UPDATE schedules SET next_fire_at = ${next}, paused = ${paused ? 1 : 0}
            WHERE workflow_id = ${workflowId} AND key = ${key} RETURNING key`,
          revokeFires(sql, workflowId)
        ])
        return changed.length === 1
      },
      storageErrorOf("schedules.setPaused")
    )

    const due = Effect.fn("ScheduleRepository.due")(function*(now: Timestamp, limit: number) {
      return yield* decodeDue(yield* dueSchedules(sql, now, limit))
    }, storageErrorOf("schedules.due"))

    const nextDue = nextDueSchedule(sql).pipe(
      Effect.flatMap(decodeNext),
      Effect.map(([row]) => Option.fromNullishOr(row?.nextFireAt)),
      Effect.withSpan("ScheduleRepository.nextDue"),
      storageErrorOf("schedules.nextDue")
    )

    const claim = Effect.fn("ScheduleRepository.claim")(function*(claims: ReadonlyArray<Claim>, at: Timestamp) {
      yield* sql.batch(claimFires(sql, claims, at))
    }, storageErrorOf("schedules.claim"))

    const take = Effect.fn("ScheduleRepository.take")(
      function*(options: { readonly before: Timestamp; readonly now: Timestamp; readonly limit: number }) {
        const taken = yield* decodeRefs(yield* takeFires(sql, options))
        return taken.toSorted((a, b) => compareText(a.fireAt, b.fireAt))
      },
      storageErrorOf("schedules.take")
    )

    const findDue = Effect.fn("ScheduleRepository.findDue")(function*(fire: FireRef) {
      return Option.fromUndefinedOr((yield* decodeDueFires(yield* findDueFire(sql, fire)))[0])
    }, storageErrorOf("schedules.findDue"))

    const record = Effect.fn("ScheduleRepository.record")(
      function*(fire: FireRef, { executionId, ...outcome }: FireOutcome, at: Timestamp) {
        const last = executionId === null ? [] : [
          sql`UPDATE schedules SET last_execution_id = ${executionId}
            WHERE workflow_id = ${fire.workflowId} AND key = ${fire.key}`
        ]
        yield* sql.batch([
          sql`UPDATE fires SET ${sql.update({ ...outcome, executionId, recordedAt: at })} WHERE ${isDue(sql, fire)}`,
          ...last
        ])
      },
      storageErrorOf("schedules.record")
    )

    const fires = Effect.fn("ScheduleRepository.fires")(function*(filter: FireFilter) {
      return makeFirePage(yield* decodeFires(yield* listFires(sql, filter)), filter.limit)
    }, storageErrorOf("schedules.fires"))

    const behind = Effect.fn("ScheduleRepository.behind")(function*(before: Timestamp) {
      const rows = yield* decodeBehind((yield* sql.batch(behindSchedules(sql, before))).flat())
      const times = rows.flatMap(({ since }) => since ?? []).sort(compareText)
      return { count: rows.reduce((total, { count }) => total + count, 0), since: times[0] ?? null }
    }, storageErrorOf("schedules.behind"))

    const prune = Effect.fn("ScheduleRepository.prune")(function*(before: Timestamp, limit: number) {
      return (yield* pruneFires(sql, before, limit)).length
    }, storageErrorOf("schedules.prune"))

    return ScheduleRepository.of({
      list,
      setPaused,
      due,
      nextDue,
      claim,
      take,
      findDue,
      record,
      fires,
      behind,
      prune
    })
  })
)

const rowsOf = <S extends Schema.Constraint>(row: S) => Schema.decodeUnknownEffect(Schema.Array(row))

const decodeSchedules = rowsOf(ScheduleRow)
const decodeDue = rowsOf(Schema.Struct({ ...ScheduleRow.fields, nextFireAt: Timestamp }))
const decodeNext = rowsOf(Schema.Struct({ nextFireAt: Schema.NullOr(Timestamp) }))
const decodeRefs = rowsOf(Schema.Struct({ workflowId: WorkflowId, key: Schema.String, fireAt: Timestamp }))
const decodeDueFires = rowsOf(Schema.Struct({
  tenantId: TenantId,
  inputs: Schema.fromJsonString(Inputs),
  overlap: ScheduleSpec.fields.overlap,
  running: Schema.NullOr(ExecutionId)
}))
const decodeFires = rowsOf(FireRow)
const decodeBehind = rowsOf(Schema.Struct({ count: Schema.Int, since: Schema.NullOr(Timestamp) }))
