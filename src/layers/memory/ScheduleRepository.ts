import { Effect, Layer, Option, PubSub, Schema, Struct } from "effect"
import { Inputs } from "../../domain/Execution.ts"
import type { Fire } from "../../domain/Fire.ts"
import type { WorkflowId } from "../../domain/Ids.ts"
import { ExecutionId, TenantId } from "../../domain/Ids.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type {
  Claim,
  DueSchedule,
  FireFilter,
  FireOutcome,
  FireRef,
  ScheduleRef
} from "../../services/ScheduleRepository.ts"
import { ScheduleRepository } from "../../services/ScheduleRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { compareText, isAfter, newestFirst } from "../Paging.ts"
import type { FireRow } from "../ScheduleRow.ts"
import { makeFirePage, toFire } from "../ScheduleRow.ts"
import { ExecutionTable } from "./ExecutionTable.ts"
import { Faults } from "./Faults.ts"
import { fireKey, scheduleKey, ScheduleTable } from "./ScheduleTable.ts"
import { WorkflowTable } from "./WorkflowTable.ts"

/** Schedules and their ledger in the memory of this process. */
export const layer = Layer.effect(
  ScheduleRepository,
  Effect.gen(function*() {
    const faults = yield* Faults
    const table = yield* ScheduleTable
    const workflows = yield* WorkflowTable
    const executions = yield* ExecutionTable
    const { fires: ledger, schedules } = table

    const list = Effect.fn("ScheduleRepository.list")(function*(workflowId: WorkflowId) {
      yield* faults.check("schedules.list")
      return [...schedules.values()]
        .filter((row) => row.workflowId === workflowId)
        .sort((a, b) => a.number - b.number)
        .map((row) => ({ ...Struct.omit(row, ["inputs", "lastExecutionId"]), lastFire: newestFire(row) }))
    }, storageErrorOf("schedules.list"))

    const newestFire = (schedule: ScheduleRef): Fire | null => {
      const [newest] = [...ledger.values()]
        .filter(({ key, workflowId }) => key === schedule.key && workflowId === schedule.workflowId)
        .sort((a, b) => newestFirst(placeOf(a), placeOf(b)))
      return newest === undefined ? null : toFire(newest)
    }

    const setPaused = Effect.fn("ScheduleRepository.setPaused")(
      function*(ref: ScheduleRef, paused: boolean, nextFireAt: Timestamp | null) {
        yield* faults.check("schedules.setPaused")
        const row = schedules.get(scheduleKey(ref))
        if (row === undefined) return false
        const isActive = workflows.rows.get(ref.workflowId)?.status === "active"
        const next = paused ? null : !row.paused ? row.nextFireAt : isActive ? nextFireAt : null
        schedules.set(scheduleKey(ref), { ...row, paused, nextFireAt: next })
        table.revoke(ref.workflowId)
        yield* PubSub.publish(table.changes, undefined)
        return true
      },
      storageErrorOf("schedules.setPaused")
    )

    const due = Effect.fn("ScheduleRepository.due")(function*(now: Timestamp, limit: number) {
      yield* faults.check("schedules.due")
      const found: Array<DueSchedule> = []
      for (const { inputs: _, lastExecutionId: __, ...row } of schedules.values()) {
        if (row.nextFireAt !== null && row.nextFireAt <= now) found.push({ ...row, nextFireAt: row.nextFireAt })
      }
      return found.sort((a, b) => compareText(a.nextFireAt, b.nextFireAt)).slice(0, limit)
    }, storageErrorOf("schedules.due"))

    const nextDue = faults.check("schedules.nextDue").pipe(
      Effect.map(() => {
        let earliest: Timestamp | null = null
        for (const { nextFireAt } of schedules.values()) {
          if (nextFireAt !== null && (earliest === null || nextFireAt < earliest)) earliest = nextFireAt
        }
        return Option.fromNullOr(earliest)
      })
    )

    const claim = Effect.fn("ScheduleRepository.claim")(function*(claims: ReadonlyArray<Claim>, at: Timestamp) {
      yield* faults.check("schedules.claim")
      for (const { expected, fires, key, next, number, workflowId } of claims) {
        const row = schedules.get(scheduleKey({ key, workflowId }))
        if (row?.nextFireAt !== expected) continue
        for (const fire of fires) {
          const name = fireKey({ workflowId, key, fireAt: fire.fireAt })
          if (ledger.has(name)) continue
          const blank = { lateMs: null, executionId: null, recordedAt: at, takenAt: "" }
          ledger.set(name, { workflowId, key, number, ...fire, ...blank })
          if (fire.status === "due") waiting.add(name)
        }
        schedules.set(scheduleKey(row), { ...row, nextFireAt: next })
      }
    }, storageErrorOf("schedules.claim"))

    /** The ledger may be long, and what is due of it is short. */
    const waiting = new Set<string>()

    const take = Effect.fn("ScheduleRepository.take")(
      function*(options: { readonly before: Timestamp; readonly now: Timestamp; readonly limit: number }) {
        yield* faults.check("schedules.take")
        const found = [...waiting].flatMap((name) => {
          const fire = ledger.get(name)
          if (fire?.status === "due") return fire.takenAt < options.before ? [fire] : []
          waiting.delete(name)
          return []
        })
        const taken = found
          .sort((a, b) => compareText(a.takenAt, b.takenAt) || compareText(a.fireAt, b.fireAt))
          .slice(0, options.limit)
        for (const fire of taken) ledger.set(fireKey(fire), { ...fire, takenAt: options.now })
        return taken
          .map(({ fireAt, key, workflowId }): FireRef => ({ workflowId, key, fireAt }))
          .sort((a, b) => compareText(a.fireAt, b.fireAt))
      },
      storageErrorOf("schedules.take")
    )

    const findDue = Effect.fn("ScheduleRepository.findDue")(function*(fire: FireRef) {
      yield* faults.check("schedules.findDue")
      const schedule = schedules.get(scheduleKey(fire))
      const workflow = workflows.rows.get(fire.workflowId)
      if (ledger.get(fireKey(fire))?.status !== "due" || schedule === undefined || workflow === undefined) {
        return Option.none()
      }
      const last = executions.rows.get(schedule.lastExecutionId ?? "")
      return Option.some({
        tenantId: TenantId.make(workflow.tenantId),
        inputs: yield* Schema.decodeEffect(InputsJson)(schedule.inputs),
        overlap: schedule.overlap,
        running: last === undefined || last.completedAt !== null ? null : ExecutionId.make(last.id)
      })
    }, storageErrorOf("schedules.findDue"))

    const record = Effect.fn("ScheduleRepository.record")(
      function*(ref: FireRef, outcome: FireOutcome, at: Timestamp) {
        yield* faults.check("schedules.record")
        const fire = ledger.get(fireKey(ref))
        if (fire?.status === "due") ledger.set(fireKey(ref), { ...fire, ...outcome, recordedAt: at })
        const schedule = schedules.get(scheduleKey(ref))
        if (schedule !== undefined && outcome.executionId !== null) {
          schedules.set(scheduleKey(ref), { ...schedule, lastExecutionId: outcome.executionId })
        }
      },
      storageErrorOf("schedules.record")
    )

    const fires = Effect.fn("ScheduleRepository.fires")(function*({ after, limit, workflowId }: FireFilter) {
      yield* faults.check("schedules.fires")
      const found = [...ledger.values()]
        .filter((fire) => fire.workflowId === workflowId && isAfter(placeOf(fire), after))
        .sort((a, b) => newestFirst(placeOf(a), placeOf(b)))
      return makeFirePage(found.slice(0, limit + 1), limit)
    }, storageErrorOf("schedules.fires"))

    const behind = Effect.fn("ScheduleRepository.behind")(function*(before: Timestamp) {
      yield* faults.check("schedules.behind")
      const times = [
        ...[...schedules.values()].flatMap(({ nextFireAt }) => nextFireAt ?? []).filter((time) => time < before),
        ...[...ledger.values()]
          .filter(({ recordedAt, status }) => status === "due" && recordedAt < before)
          .map(({ fireAt }) => fireAt)
      ].sort(compareText)
      return { count: times.length, since: times[0] ?? null }
    }, storageErrorOf("schedules.behind"))

    const prune = Effect.fn("ScheduleRepository.prune")(function*(before: Timestamp, limit: number) {
      yield* faults.check("schedules.prune")
      const old = [...ledger.values()].filter(({ fireAt }) => fireAt < before)
      const pruned = old.sort((a, b) => compareText(a.fireAt, b.fireAt)).slice(0, limit)
      for (const fire of pruned) ledger.delete(fireKey(fire))
      return pruned.length
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

const InputsJson = Schema.fromJsonString(Inputs)

const placeOf = ({ fireAt, key }: FireRow) => ({ createdAt: fireAt, id: key })
