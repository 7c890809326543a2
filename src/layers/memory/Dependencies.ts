import { Effect, Layer } from "effect"
import { Dependencies } from "../../services/Health.ts"
import { Faults } from "./Faults.ts"

/** Nothing that could be away. */
export const layer = Layer.effect(
  Dependencies,
  Effect.map(Faults, (faults) => ({
    database: faults.check("health.database"),
    kv: faults.check("health.kv"),
    engine: Effect.void
  }))
)
