import { Effect, Layer } from "effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { AppConfig } from "../../services/AppConfig.ts"
import type { KeyValues, RateLimitNamespace } from "./Bindings.ts"
import * as RateLimiterStoreKv from "./RateLimiterStoreKv.ts"
import * as RateLimiterStoreObject from "./RateLimiterStoreObject.ts"

/** The store that `RATE_LIMIT_STORE` names. */
export const layer = Layer.unwrap(
  Effect.map(AppConfig, ({ rateLimit }) => stores[rateLimit.store])
)

const stores: Readonly<
  Record<
    AppConfig["Service"]["rateLimit"]["store"],
    Layer.Layer<RateLimiter.RateLimiterStore, never, KeyValues | RateLimitNamespace>
  >
> = {
  "kv": RateLimiterStoreKv.layer,
  "durable-object": RateLimiterStoreObject.layer,
  "memory": RateLimiter.layerStoreMemory
}
