import { Cause, Context, Duration, Effect, Layer, Option } from "effect"
import type { Headers } from "effect/http/Headers"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { networkOf } from "../domain/Address.ts"
import { Limits } from "../domain/Limits.ts"
import { isExceeded, storeTimeout } from "./Quota.ts"

const window = Duration.seconds(Limits.failedAuthenticationSeconds)

/**
 * How many keys that are not valid one address may show in a window. An address counts only where the platform tells it:
 * without that all callers would be one, and so they are on the machine's own.
 */
export class FailedAttempts extends Context.Service<FailedAttempts, {
  /** Counts a key that is not valid; answers how long to wait, if there were too many of its address. */
  readonly count: (headers: Headers) => Effect.Effect<Option.Option<Duration.Duration>>
}>()("atlasit/http/FailedAttempts") {
  static readonly layer = Layer.effect(
    FailedAttempts,
    Effect.gen(function*() {
      const limiter = yield* RateLimiter.RateLimiter

      const count = Effect.fnUntraced(function*(headers: Headers) {
        const network = networkOf(headers["cf-connecting-ip"] ?? "")
        if (network === undefined) return Option.none()
        return yield* limiter.consume({
          algorithm: "fixed-window",
          onExceeded: "fail",
          window,
          limit: Limits.failedAuthentications,
          key: `failed:${network}`
        }).pipe(
          Effect.timeout(storeTimeout),
          Effect.as(Option.none<Duration.Duration>()),
          Effect.catchDefect(Effect.fail),
          Effect.catch((error) =>
            isExceeded(error)
              ? Effect.succeedSome(error.reason.retryAfter)
              : Effect.as(
                Effect.logWarning(
                  "The rate limiter's store failed; a failed attempt is not counted",
                  Cause.fail(error)
                ),
                Option.none<Duration.Duration>()
              )
          )
        )
      })

      return FailedAttempts.of({ count })
    })
  )
}
