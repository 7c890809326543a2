import { Cause, Context, Duration, Effect, Layer } from "effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as RateLimiter from "effect/persistence/RateLimiter"
import type { Principal } from "../domain/Principal.ts"
import { AppConfig } from "../services/AppConfig.ts"
import type { Problem } from "./api/Errors.ts"
import { withResponseHeaders } from "./CurrentRequest.ts"
import { refuse } from "./Problems.ts"

/** A store that has not counted a request by then has failed. */
export const storeTimeout = "2 seconds"

/** Whole seconds for a header: at least one. */
export const seconds = (duration: Duration.Duration): number => Math.max(1, Math.ceil(Duration.toSeconds(duration)))

/** How many requests a key may make in a window. */
export class Quota extends Context.Service<Quota, {
  /** Counts a request and tells the caller by headers what is left; fails with RATE-001 when nothing was. */
  readonly consume: (principal: Principal) => Effect.Effect<void, Problem, HttpServerRequest>
}>()("atlasit/http/Quota") {
  static readonly layer = Layer.effect(
    Quota,
    Effect.gen(function*() {
      const { rateLimit: { maxRequests: limit, window } } = yield* AppConfig
      const limiter = yield* RateLimiter.RateLimiter

      const tell = (remaining: number, reset: Duration.Duration, headers: Record<string, string> = {}) =>
        withResponseHeaders({
          "ratelimit-limit": String(limit),
          "ratelimit-remaining": String(remaining),
          "ratelimit-reset": String(seconds(reset)),
          ...headers
        })

      const consume = ({ keyId }: Principal): Effect.Effect<void, Problem, HttpServerRequest> =>
        limiter.consume({ algorithm: "fixed-window", onExceeded: "fail", window, limit, key: keyId }).pipe(
          Effect.timeout(storeTimeout),
          Effect.flatMap(({ remaining, resetAfter }) => tell(remaining, resetAfter)),
          Effect.catchDefect(Effect.fail),
          Effect.catch((error) =>
            isExceeded(error)
              ? tell(0, error.reason.retryAfter, { "retry-after": String(seconds(error.reason.retryAfter)) }).pipe(
                Effect.andThen(refuse({ code: "RATE-001", status: 429, detail: `The limit is ${limit} requests` }))
              )
              // Better uncounted than refused: the limit protects the service, it does not guard it.
              : Effect.logWarning("The rate limiter's store failed; the request passes uncounted", Cause.fail(error))
                .pipe(
                  Effect.andThen(tell(limit, window))
                )
          )
        )

      return Quota.of({ consume })
    })
  )
}

/** Whether the limiter refused, rather than its store failed. */
export const isExceeded = (
  error: unknown
): error is RateLimiter.RateLimiterError & { readonly reason: RateLimiter.RateLimitExceeded } =>
  error instanceof RateLimiter.RateLimiterError && error.reason._tag === "RateLimitExceeded"
