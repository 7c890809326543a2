import { Schema } from "effect"
import { ExecutionId } from "../domain/Ids.ts"
import { Limits } from "../domain/Limits.ts"
import type { LeaseOutcome, SlotRequest } from "../services/Leases.ts"

/** An execution that holds a slot or waits for one. */
export const Lease = Schema.Struct({
  id: ExecutionId,
  /** Its place among those that asked, from 1 on. */
  position: Schema.Int,
  /** When it got its slot, in milliseconds since 1970; null: it waits. */
  heldSince: Schema.NullOr(Schema.Finite),
  /** The execution that runs in its place: it is being cancelled. */
  supersededBy: Schema.NullOr(ExecutionId)
})
export type Lease = typeof Lease.Type

/** Where the leases of a scope are kept. */
export interface LeaseStore {
  readonly put: (lease: Lease) => void
  readonly remove: (lease: Lease) => void
  readonly setLimit: (limit: number) => void
}

/** The slots of one scope: who holds them and who waits. What changes is written to the store at once. */
export class LeaseTable {
  private readonly store: LeaseStore
  private limit: number
  /** In the order of their positions. */
  private readonly leases = new Map<ExecutionId, Lease>()
  /** When each was last known to be there, in milliseconds since 1970. Not stored: one that is read is looked up. */
  private readonly confirmed = new Map<ExecutionId, number>()
  /** Those that got their slot while they waited, and have not asked since. */
  private readonly untold = new Set<ExecutionId>()
  private last = 0

  constructor(store: LeaseStore, limit: number, leases: ReadonlyArray<Lease>) {
    this.store = store
    this.limit = limit
    for (const lease of leases) {
      this.leases.set(lease.id, lease)
      this.last = Math.max(this.last, lease.position)
    }
  }

  get isEmpty(): boolean {
    return this.leases.size === 0
  }

  /** An execution asks, for the first time or again. Who else gets a slot by it is told by `promote`. */
  ask({ id, limit, whenFull }: SlotRequest, now: number): LeaseOutcome {
    const isNew = !this.leases.has(id)
    if (isNew) {
      this.setLimit(limit)
      const waiting = this.waiting().length
      const isFull = this.holders().length + waiting >= limit
      if (isFull && (whenFull === "reject" || waiting >= Limits.concurrencyQueue)) return { _tag: "Rejected", waiting }
      this.put({ id, position: ++this.last, heldSince: isFull ? null : now, supersededBy: null })
    }
    this.confirmed.set(id, now)
    this.untold.delete(id)
    const lease = this.leases.get(id)
    const by = lease?.supersededBy ?? null
    if (by !== null) return { _tag: "Superseded", by }
    const since = lease?.heldSince ?? null
    if (since !== null) return { _tag: "Granted", since }
    const cancel = whenFull === "cancel-oldest" ? this.supersede(id, isNew) : []
    return { _tag: "Queued", before: this.waiting().findIndex((other) => other.id === id), cancel }
  }

  /** Lets those in front of the queue have the free slots; answers them. */
  promote(now: number): ReadonlyArray<ExecutionId> {
    const free = Math.max(0, this.limit - this.holders().length)
    const promoted = this.waiting().slice(0, free)
    for (const lease of promoted) {
      this.put({ ...lease, heldSince: now })
      this.untold.add(lease.id)
    }
    return promoted.map(({ id }) => id)
  }

  /** Frees a slot, or a place in the queue; false: there was none. */
  release(id: ExecutionId): boolean {
    const lease = this.leases.get(id)
    if (lease === undefined) return false
    this.leases.delete(id)
    this.confirmed.delete(id)
    this.untold.delete(id)
    this.store.remove(lease)
    if (this.isEmpty) this.limit = 0
    return true
  }

  /** Those that got their slot while they waited, and may not know it. */
  unaware(): ReadonlyArray<ExecutionId> {
    return [...this.untold]
  }

  /**
   * Those that were last known to be there before this time, and of the ones that wait only the next to get a slot. They
   * are no more than a query takes.
   */
  unconfirmed(before: number): ReadonlyArray<ExecutionId> {
    const later = new Set(this.waiting().slice(this.limit))
    return [...this.leases.values()]
      .filter((lease) => !later.has(lease) && (this.confirmed.get(lease.id) ?? 0) < before)
      .slice(0, 2 * Limits.concurrency)
      .map(({ id }) => id)
  }

  /** They are there. */
  confirm(ids: ReadonlyArray<ExecutionId>, now: number): void {
    for (const id of ids) if (this.leases.has(id)) this.confirmed.set(id, now)
  }

  private holders(): ReadonlyArray<Lease> {
    return [...this.leases.values()].filter(({ heldSince }) => heldSince !== null)
  }

  /** Those that are being cancelled get no slot any more. */
  private waiting(): ReadonlyArray<Lease> {
    return [...this.leases.values()].filter(({ heldSince, supersededBy }) =>
      heldSince === null && supersededBy === null
    )
  }

  /** The newest ones are to run: marks the others. Answers those to be cancelled; asked again, also those marked before. */
  private supersede(by: ExecutionId, isNew: boolean): ReadonlyArray<ExecutionId> {
    const all = [...this.leases.values()]
    const older = all.slice(0, Math.min(all.length - this.limit, all.findIndex(({ id }) => id === by)))
    const unmarked = older.filter(({ supersededBy }) => supersededBy === null)
    for (const lease of unmarked) this.put({ ...lease, supersededBy: by })
    return (isNew ? unmarked : older).map(({ id }) => id)
  }

  private setLimit(limit: number): void {
    if (this.limit === limit) return
    this.limit = limit
    this.store.setLimit(limit)
  }

  private put(lease: Lease): void {
    this.leases.set(lease.id, lease)
    this.store.put(lease)
  }
}
