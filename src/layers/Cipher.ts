import { Effect, Layer, Redacted, Result } from "effect"
import { Aead, Digest, SecureRandom } from "effect/crypto"
import { Base64, Hex } from "effect/encoding"
import { AppConfig } from "../services/AppConfig.ts"
import type { Sealed, SealedFor } from "../services/Cipher.ts"
import { Cipher, CipherKeyMissing, Undecipherable } from "../services/Cipher.ts"

interface KnownKey {
  readonly id: string
  readonly key: Aead.Key
}

/** Bytes of a random initialization vector. */
const ivBytes = 12

/**
 * Encrypts with WebCrypto under the keys of the configuration. Random bytes are the platform's, also in tests: an
 * initialization vector that comes twice gives the key's secrets away.
 */
export const layer = Layer.effect(
  Cipher,
  Effect.gen(function*() {
    const { secretsKeys } = yield* AppConfig
    const aead = yield* Aead.Aead
    const random = yield* SecureRandom.SecureRandom
    const { digest } = yield* Digest.Digest

    const keyOf = Effect.fnUntraced(function*(redacted: Redacted.Redacted<Uint8Array> | null) {
      if (redacted === null) return undefined
      const bytes = Redacted.value(redacted)
      // The configuration admits only keys of the right length.
      const key = yield* Effect.orDie(Aead.key(Aead.aes256Gcm, bytes))
      return { id: Hex.encode(yield* digest(Digest.sha256, bytes)).slice(0, 8), key } satisfies KnownKey
    })

    const current = yield* keyOf(secretsKeys.current)
    const previous = yield* keyOf(secretsKeys.previous)

    const encrypt = Effect.fn("Cipher.encrypt")(function*(value: Redacted.Redacted, place: SealedFor) {
      if (current === undefined) return yield* new CipherKeyMissing()
      const nonce = yield* random.randomBytes(ivBytes)
      const plaintext = new TextEncoder().encode(Redacted.value(value))
      const ciphertext = yield* Effect.orDie(aead.encrypt(current.key, plaintext, { nonce, aad: placeBytes(place) }))
      return { keyId: current.id, iv: Base64.encode(nonce), ciphertext: Base64.encode(ciphertext) }
    })

    const decrypt = Effect.fn("Cipher.decrypt")(function*({ ciphertext, iv, keyId }: Sealed, place: SealedFor) {
      const known = [current, previous].find((candidate) => candidate?.id === keyId)
      const bytes = Base64.decode(ciphertext)
      const nonce = Base64.decode(iv)
      if (known === undefined || Result.isFailure(bytes) || Result.isFailure(nonce)) return yield* new Undecipherable()
      const plaintext = yield* aead.decrypt(known.key, bytes.success, { nonce: nonce.success, aad: placeBytes(place) })
        .pipe(
          Effect.mapError(() => new Undecipherable())
        )
      return Redacted.make(new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(plaintext))
    })

    return Cipher.of({
      encrypt,
      decrypt,
      previousKeyId: previous === undefined || previous.id === current?.id ? null : previous.id
    })
  })
).pipe(
  Layer.provide([Aead.layerWebCrypto, Digest.layerWebCrypto]),
  Layer.provide(SecureRandom.layerWebCrypto)
)

/** The place as bytes: no two places have the same. */
const placeBytes = ({ name, tenantId, version }: SealedFor): Uint8Array =>
  new TextEncoder().encode(JSON.stringify([tenantId, name, version]))
