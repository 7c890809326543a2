import { Effect, Layer, Redacted } from "effect"
import { Cipher } from "../services/Cipher.ts"

/** Encrypts nothing, and is done at once. Encryption takes real time, in which virtual time would run on. */
export const layer = Layer.succeed(
  Cipher,
  Cipher.of({
    encrypt: (value) => Effect.succeed({ keyId: "open", iv: "", ciphertext: Redacted.value(value) }),
    decrypt: ({ ciphertext }) => Effect.succeed(Redacted.make(ciphertext)),
    previousKeyId: null
  })
)
