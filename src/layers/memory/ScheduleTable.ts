import { Context, Effect, Layer, PubSub } from "effect"
import { fireReasons } from "../../domain/Fire.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import type { FireRef, ScheduleRef } from "../../services/ScheduleRepository.ts"
import type { FireRow, ScheduleRow, WrittenSchedule } from "../ScheduleRow.ts"
import { writtenSchedules } from "../ScheduleRow.ts"

type StoredRow = typeof ScheduleRow.Type & Pick<typeof WrittenSchedule.Encoded, "inputs"> & {
  readonly lastExecutionId: string | null
}

/** The schedules of the memory layers, and their ledger: both repositories of workflows and executions work with them. */
export class ScheduleTable extends Context.Service<ScheduleTable, {
  readonly schedules: Map<string, StoredRow>
  readonly fires: Map<string, FireRow & { readonly takenAt: string }>
  /** Tells that a schedule may fire earlier than it was to. */
  readonly changes: PubSub.PubSub<void>
  /** Brings the schedules in step with a workflow that was just written. */
  readonly write: (workflow: Workflow) => Effect.Effect<void>
  /** Removes the schedules of a workflow that was just removed. */
  readonly remove: (workflowId: string) => void
  /** What is due of a workflow's schedules that are gone or stand still is skipped. */
  readonly revoke: (workflowId: string) => void
}>()("atlasit/layers/memory/ScheduleTable") {
  static readonly layer = Layer.effect(
    ScheduleTable,
    Effect.gen(function*() {
      const schedules: ScheduleTable["Service"]["schedules"] = new Map()
      const fires: ScheduleTable["Service"]["fires"] = new Map()
      const changes = yield* PubSub.sliding<void>(1)

      const revoke = (workflowId: string): void => {
        for (const [name, fire] of fires) {
          if (fire.workflowId !== workflowId || fire.status !== "due") continue
          if ((schedules.get(scheduleKey(fire))?.nextFireAt ?? null) !== null) continue
          fires.set(name, { ...fire, status: "skipped", reason: fireReasons.revoked })
        }
      }

      const remove = (workflowId: string, kept: ReadonlySet<string> = new Set()): void => {
        for (const [name, row] of schedules) {
          if (row.workflowId === workflowId && !kept.has(row.key)) schedules.delete(name)
        }
        revoke(workflowId)
      }

      const write = (workflow: Workflow) => {
        const written = writtenSchedules(workflow)
        for (const schedule of written) {
          const name = scheduleKey({ workflowId: workflow.id, key: schedule.key })
          schedules.set(name, merge(workflow.id, schedule, schedules.get(name)))
        }
        remove(workflow.id, new Set(written.map(({ key }) => key)))
        return written.length === 0 ? Effect.void : PubSub.publish(changes, undefined)
      }

      return ScheduleTable.of({ schedules, fires, changes, write, remove, revoke })
    })
  )
}

const merge = (
  workflowId: Workflow["id"],
  { nextFireAt, ...members }: ReturnType<typeof writtenSchedules>[number],
  stored: StoredRow | undefined
): StoredRow => ({
  ...members,
  workflowId,
  paused: stored?.paused ?? false,
  nextFireAt: stored?.paused === true || nextFireAt === null ? null : stored?.nextFireAt ?? Timestamp.make(nextFireAt),
  lastExecutionId: stored?.lastExecutionId ?? null
})

/** Names a schedule. */
export const scheduleKey = ({ key, workflowId }: ScheduleRef): string => JSON.stringify([workflowId, key])

/** Names an entry of the ledger. */
export const fireKey = ({ fireAt, key, workflowId }: FireRef): string => JSON.stringify([workflowId, key, fireAt])
