import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Redacted } from "effect"
import { inspect } from "node:util"
import { SecretName } from "../../src/domain/Secret.ts"
import * as CipherLayer from "../../src/layers/Cipher.ts"
import { Cipher } from "../../src/services/Cipher.ts"
import { configOf } from "../contract/Config.ts"
import { tenantA, tenantB } from "../contract/Data.ts"

const keyOf = (byte: number) => Buffer.alloc(32, byte).toString("base64")
const cipherOf = (current: string, previous = "") =>
  Layer.fresh(Layer.provide(CipherLayer.layer, configOf({ SECRETS_KEY: current, SECRETS_KEY_PREVIOUS: previous })))

const place = { tenantId: tenantA, name: SecretName.make("TOKEN"), version: 1 }
const value = Redacted.make("\ufeffs3cr\u00e9t \ud83d\ude00")

const encryptUnder = (key: string) =>
  Effect.provide(Cipher.use((cipher) => cipher.encrypt(value, place)), cipherOf(key))

describe("Cipher", () => {
  it.effect("decrypts what it encrypted, byte for byte", () =>
    Effect.gen(function*() {
      const cipher = yield* Cipher
      const sealed = yield* cipher.encrypt(value, place)
      assert.strictEqual(Redacted.value(yield* cipher.decrypt(sealed, place)), Redacted.value(value))
      assert.notInclude(JSON.stringify(sealed), "s3cr")
      assert.lengthOf(Buffer.from(sealed.iv, "base64"), 12)
      // The first 8 digits of the SHA-256 of 32 bytes of 1.
      assert.strictEqual(sealed.keyId, "72cd6e84")
      assert.strictEqual(cipher.previousKeyId, null)
    }).pipe(Effect.provide(cipherOf(keyOf(1)))))

  it.effect("encrypts with AES-256-GCM and the place as additional data", () =>
    Effect.gen(function*() {
      const { ciphertext, iv } = yield* encryptUnder(keyOf(1))
      const key = yield* Effect.promise(() =>
        crypto.subtle.importKey("raw", new Uint8Array(32).fill(1), "AES-GCM", false, ["decrypt"])
      )
      const plaintext = yield* Effect.promise(() =>
        crypto.subtle.decrypt(
          {
            name: "AES-GCM",
            iv: Buffer.from(iv, "base64"),
            additionalData: new TextEncoder().encode(`["tenant-a","TOKEN",1]`)
          },
          key,
          Buffer.from(ciphertext, "base64")
        )
      )
      assert.strictEqual(Buffer.from(plaintext).toString(), Redacted.value(value))
    }))

  it.effect("takes another initialization vector each time", () =>
    Effect.gen(function*() {
      const sealed = yield* Effect.forEach(Array.from({ length: 200 }), () => encryptUnder(keyOf(1)))
      assert.strictEqual(new Set(sealed.map(({ iv }) => iv)).size, 200)
      assert.strictEqual(new Set(sealed.map(({ ciphertext }) => ciphertext)).size, 200)
    }))

  it.effect("decrypts nothing that was moved, changed or encrypted under another key", () =>
    Effect.gen(function*() {
      const cipher = yield* Cipher
      const sealed = yield* cipher.encrypt(value, place)
      const other = yield* encryptUnder(keyOf(2))
      const flipped = Buffer.from(sealed.ciphertext, "base64")
      flipped[0] = (flipped[0] ?? 0) ^ 1
      const cases = [
        cipher.decrypt(sealed, { ...place, tenantId: tenantB }),
        cipher.decrypt(sealed, { ...place, name: SecretName.make("OTHER") }),
        cipher.decrypt(sealed, { ...place, version: 2 }),
        cipher.decrypt({ ...sealed, ciphertext: flipped.toString("base64") }, place),
        cipher.decrypt({ ...sealed, ciphertext: "" }, place),
        cipher.decrypt({ ...sealed, ciphertext: "no base64!" }, place),
        cipher.decrypt({ ...sealed, iv: other.iv }, place),
        cipher.decrypt({ ...sealed, iv: "AAAA" }, place),
        cipher.decrypt(other, place),
        cipher.decrypt({ ...other, keyId: sealed.keyId }, place)
      ]
      for (const decrypted of cases) assert.strictEqual((yield* Effect.flip(decrypted))._tag, "Undecipherable")
    }).pipe(Effect.provide(cipherOf(keyOf(1)))))

  it.effect("decrypts with the previous key, and encrypts with the current one", () =>
    Effect.gen(function*() {
      const cipher = yield* Cipher
      const old = yield* encryptUnder(keyOf(1))
      assert.strictEqual(cipher.previousKeyId, old.keyId)
      assert.strictEqual(Redacted.value(yield* cipher.decrypt(old, place)), Redacted.value(value))
      const sealed = yield* cipher.encrypt(value, place)
      assert.strictEqual(sealed.keyId, (yield* encryptUnder(keyOf(2))).keyId)
      assert.notStrictEqual(sealed.keyId, old.keyId)
    }).pipe(Effect.provide(cipherOf(keyOf(2), keyOf(1)))))

  it.effect("has no previous key when both are the same", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Cipher).previousKeyId, null)
    }).pipe(Effect.provide(cipherOf(keyOf(1), keyOf(1)))))

  it.effect("without a key encrypts and decrypts nothing", () =>
    Effect.gen(function*() {
      const cipher = yield* Cipher
      assert.strictEqual((yield* Effect.flip(cipher.encrypt(value, place)))._tag, "CipherKeyMissing")
      const sealed = yield* encryptUnder(keyOf(1))
      assert.strictEqual((yield* Effect.flip(cipher.decrypt(sealed, place)))._tag, "Undecipherable")
    }).pipe(Effect.provide(cipherOf(""))))

  const bytes = (count: number) => Buffer.alloc(count, 0xab).toString("base64")
  it.effect.each([
    ["SECRETS_KEY must be 32 bytes in base64", bytes(31), ""],
    ["SECRETS_KEY must be 32 bytes in base64", bytes(33), ""],
    ["SECRETS_KEY must be 32 bytes in base64", bytes(16), ""],
    ["SECRETS_KEY must be 32 bytes in base64", "ab".repeat(32), ""],
    ["SECRETS_KEY must be 32 bytes in base64", `${bytes(32).slice(0, -2)}*=`, ""],
    ["SECRETS_KEY_PREVIOUS must be 32 bytes in base64", bytes(32), bytes(5)],
    ["SECRETS_KEY is missing beside SECRETS_KEY_PREVIOUS", "", bytes(32)]
  ])("stops the start: %s", ([message, current, previous]) =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(Effect.scoped(Layer.build(cipherOf(current, previous))))
      assert.isTrue(Exit.isFailure(exit))
      if (Exit.isSuccess(exit)) return
      const told = `${Cause.pretty(exit.cause)} ${JSON.stringify(exit)} ${inspect(exit, { depth: 20 })}`
      assert.include(told, message)
      for (const key of [current, previous]) if (key !== "") assert.notInclude(told, key)
    }))

  it.effect("takes a key with white space around it", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* encryptUnder(` ${keyOf(1)}\n`)).keyId, "72cd6e84")
    }))
})
