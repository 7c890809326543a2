import { Schema, Struct } from "effect"
import { Inputs } from "../domain/Execution.ts"
import { Fire } from "../domain/Fire.ts"
import { WorkflowId } from "../domain/Ids.ts"
import type { Page } from "../domain/Page.ts"
import { encodeCursor } from "../domain/Page.ts"
import { nextFireAfter, schedulesOf, ScheduleSpec } from "../domain/Schedule.ts"
import { Timestamp } from "../domain/Timestamp.ts"
import type { Workflow } from "../domain/Workflow.ts"

/** A schedule as a row holds it, without its inputs. */
export const ScheduleRow = Schema.Struct({
  workflowId: WorkflowId,
  key: ScheduleSpec.fields.key,
  number: ScheduleSpec.fields.number,
  cron: ScheduleSpec.fields.cron,
  timezone: ScheduleSpec.fields.timezone,
  overlap: ScheduleSpec.fields.overlap,
  catchUp: ScheduleSpec.fields.catchUp,
  paused: Schema.BooleanFromBit,
  nextFireAt: Schema.NullOr(Timestamp)
})

/** What a write of a workflow says of one of its schedules: everything but whether it is paused. */
export const WrittenSchedule = Schema.Struct({
  ...ScheduleSpec.fields,
  inputs: Schema.fromJsonString(Inputs),
  nextFireAt: Schema.NullOr(Timestamp)
})

/** The schedules of a workflow as they are if they are new: those of an inactive one don't fire. */
export const writtenSchedules = (workflow: Workflow): ReadonlyArray<typeof WrittenSchedule.Encoded> =>
  schedulesOf(workflow.triggers).map((schedule) =>
    Schema.encodeSync(WrittenSchedule)({
      ...schedule,
      nextFireAt: workflow.status === "active" ? nextFireAfter(schedule, workflow.updatedAt) : null
    })
  )

/** An entry of the ledger as a row holds it. */
export const FireRow = Schema.Struct({ workflowId: WorkflowId, key: Schema.String, ...Fire.fields })
export type FireRow = typeof FireRow.Type

/** A row as the API shows it. */
export const toFire = (row: FireRow): Fire => Struct.pick(row, fireMembers)

const fireMembers = Struct.keys(Fire.fields)

/** A page of at most `limit` of these fires; there is another one if more were found. */
export const makeFirePage = (found: ReadonlyArray<FireRow>, limit: number): Page<Fire> => {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return {
    items: items.map(toFire),
    nextCursor: last !== undefined && found.length > limit
      ? encodeCursor({ createdAt: last.fireAt, id: last.key })
      : null
  }
}
