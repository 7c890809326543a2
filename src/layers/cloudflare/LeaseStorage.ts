import { Context, Effect, Layer, Schema } from "effect"
import { ExecutionRepository } from "../../services/ExecutionRepository.ts"
import type { LeaseDesk } from "../LeaseDesk.ts"
import { makeDesk } from "../LeaseDesk.ts"
import { Lease, LeaseTable } from "../LeaseTable.ts"
import { storageErrorOf } from "../Operation.ts"
import { ObjectStorage } from "./Bindings.ts"

/** The slots of the one scope that an object is for. */
export class ObjectDesk extends Context.Service<ObjectDesk, LeaseDesk>()("atlasit/layers/cloudflare/ObjectDesk") {}

const limitKey = "limit"
const prefix = "lease:"
/** The number of digits that a safe integer has: keys are read in the order of their positions. */
const digits = 16
const keyOf = ({ position }: Lease): string => prefix + String(position).padStart(digits, "0")

/**
 * Leases in a Durable Object's SQLite: read once, then kept in memory and written through. When the last one goes, all
 * that the object stores goes: a key that is never used again leaves nothing that has to be paid.
 */
export const layer = Layer.effect(
  ObjectDesk,
  Effect.gen(function*() {
    const storage = yield* ObjectStorage
    const executions = yield* ExecutionRepository
    const store = {
      put: (lease: Lease) => storage.kv.put(keyOf(lease), lease),
      remove: (lease: Lease) => {
        storage.kv.delete(keyOf(lease))
      },
      setLimit: (limit: number) => storage.kv.put(limitKey, limit)
    }
    const leases = yield* Schema.decodeUnknownEffect(Schema.Array(Lease))(
      [...storage.kv.list({ prefix })].map(([, lease]) => lease)
    )
    const limit = yield* Schema.decodeUnknownEffect(Schema.Int)(storage.kv.get(limitKey) ?? 0)
    const table = new LeaseTable(store, limit, leases)
    const emptied = Effect.tryPromise(() => storage.deleteAll()).pipe(storageErrorOf("leases.release"))
    return makeDesk(table, executions, emptied)
  })
)
