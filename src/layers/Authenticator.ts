import { Effect, Layer, Redacted, Result, Schema } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as Hex from "effect/encoding/Hex"
import { TenantId } from "../domain/Ids.ts"
import type { Principal } from "../domain/Principal.ts"
import { unrestricted } from "../domain/Principal.ts"
import { AppConfig } from "../services/AppConfig.ts"
import { Authenticator, KeyUnknown } from "../services/Authenticator.ts"

/** An entry of API_ALLOWED_KEYS is of no use. Names its place in the list, never the key. */
export class AllowedKeyInvalid extends Schema.TaggedError<AllowedKeyInvalid>()("AllowedKeyInvalid", {
  position: Schema.Int,
  problem: Schema.String
}) {
  override get message(): string {
    return `API_ALLOWED_KEYS: entry ${this.position} ${this.problem}`
  }
}

interface KnownKey {
  readonly digest: Uint8Array
  readonly principal: Principal
}

/** Knows the keys of `API_ALLOWED_KEYS` by their SHA-256 digests. */
export const layer = Layer.effect(
  Authenticator,
  Effect.gen(function*() {
    const { allowedKeys } = yield* AppConfig
    const { digest } = yield* Digest.Digest

    const digestOf = (key: string) => digest(Digest.sha256, new TextEncoder().encode(key))

    const known: Array<KnownKey> = []
    for (const [index, entry] of allowedKeys.entries()) {
      const position = index + 1
      const { key, tenantId } = yield* parse(Redacted.value(entry), position)
      const bytes = yield* digestOf(key)
      if (match(known, bytes) !== undefined) {
        return yield* new AllowedKeyInvalid({ position, problem: "has the key of an earlier entry" })
      }
      known.push({ digest: bytes, principal: unrestricted(Hex.encode(bytes).slice(0, 12), tenantId) })
    }

    const authenticate = Effect.fn("Authenticator.authenticate")(function*(key: Redacted.Redacted) {
      const principal = match(known, yield* digestOf(Redacted.value(key)))
      return principal ?? (yield* new KeyUnknown())
    })

    return Authenticator.of({ authenticate })
  })
).pipe(Layer.provide(Digest.layerWebCrypto))

/** Reads `key` or `tenant-id:key`. */
const parse = Effect.fnUntraced(function*(entry: string, position: number) {
  const colon = entry.indexOf(":")
  if (colon === -1) return { key: entry, tenantId: null }
  const tenantId = Schema.decodeUnknownResult(TenantId)(entry.slice(0, colon))
  if (Result.isFailure(tenantId)) {
    return yield* new AllowedKeyInvalid({ position, problem: "has no valid tenant id before its colon" })
  }
  const key = entry.slice(colon + 1)
  if (key === "") return yield* new AllowedKeyInvalid({ position, problem: "has no key after its colon" })
  return { key, tenantId: tenantId.success }
})

/** Compares with every key and every byte, so that the time taken tells nothing of them. */
const match = (known: ReadonlyArray<KnownKey>, digest: Uint8Array): Principal | undefined => {
  let found: Principal | undefined
  for (const { digest: expected, principal } of known) {
    let difference = expected.length ^ digest.length
    for (let index = 0; index < expected.length; index++) {
      difference |= (expected[index] ?? 0) ^ (digest[index] ?? 0)
    }
    if (difference === 0) found = principal
  }
  return found
}
