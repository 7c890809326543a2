import { Context, Duration, Effect, Layer, Option } from "effect"
import * as Digest from "effect/crypto/Digest"
import type { StorageError } from "../domain/Errors.ts"
import { snapshotOf } from "../domain/ExecutionState.ts"
import { fireReasons } from "../domain/Fire.ts"
import { planFires } from "../domain/FirePlan.ts"
import { summarize } from "../domain/Issues.ts"
import { Limits } from "../domain/Limits.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { definitionOf } from "../domain/Workflow.ts"
import { admit } from "./Admission.ts"
import { derivedId } from "./DerivedId.ts"
import { ExecutionRepository } from "./ExecutionRepository.ts"
import { pendingExecution } from "./ExecutionView.ts"
import { Executor } from "./Executor.ts"
import type { Claim, DueSchedule, FireOutcome, FireRef } from "./ScheduleRepository.ts"
import { ScheduleRepository } from "./ScheduleRepository.ts"
import { SchemaValidator } from "./SchemaValidator.ts"

/**
 * How much one turn does. An invocation on Cloudflare may make 1,000 calls: a start makes 7, or 10 where a schema is
 * checked, so 80 starts and what finds and claims them stay below.
 */
const turn = {
  /** Schedules that are claimed, and the fires that one call to the store records. */
  claims: 500,
  firesPerCall: 500,
  /** Executions that are started, and at the same time. */
  starts: 80,
  concurrency: 10,
  /** A fire that was taken and not started by then is taken again. */
  takenFor: Duration.minutes(2)
} as const

/** Starts executions when their schedules say so. */
export class ScheduleRuns extends Context.Service<ScheduleRuns, {
  /**
   * Does one turn: records each fire whose time has come, and starts those that are due. `next`: when there is something
   * to do again; now, if there was more than one turn does.
   */
  readonly turn: Effect.Effect<
    { readonly started: number; readonly next: Option.Option<Timestamp.Timestamp> },
    StorageError
  >
}>()("atlasit/services/ScheduleRuns") {
  static readonly layer = Layer.effect(
    ScheduleRuns,
    Effect.gen(function*() {
      const repository = yield* ScheduleRepository
      const executions = yield* ExecutionRepository
      const executor = yield* Executor
      const validator = yield* SchemaValidator
      const digest = yield* Digest.Digest

      const claim = Effect.fnUntraced(function*(now: Timestamp.Timestamp) {
        const due = yield* repository.due(now, turn.claims)
        let claims: Array<Claim> = []
        let fires = 0
        for (const schedule of due) {
          const planned = claimOf(schedule, now)
          yield* tellMissed(planned)
          claims.push(planned)
          fires += planned.fires.length
          if (fires < turn.firesPerCall) continue
          yield* repository.claim(claims, now)
          ;[claims, fires] = [[], 0]
        }
        if (claims.length > 0) yield* repository.claim(claims, now)
        return due.length
      })

      const settle = (fire: FireRef, outcome: Partial<FireOutcome> & Pick<FireOutcome, "status">) =>
        Effect.flatMap(
          Timestamp.now,
          (now) => repository.record(fire, { reason: null, lateMs: null, executionId: null, ...outcome }, now)
        )

      const settledAs = (...settled: Parameters<typeof settle>) => Effect.as(settle(...settled), "settled" as const)

      /** The row counts: if the engine does not take the execution now, the sweep brings it there. */
      const start = Effect.fnUntraced(function*(fire: FireRef) {
        const found = yield* repository.findDue(fire)
        if (Option.isNone(found)) return "settled"
        const { inputs, overlap, running, tenantId } = found.value
        const id = yield* derivedId(digest, [fire.workflowId, fire.key, fire.fireAt])
        if (overlap === "skip" && running !== null && running !== id) {
          yield* settle(fire, { status: "skipped", reason: fireReasons.overlap(running) })
          return "settled"
        }
        const draft = {
          id,
          workflowId: fire.workflowId,
          tenantId,
          inputs,
          trigger: "schedule",
          requestId: null,
          placement: yield* executor.place(id),
          createdAt: yield* Timestamp.now,
          fire,
          retry: null
        }
        const { known, workflow } = yield* admit(executions, validator, draft)
        const lateMs = Timestamp.toMillis(draft.createdAt) - Timestamp.toMillis(fire.fireAt)
        yield* settle(fire, {
          status: lateMs > Limits.fireGraceMillis ? "late" : "started",
          lateMs,
          executionId: id
        })
        if (known) return "settled"
        yield* executor.start(
          draft.placement,
          snapshotOf(pendingExecution(draft, workflow), definitionOf(workflow)),
          { waitMillis: 0, recovery: false }
        ).pipe(
          Effect.catch((error) => Effect.logWarning("The engine did not take a scheduled execution yet", error))
        )
        return "started"
      })

      const startOrSettle = (fire: FireRef) =>
        start(fire).pipe(
          Effect.catchTag(
            "ExecutionInvalid",
            ({ issues }) => settledAs(fire, { status: "failed", reason: summarize(issues) })
          ),
          Effect.catchTag(
            ["WorkflowInactive", "WorkflowNotFound"],
            () => settledAs(fire, { status: "skipped", reason: fireReasons.revoked })
          ),
          Effect.catch((error) =>
            Effect.as(
              Effect.logWarning("A schedule's execution could not be started; it is tried again", error),
              "undecided" as const
            )
          ),
          Effect.annotateLogs({ workflowId: fire.workflowId, fireAt: fire.fireAt })
        )

      const startTaken = Effect.fnUntraced(function*(now: Timestamp.Timestamp) {
        const before = Timestamp.fromMillis(Timestamp.toMillis(now) - Duration.toMillis(turn.takenFor))
        const taken = yield* repository.take({ now, before, limit: turn.starts })
        // Fires of one schedule start one after the other: each looks at the execution before it.
        const bySchedule = Map.groupBy(taken, ({ key, workflowId }) => JSON.stringify([workflowId, key]))
        const endings: ReadonlyArray<ReadonlyArray<Ending>> = yield* Effect.forEach(
          bySchedule.values(),
          (fires) => Effect.forEach(fires, startOrSettle),
          { concurrency: turn.concurrency }
        )
        const count = (end: Ending) => endings.flat().filter((ending) => ending === end).length
        return { taken: taken.length, started: count("started"), undecided: count("undecided") }
      })

      const work = Effect.gen(function*() {
        const now = yield* Timestamp.now
        const claimed = yield* claim(now)
        const { started, taken, undecided } = yield* startTaken(now)
        if (claimed === turn.claims || taken === turn.starts) return { started, next: Option.some(now) }
        const again = Timestamp.fromMillis(Timestamp.toMillis(now) + Duration.toMillis(turn.takenFor) + 1)
        const next = yield* repository.nextDue
        return {
          started,
          next: undecided === 0 ? next : Option.some(earlier(again, Option.getOrElse(next, () => again)))
        }
      }).pipe(Effect.withSpan("ScheduleRuns.turn"))

      return ScheduleRuns.of({ turn: work })
    })
  ).pipe(Layer.provide(Digest.layerWebCrypto))
}

/** Of a fire that was taken; undecided: it is due still. */
type Ending = "started" | "settled" | "undecided"

const earlier = (a: Timestamp.Timestamp, b: Timestamp.Timestamp): Timestamp.Timestamp => a < b ? a : b

const claimOf = ({ nextFireAt, ...schedule }: DueSchedule, now: Timestamp.Timestamp): Claim => ({
  workflowId: schedule.workflowId,
  key: schedule.key,
  number: schedule.number,
  expected: nextFireAt,
  ...planFires(schedule, nextFireAt, now)
})

const tellMissed = ({ fires, number, workflowId }: Claim): Effect.Effect<void> => {
  const missed = fires.filter(({ status }) => status === "missed")
  return missed.length === 0
    ? Effect.void
    : Effect.logWarning("Fires of a schedule were missed", {
      workflowId,
      schedule: number,
      from: missed[0]?.fireAt,
      entries: missed.length
    })
}
