import type { Effect, Redacted } from "effect"
import { Context, Schema } from "effect"
import type { TenantId } from "../domain/Ids.ts"
import type { SecretName } from "../domain/Secret.ts"

/** The service has no key to encrypt with. */
export class CipherKeyMissing extends Schema.TaggedError<CipherKeyMissing>()("CipherKeyMissing", {}) {}

/** No key decrypts this: it was encrypted under another one, changed, or moved from another row. */
export class Undecipherable extends Schema.TaggedError<Undecipherable>()("Undecipherable", {}) {}

/** Which value is encrypted. It is authenticated with it, so that it is worth nothing at any other place. */
export interface SealedFor {
  readonly tenantId: TenantId
  readonly name: SecretName
  readonly version: number
}

/** An encrypted value, as it is stored. */
export interface Sealed {
  /** Names the key: the first 8 hexadecimal digits of its SHA-256. */
  readonly keyId: string
  /** 96 random bits, in base64. */
  readonly iv: string
  /** With its tag, in base64. */
  readonly ciphertext: string
}

/** Encrypts values at rest: AES-256-GCM under `SECRETS_KEY`. */
export class Cipher extends Context.Service<Cipher, {
  /** Under the current key. */
  readonly encrypt: (value: Redacted.Redacted, place: SealedFor) => Effect.Effect<Sealed, CipherKeyMissing>
  /** With the current key or the previous one, whichever it was encrypted under. */
  readonly decrypt: (sealed: Sealed, place: SealedFor) => Effect.Effect<Redacted.Redacted, Undecipherable>
  /** The id of the key that is to be replaced; null: there is none. */
  readonly previousKeyId: string | null
}>()("atlasit/services/Cipher") {}
