import { Clock, Context, Duration, Effect, FiberSet, Layer, Option } from "effect"
import * as Digest from "effect/crypto/Digest"
import { Hex } from "effect/encoding"
import type { Concurrency } from "../domain/Concurrency.ts"
import { concurrencyLimit } from "../domain/Concurrency.ts"
import type { EngineUnavailable, StorageError } from "../domain/Errors.ts"
import { isTerminal } from "../domain/Execution.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import { canonical } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import type { LogLevel } from "../domain/LogEntry.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { ExecutionRepository } from "../services/ExecutionRepository.ts"
import type { ExecutionRef } from "../services/Executor.ts"
import { Executor } from "../services/Executor.ts"
import type { SlotRecord } from "../services/Journal.ts"
import { Journal } from "../services/Journal.ts"
import type { LeaseOutcome } from "../services/Leases.ts"
import { Leases } from "../services/Leases.ts"
import { Expressions } from "./Expressions.ts"
import type { Run } from "./Run.ts"
import { startScopeOf } from "./Scope.ts"
import { StepFailure } from "./StepHandler.ts"
import { annotations, CancelRequested, supervision } from "./Supervision.ts"
import { rest } from "./Waits.ts"

/** Tells a run of its slot. No client can send a signal of this name. */
const slotSignal = "$slot"

/** Where a run waits that has not begun. No step has this path. */
const queuePath = "$slot"

/** Sees to it that no more executions run at the same time than their workflow's setting allows. */
export class Slots extends Context.Service<Slots, {
  /** Waits for the run's slot; one whose workflow sets no limit needs none, and nobody is asked. */
  readonly enter: (run: Run) => Effect.Effect<void, StepFailure | CancelRequested | StorageError>
  /** Frees the slot of a run that has ended, or its place in the queue. */
  readonly leave: (run: Run) => Effect.Effect<void, StorageError>
}>()("atlasit/engine/Slots") {
  static readonly layer = Layer.effect(
    Slots,
    Effect.gen(function*() {
      const leases = yield* Leases
      const journal = yield* Journal
      const executor = yield* Executor
      const repository = yield* ExecutionRepository
      const expressions = yield* Expressions
      const { digest } = yield* Digest.Digest
      /** Who tells others waits for nobody: what is told may wait for what the teller holds. */
      const tellers = yield* FiberSet.make<void, never>()

      const sha256 = (text: string) =>
        Effect.map(Effect.orDie(digest(Digest.sha256, new TextEncoder().encode(text))), Hex.encode)

      /** The key's value may be long, and nobody else's business: its digest names the scope. */
      const scopeFor = Effect.fnUntraced(function*(run: Run, { key }: Concurrency) {
        const { tenantId, workflowId } = run.snapshot
        const scope = `${tenantId}/${workflowId}`
        if (key === undefined) return scope
        return `${scope}/${yield* sha256(canonical(yield* expressions.evaluate(key, startScopeOf(run))))}`
      })

      const setSlot = Effect.fnUntraced(function*(run: Run, slot: SlotRecord) {
        yield* journal.slot(run.snapshot.executionId, slot)
        run.setSlot(slot)
        return slot
      })

      const claim = Effect.fnUntraced(function*(run: Run, concurrency: Concurrency) {
        const scope = yield* scopeFor(run, concurrency)
        return yield* setSlot(run, { scope, askedAt: yield* Clock.currentTimeMillis, heldSince: null })
      })

      /** Does something to an execution that has not ended, wherever it runs. What fails is done again at the next look. */
      const reach = (id: ExecutionId, act: (ref: ExecutionRef) => Effect.Effect<unknown, EngineUnavailable>) =>
        Effect.gen(function*() {
          const found = yield* repository.find(id, null)
          if (Option.isNone(found) || isTerminal(found.value.execution.status)) return
          yield* act({ id, placement: found.value.placement })
        }).pipe(
          Effect.catch((error) => Effect.logWarning("An execution could not be reached about its slot", error)),
          Effect.annotateLogs({ reached: id })
        )

      const tell = (ids: ReadonlyArray<ExecutionId>) =>
        ids.length === 0 ? Effect.void : FiberSet.run(
          tellers,
          Effect.forEach(ids, (id) => reach(id, (ref) => executor.signal(ref, slotSignal, null)), {
            concurrency: supervision.storesAtOnce,
            discard: true
          })
        )

      /** Lets the run take the place of others. Each time that it looks, should they still be there. */
      const supersede = (run: Run, ids: ReadonlyArray<ExecutionId>, isFirst: boolean) =>
        Effect.forEach(ids, (id) =>
          Effect.andThen(
            isFirst ? log(run, "info", `Execution ${id} is cancelled: this one runs in its place`) : Effect.void,
            reach(id, (ref) => executor.cancel(ref, supersededBy(run.snapshot.executionId)))
          ), { concurrency: supervision.storesAtOnce, discard: true })

      const ask = (run: Run, { scope }: SlotRecord, { limit, whenFull = "queue" }: Concurrency) =>
        leases.acquire({ scope, limit, whenFull, id: run.snapshot.executionId }).pipe(
          Effect.tap(({ granted }) => tell(granted)),
          Effect.asSome,
          Effect.catch((error) =>
            Effect.as(Effect.logWarning("The slots of an execution did not answer", error), Option.none())
          )
        )

      const hold = Effect.fnUntraced(function*(run: Run, slot: SlotRecord, heldSince: number, waited: boolean) {
        yield* setSlot(run, { ...slot, heldSince })
        if (waited) yield* log(run, "info", "Got its slot", { waitedMs: Math.max(0, heldSince - slot.askedAt) })
      })

      const enter = Effect.fnUntraced(function*(run: Run) {
        const { concurrency } = run.snapshot.definition.settings ?? {}
        if (concurrency === undefined || !run.isQueued) return
        const slot = run.slot ?? (yield* claim(run, concurrency))
        let waited = run.wasParked
        while (true) {
          // What they told is asked for now.
          while (run.takeSignal(slotSignal) !== undefined);
          const answer = yield* ask(run, slot, concurrency)
          const outcome = Option.isSome(answer) ? answer.value.outcome : unanswered
          switch (outcome._tag) {
            case "Granted":
              return yield* hold(run, slot, outcome.since, waited)
            case "Rejected":
              return yield* rejected(concurrency.limit, outcome.waiting)
            case "Superseded":
              yield* log(run, "warn", supersededBy(outcome.by))
              return yield* new CancelRequested()
            case "Queued":
              if (!waited) yield* log(run, "info", "Waiting for a slot", { before: outcome.before })
              yield* supersede(run, outcome.cancel, !waited)
              waited = true
              yield* rest(
                run,
                queuePath,
                yield* nextLook(slot, supervision.slotLook, supervision.slotLookAtMost),
                slotSignal
              )
              break
            case "Unanswered":
              yield* rest(run, queuePath, yield* nextLook(slot, supervision.retryAfter, supervision.retryAtMost))
          }
        }
      }, (effect, run) => Effect.annotateLogs(effect, annotations(run.snapshot)))

      const leave = Effect.fnUntraced(function*(run: Run) {
        if (run.slot !== undefined) yield* tell(yield* leases.release(run.slot.scope, run.snapshot.executionId))
      })

      return Slots.of({ enter, leave })
    })
  ).pipe(Layer.provide(Digest.layerWebCrypto))
}

const unanswered: LeaseOutcome | { readonly _tag: "Unanswered" } = { _tag: "Unanswered" }

const supersededBy = (id: ExecutionId): string => `Cancelled: execution ${id} runs in its place`

const rejected = (limit: number, waiting: number) =>
  new StepFailure({
    code: concurrencyLimit,
    message: waiting >= Limits.concurrencyQueue
      ? `${waiting} executions wait for a slot already`
      : `${limit} ${limit === 1 ? "execution runs" : "executions run"} already, and no more may at the same time`
  })

const log = (run: Run, level: LogLevel, message: string, data?: Record<string, number>) =>
  Effect.flatMap(
    Timestamp.now,
    (timestamp) =>
      Effect.logDebug(run.log({ timestamp, level, message, ...(data === undefined ? {} : { data }) }).message)
  )

/** The longer it waits, the later it looks again by itself: should nobody tell it of its slot. */
const nextLook = ({ askedAt }: SlotRecord, atLeast: Duration.Duration, atMost: Duration.Duration) =>
  Effect.map(
    Clock.currentTimeMillis,
    (now) => now + Math.min(Math.max((now - askedAt) / 2, Duration.toMillis(atLeast)), Duration.toMillis(atMost))
  )
