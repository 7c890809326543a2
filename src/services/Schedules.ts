import { Context, Effect, Layer, Struct } from "effect"
import type { StorageError, WorkflowNotFound } from "../domain/Errors.ts"
import { ScheduleNotFound } from "../domain/Errors.ts"
import type { Fire } from "../domain/Fire.ts"
import type { WorkflowId } from "../domain/Ids.ts"
import type { Keyset, Page } from "../domain/Page.ts"
import type { Principal } from "../domain/Principal.ts"
import type { Schedule } from "../domain/Schedule.ts"
import { nextFireAfter, nextFiresAfter } from "../domain/Schedule.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { StoredSchedule } from "./ScheduleRepository.ts"
import { ScheduleRepository } from "./ScheduleRepository.ts"
import { findWorkflow } from "./Visibility.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** Which fires a list shows: at most so many, after this place. */
interface Range {
  readonly limit: number
  readonly after?: Keyset | undefined
}

/** What tenants do with the schedules of their workflows. A key bound to a tenant finds nothing of another one. */
export class Schedules extends Context.Service<Schedules, {
  /** By their place among the workflow's triggers. */
  readonly list: (
    principal: Principal,
    id: WorkflowId
  ) => Effect.Effect<ReadonlyArray<Schedule>, WorkflowNotFound | StorageError>
  /** Nothing fires until it is resumed; the times until then are not made up for. */
  readonly pause: (
    principal: Principal,
    id: WorkflowId,
    number: number
  ) => Effect.Effect<Schedule, WorkflowNotFound | ScheduleNotFound | StorageError>
  /** Lets a paused schedule go on from now. */
  readonly resume: (
    principal: Principal,
    id: WorkflowId,
    number: number
  ) => Effect.Effect<Schedule, WorkflowNotFound | ScheduleNotFound | StorageError>
  /** Newest first. */
  readonly fires: (
    principal: Principal,
    id: WorkflowId,
    range: Range
  ) => Effect.Effect<Page<Fire>, WorkflowNotFound | StorageError>
}>()("atlasit/services/Schedules") {
  static readonly layer = Layer.effect(
    Schedules,
    Effect.gen(function*() {
      const repository = yield* ScheduleRepository
      const workflows = yield* WorkflowRepository

      const list = Effect.fn("Schedules.list")(function*(principal: Principal, id: WorkflowId) {
        yield* findWorkflow(workflows, principal, id)
        return (yield* repository.list(id)).map(toSchedule)
      })

      const setPaused = (paused: boolean) =>
        Effect.fnUntraced(function*(principal: Principal, id: WorkflowId, number: number) {
          yield* findWorkflow(workflows, principal, id)
          const found = (yield* repository.list(id)).find((schedule) => schedule.number === number)
          if (found === undefined) return yield* new ScheduleNotFound({ id, number })
          const next = nextFireAfter(found, yield* Timestamp.now)
          yield* repository.setPaused(found, paused, next)
          const changed = (yield* repository.list(id)).find(({ key }) => key === found.key)
          return changed === undefined ? yield* new ScheduleNotFound({ id, number }) : toSchedule(changed)
        })

      const fires = Effect.fn("Schedules.fires")(function*(principal: Principal, id: WorkflowId, range: Range) {
        yield* findWorkflow(workflows, principal, id)
        return yield* repository.fires({ workflowId: id, ...range })
      })

      return Schedules.of({ list, pause: setPaused(true), resume: setPaused(false), fires })
    })
  )
}

const toSchedule = (schedule: StoredSchedule & { readonly lastFire: Fire | null }): Schedule => ({
  ...Struct.omit(schedule, ["key", "workflowId"]),
  nextFires: schedule.nextFireAt === null ? [] : nextFiresAfter(schedule, Timestamp.toMillis(schedule.nextFireAt) - 1)
})
