import { Context, Effect, Layer, Option, Redacted } from "effect"
import type { Headers } from "effect/http/Headers"
import type { Principal } from "../domain/Principal.ts"
import { Authenticator } from "../services/Authenticator.ts"
import type { Problem } from "./api/Errors.ts"
import { CurrentRequest } from "./CurrentRequest.ts"
import { refuse } from "./Problems.ts"

const bearer = /^bearer +(\S.*)$/i

/** The key that a request shows: `X-API-Key`, else a bearer token. */
const shownKey = (headers: Headers): Option.Option<Redacted.Redacted> => {
  const key = headers["x-api-key"]?.trim() || bearer.exec(headers["authorization"]?.trim() ?? "")?.[1]
  return key === undefined ? Option.none() : Option.some(Redacted.make(key))
}

/** Tells who makes a request by its headers. */
export class Callers extends Context.Service<Callers, {
  /** Fails with AUTH-001 without a key, AUTH-002 with one that is not valid. */
  readonly identify: (headers: Headers) => Effect.Effect<Principal, Problem>
}>()("atlasit/http/Callers") {
  static readonly layer = Layer.effect(
    Callers,
    Effect.gen(function*() {
      const authenticator = yield* Authenticator

      const identify = Effect.fnUntraced(function*(headers: Headers) {
        const key = shownKey(headers)
        if (Option.isNone(key)) {
          return yield* refuse({
            code: "AUTH-001",
            status: 401,
            detail: "Show an API key in X-API-Key or as a bearer token"
          })
        }
        const principal = yield* authenticator.authenticate(key.value).pipe(
          Effect.catchTag(
            "KeyUnknown",
            () => refuse({ code: "AUTH-002", status: 401, detail: "The API key is not valid" })
          )
        )
        const { facts } = yield* CurrentRequest
        facts.set("keyId", principal.keyId)
        if (principal.tenantId !== null) facts.set("tenantId", principal.tenantId)
        return principal
      })

      return Callers.of({ identify })
    })
  )
}
