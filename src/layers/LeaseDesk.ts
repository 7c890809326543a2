import { Clock, Effect, Semaphore } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import type { ExecutionRepository } from "../services/ExecutionRepository.ts"
import type { LeaseAnswer, SlotRequest } from "../services/Leases.ts"
import { leaseUpkeep } from "../services/Leases.ts"
import type { LeaseTable } from "./LeaseTable.ts"

/** Answers for one scope, one call after the other. */
export interface LeaseDesk {
  readonly acquire: (request: SlotRequest) => Effect.Effect<LeaseAnswer, StorageError>
  readonly release: (id: ExecutionId) => Effect.Effect<ReadonlyArray<ExecutionId>, StorageError>
}

/** Over the table of a scope; `emptied` is run when a release has left nothing in it. */
export const makeDesk = (
  table: LeaseTable,
  executions: Pick<ExecutionRepository["Service"], "unfinished">,
  emptied: Effect.Effect<void, StorageError>
): LeaseDesk => {
  const mutex = Semaphore.makeUnsafe(1)

  /** Frees the slots of executions that have ended or are gone; whether it freed one. */
  const freeLost = Effect.fnUntraced(function*(now: number) {
    const ids = table.unconfirmed(now - leaseUpkeep.confirmAfterMillis)
    if (ids.length === 0) return false
    const unfinished = new Set(yield* executions.unfinished(ids))
    const lost = ids.filter((id) => !unfinished.has(id))
    table.confirm([...unfinished], now)
    for (const id of lost) table.release(id)
    if (lost.length > 0) yield* Effect.logWarning("Slots of executions that have ended were freed", { lost })
    return lost.length > 0
  }, Effect.catch((error) => Effect.as(Effect.logWarning("The holders of slots could not be looked up", error), false)))

  const acquire = Effect.fnUntraced(function*(request: SlotRequest) {
    const now = yield* Clock.currentTimeMillis
    const others = () => table.promote(now).filter((id) => id !== request.id)
    let outcome = table.ask(request, now)
    const granted = [...others()]
    // A higher limit has let those in front of it go.
    if (granted.length > 0) outcome = table.ask(request, now)
    if ((outcome._tag === "Queued" || outcome._tag === "Rejected") && (yield* freeLost(now))) {
      granted.push(...others())
      outcome = table.ask(request, now)
    }
    return { outcome, granted }
  }, mutex.withPermit)

  const release = Effect.fnUntraced(function*(id: ExecutionId) {
    // Asked for again, since the first answer was lost: who was to be told then may still not know.
    if (!table.release(id)) return table.unaware()
    if (table.isEmpty) yield* emptied
    return table.promote(yield* Clock.currentTimeMillis)
  }, mutex.withPermit)

  return { acquire, release }
}
