import { Effect, Layer } from "effect"
import { CurrentPrincipal } from "../api/Authentication.ts"
import { RateLimit } from "../api/RateLimit.ts"
import { Quota } from "../Quota.ts"

/** Counts each request against its key's quota before anything else is done for it. */
export const layer = Layer.effect(
  RateLimit,
  Effect.gen(function*() {
    const quota = yield* Quota
    return RateLimit.of((app) => CurrentPrincipal.pipe(Effect.flatMap(quota.consume), Effect.andThen(app)))
  })
)
