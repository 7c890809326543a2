import { Context, Effect, Layer, Option, Redacted } from "effect"
import type { Headers } from "effect/http/Headers"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { StorageError } from "../domain/Errors.ts"
import type { Principal } from "../domain/Principal.ts"
import { Authenticator } from "../services/Authenticator.ts"
import type { Problem } from "./api/Errors.ts"
import { CurrentRequest, withResponseHeaders } from "./CurrentRequest.ts"
import { FailedAttempts } from "./FailedAttempts.ts"
import { refuse } from "./Problems.ts"
import { seconds } from "./Quota.ts"

const bearer = /^bearer +(\S.*)$/i

/** The key that a request shows: `X-API-Key`, else a bearer token. */
const shownKey = (headers: Headers): Option.Option<Redacted.Redacted> => {
  const key = headers["x-api-key"]?.trim() || bearer.exec(headers["authorization"]?.trim() ?? "")?.[1]
  return key === undefined ? Option.none() : Option.some(Redacted.make(key))
}

/** Tells who makes a request by its headers. */
export class Callers extends Context.Service<Callers, {
  /**
   * Fails with AUTH-001 without a key, AUTH-002 with one that is not valid, and RATE-001 when the caller's address has
   * shown too many of those.
   */
  readonly identify: (headers: Headers) => Effect.Effect<Principal, Problem | StorageError, HttpServerRequest>
  /** Who it is, if the request shows a valid key. */
  readonly recognize: (headers: Headers) => Effect.Effect<Option.Option<Principal>>
}>()("atlasit/http/Callers") {
  static readonly layer = Layer.effect(
    Callers,
    Effect.gen(function*() {
      const authenticator = yield* Authenticator
      const attempts = yield* FailedAttempts

      const authenticate = Effect.fnUntraced(function*(key: Redacted.Redacted) {
        const principal = yield* authenticator.authenticate(key)
        const { facts } = yield* CurrentRequest
        facts.set("keyId", principal.keyId)
        if (principal.tenantId !== null) facts.set("tenantId", principal.tenantId)
        return principal
      })

      const refuseKey = Effect.fnUntraced(function*(headers: Headers) {
        const wait = yield* attempts.count(headers)
        if (Option.isNone(wait)) {
          return yield* refuse({ code: "AUTH-002", status: 401, detail: "The API key is not valid" })
        }
        yield* withResponseHeaders({ "retry-after": String(seconds(wait.value)) })
        return yield* refuse({
          code: "RATE-001",
          status: 429,
          detail: "Too many keys from this address were not valid, and neither is this one"
        })
      })

      const identify = Effect.fnUntraced(function*(headers: Headers) {
        const key = shownKey(headers)
        if (Option.isNone(key)) {
          return yield* refuse({
            code: "AUTH-001",
            status: 401,
            detail: "Show an API key in X-API-Key or as a bearer token"
          })
        }
        return yield* Effect.catchTag(authenticate(key.value), "KeyUnknown", () => refuseKey(headers))
      })

      const recognize = Effect.fnUntraced(function*(headers: Headers) {
        const key = shownKey(headers)
        if (Option.isNone(key)) return Option.none()
        return yield* Effect.asSome(authenticate(key.value)).pipe(
          Effect.catchTag("KeyUnknown", () => Effect.as(attempts.count(headers), Option.none<Principal>())),
          Effect.catch((error) =>
            Effect.as(Effect.logWarning("A key could not be looked up", error), Option.none<Principal>())
          )
        )
      })

      return Callers.of({ identify, recognize })
    })
  )
}
