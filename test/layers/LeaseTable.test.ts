import { assert, describe, it } from "@effect/vitest"
import { ExecutionId } from "../../src/domain/Ids.ts"
import { Limits } from "../../src/domain/Limits.ts"
import type { Lease } from "../../src/layers/LeaseTable.ts"
import { LeaseTable } from "../../src/layers/LeaseTable.ts"

const id = (n: number) => ExecutionId.make(`e${n}`)

/** A store, and what is kept in it. */
const makeStore = () => {
  const leases = new Map<number, Lease>()
  const kept = { limit: 0, writes: 0 }
  const store = {
    put: (lease: Lease) => {
      kept.writes++
      leases.set(lease.position, lease)
    },
    remove: (lease: Lease) => {
      kept.writes++
      leases.delete(lease.position)
    },
    setLimit: (limit: number) => {
      kept.writes++
      kept.limit = limit
    }
  }
  const sorted = () => [...leases.values()].sort((a, b) => a.position - b.position)
  return { store, kept, leases: sorted, reopen: () => new LeaseTable(store, kept.limit, sorted()) }
}

const queue = (n: number, limit: number) => ({ id: id(n), limit, whenFull: "queue" as const })

describe("LeaseTable", () => {
  it("lets as many wait as the limit of the queue says, and no more", () => {
    const { store } = makeStore()
    const table = new LeaseTable(store, 0, [])
    const asked = Array.from({ length: Limits.concurrencyQueue + 1 }, (_, n) => table.ask(queue(n, 1), 0)._tag)
    assert.deepStrictEqual([...new Set(asked)], ["Granted", "Queued"])
    const full = { _tag: "Rejected", waiting: Limits.concurrencyQueue } as const
    assert.deepStrictEqual(table.ask(queue(-1, 1), 0), full)
    assert.deepStrictEqual(table.ask(queue(5, 1), 0), { _tag: "Queued", before: 4, cancel: [] })
    table.release(id(0))
    assert.deepStrictEqual(table.promote(0), [id(1)])
    assert.strictEqual(table.ask(queue(-1, 1), 0)._tag, "Queued")
  })

  it("writes what changes, and nothing when nothing does", () => {
    const { kept, store } = makeStore()
    const table = new LeaseTable(store, 0, [])
    const writes = (act: () => void) => {
      const before = kept.writes
      act()
      return kept.writes - before
    }
    assert.strictEqual(writes(() => table.ask(queue(1, 1), 0)), 2)
    assert.strictEqual(writes(() => table.ask(queue(2, 1), 0)), 1)
    assert.strictEqual(writes(() => table.ask(queue(2, 1), 0)), 0)
    assert.strictEqual(writes(() => table.promote(0)), 0)
    assert.strictEqual(writes(() => table.release(id(1))), 1)
    assert.strictEqual(writes(() => table.promote(0)), 1)
    assert.strictEqual(writes(() => table.release(id(1))), 0)
  })

  it("is the same when it is read again", () => {
    const { leases, reopen, store } = makeStore()
    const table = new LeaseTable(store, 0, [])
    for (let n = 0; n < 5; n++) table.ask(queue(n, 2), n)
    table.release(id(0))
    table.promote(7)
    const again = reopen()
    assert.deepStrictEqual(again.ask(queue(2, 2), 9), { _tag: "Granted", since: 7 })
    assert.deepStrictEqual(again.ask(queue(4, 2), 9), { _tag: "Queued", before: 1, cancel: [] })
    assert.strictEqual(again.ask(queue(5, 2), 9)._tag, "Queued")
    assert.deepStrictEqual(leases().map(({ position }) => position), [2, 3, 4, 5, 6])
    // Nobody has been heard of since it was read but those that asked.
    assert.deepStrictEqual(again.unconfirmed(1), [id(1), id(3)])
  })

  it("looks up no more than a query takes", () => {
    const { store } = makeStore()
    const table = new LeaseTable(store, 0, [])
    for (let n = 0; n < 5_000; n++) table.ask(queue(n, Limits.concurrency), 0)
    assert.strictEqual(table.unconfirmed(1).length, 2 * Limits.concurrency)
    const few = new LeaseTable(store, 0, [])
    for (let n = 0; n < 5_000; n++) few.ask(queue(n, 3), 0)
    assert.deepStrictEqual(few.unconfirmed(1), [0, 1, 2, 3, 4, 5].map(id))
  })
})
