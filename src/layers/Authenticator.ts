import { Effect, Layer, Option, Redacted, Result, Schema } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as Hex from "effect/encoding/Hex"
import { isApiKey } from "../domain/ApiKey.ts"
import { TenantId } from "../domain/Ids.ts"
import type { Principal } from "../domain/Principal.ts"
import { unrestricted } from "../domain/Principal.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { AppConfig } from "../services/AppConfig.ts"
import { Authenticator, KeyUnknown } from "../services/Authenticator.ts"
import { KeyRepository } from "../services/KeyRepository.ts"

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

/** The use of a stored key is noted no more often than this. */
const useMillis = 600_000

/**
 * Knows the keys of `API_ALLOWED_KEYS` and the stored ones by their SHA-256 digests. A stored key is looked up at every
 * call, so that it is valid no more as soon as it is removed; what is no such key at all is looked up nowhere.
 */
export const layer = Layer.effect(
  Authenticator,
  Effect.gen(function*() {
    const { allowedKeys } = yield* AppConfig
    const { digest } = yield* Digest.Digest
    const repository = yield* KeyRepository

    const digestOf = (key: string) => digest(Digest.sha256, new TextEncoder().encode(key))

    const known: Array<KnownKey> = []
    for (const [index, entry] of allowedKeys.entries()) {
      const position = index + 1
      const { key, tenantId } = yield* parse(Redacted.value(entry), position)
      const bytes = yield* digestOf(key)
      if (match(known, bytes) !== undefined) {
        return yield* new AllowedKeyInvalid({ position, problem: "has the key of an earlier entry" })
      }
      known.push({ digest: bytes, principal: unrestricted(keyIdOf(Hex.encode(bytes)), tenantId) })
    }

    const findStored = Effect.fnUntraced(function*(digest: string) {
      const found = yield* repository.findByDigest(digest)
      const now = yield* Timestamp.now
      if (Option.isNone(found)) return yield* new KeyUnknown()
      const { expiresAt, id, lastUsedAt, scopes, tenantId, workflows } = found.value
      if (expiresAt !== null && expiresAt <= now) return yield* new KeyUnknown()
      const before = Timestamp.fromMillis(Timestamp.toMillis(now) - useMillis)
      if (lastUsedAt === null || lastUsedAt <= before) yield* repository.used(id, now, before)
      return { keyId: keyIdOf(digest), tenantId, scopes, workflows } satisfies Principal
    })

    const authenticate = Effect.fn("Authenticator.authenticate")(function*(key: Redacted.Redacted) {
      const text = Redacted.value(key)
      const bytes = yield* digestOf(text)
      const principal = match(known, bytes)
      if (principal !== undefined) return principal
      return isApiKey(text) ? yield* findStored(Hex.encode(bytes)) : yield* new KeyUnknown()
    })

    return Authenticator.of({ authenticate })
  })
).pipe(Layer.provide(Digest.layerWebCrypto))

/** Names a key without telling it. */
const keyIdOf = (digest: string): string => digest.slice(0, 12)

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
