import { D1Client } from "@effect/sql-d1"
import { Effect, Layer } from "effect"
import { Executor } from "../../services/Executor.ts"
import { Dependencies } from "../../services/Health.ts"
import { storageErrorOf } from "../Operation.ts"
import { KeyValues } from "./Bindings.ts"

/** A key that is never written: whether KV answers is all that counts. */
const probeKey = "health"

/** Asks the database, the key-value store and the engine. */
export const layer = Layer.effect(
  Dependencies,
  Effect.gen(function*() {
    const sql = yield* D1Client.D1Client
    const kv = yield* KeyValues
    const executor = yield* Executor
    return Dependencies.of({
      database: sql`SELECT 1`.pipe(Effect.asVoid, storageErrorOf("health.database")),
      kv: Effect.tryPromise(() => kv.get(probeKey)).pipe(Effect.asVoid, storageErrorOf("health.kv")),
      engine: executor.ping
    })
  })
)
