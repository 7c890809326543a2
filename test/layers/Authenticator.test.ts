import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as Hex from "effect/encoding/Hex"
import { TestClock } from "effect/testing"
import { apiKeyOf } from "../../src/domain/ApiKey.ts"
import type { ApiKey } from "../../src/domain/ApiKey.ts"
import { ApiKeyId, TenantId, WorkflowId } from "../../src/domain/Ids.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import * as AuthenticatorLayer from "../../src/layers/Authenticator.ts"
import * as Memory from "../../src/layers/Memory.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import { Authenticator } from "../../src/services/Authenticator.ts"
import { KeyRepository } from "../../src/services/KeyRepository.ts"
import { configOf } from "../contract/Config.ts"
import { at, epoch, tenantA } from "../contract/Data.ts"

const layerOf = (keys: string) =>
  AuthenticatorLayer.layer.pipe(Layer.provideMerge(Memory.layer), Layer.provide(configOf({ API_ALLOWED_KEYS: keys })))

const authenticate = (key: string) =>
  Authenticator.use((authenticator) => authenticator.authenticate(Redacted.make(key)))

describe("Authenticator", () => {
  const keys = layerOf("operator-key, tenant-a:key-a ,tenant_b.1-x:key:with:colons")

  it.effect("knows an operator's key", () =>
    Effect.gen(function*() {
      const principal = yield* authenticate("operator-key")
      assert.deepStrictEqual(principal, unrestricted("c9736463f555", null))
    }).pipe(Effect.provide(keys)))

  it.effect("knows the tenant of a tenant's key", () =>
    Effect.gen(function*() {
      const principal = yield* authenticate("key-a")
      assert.deepStrictEqual(principal, unrestricted("f10f781241e2", TenantId.make("tenant-a")))
      const other = yield* authenticate("key:with:colons")
      assert.strictEqual(other.tenantId, TenantId.make("tenant_b.1-x"))
    }).pipe(Effect.provide(keys)))

  it.effect.each(["", "operator-ke", "operator-key ", "Operator-key", "tenant-a:key-a", "key-b"])(
    "does not know %j",
    (key) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(authenticate(key))
        assert.strictEqual(error._tag, "KeyUnknown")
      }).pipe(Effect.provide(keys))
  )

  it.effect.each([
    ["good,ten ant:secret", "entry 2 has no valid tenant id before its colon"],
    [":secret", "entry 1 has no valid tenant id before its colon"],
    ["good,tenant:", "entry 2 has no key after its colon"],
    ["secret,tenant-a:other,tenant-b:secret", "entry 3 has the key of an earlier entry"]
  ])("refuses %j without telling a key", ([list, problem]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(layerOf(list ?? ""))))
      assert.strictEqual(error.message, `API_ALLOWED_KEYS: ${problem}`)
      assert.notInclude(JSON.stringify(error), "secret")
    }))
})

const text = apiKeyOf("A-_0".repeat(10) + "xyz")

/** Stores a key of this text, and answers how its digest begins. */
const store = Effect.fnUntraced(function*(members: Partial<ApiKey> = {}, key = text) {
  yield* TestClock.setTime(epoch)
  const { digest } = yield* Digest.Digest
  const hex = Hex.encode(yield* digest(Digest.sha256, new TextEncoder().encode(key)))
  const repository = yield* KeyRepository
  yield* repository.insert({
    id: ApiKeyId.make("k"),
    name: "K",
    tenantId: tenantA,
    scopes: ["read", "run"],
    workflows: null,
    expiresAt: null,
    createdAt: at(0),
    createdBy: "c",
    lastUsedAt: null,
    prefix: "p",
    digest: hex,
    ...members
  }, 10)
  return hex.slice(0, 12)
})

const lastUse = Effect.map(
  KeyRepository.use((repository) => repository.find(ApiKeyId.make("k"))),
  (found) => Option.getOrThrow(found).lastUsedAt
)

describe("Authenticator on a stored key", () => {
  const layer = Layer.merge(layerOf("operator-key"), Digest.layerWebCrypto)

  it.effect("knows whose it is and what it may do", () =>
    Effect.gen(function*() {
      const workflows = [WorkflowId.make("w1")]
      const keyId = yield* store({ workflows })
      assert.match(keyId, /^[0-9a-f]{12}$/)
      assert.deepStrictEqual(yield* authenticate(text), {
        keyId,
        tenantId: tenantA,
        scopes: ["read", "run"],
        workflows
      })
    }).pipe(Effect.provide(layer)))

  it.effect("knows an operator's", () =>
    Effect.gen(function*() {
      const keyId = yield* store({ tenantId: null, scopes: ["admin"] })
      const expected = { keyId, tenantId: null, scopes: ["admin"], workflows: null }
      assert.deepStrictEqual<unknown>(yield* authenticate(text), expected)
    }).pipe(Effect.provide(layer)))

  it.effect("knows it no more from the moment at which it expires", () =>
    Effect.gen(function*() {
      yield* store({ expiresAt: at(1_000) })
      yield* TestClock.adjust(999)
      yield* authenticate(text)
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Effect.flip(authenticate(text)))._tag, "KeyUnknown")
    }).pipe(Effect.provide(layer)))

  it.effect("knows it no more as soon as it is removed", () =>
    Effect.gen(function*() {
      yield* store()
      yield* authenticate(text)
      yield* KeyRepository.use((repository) => repository.remove(ApiKeyId.make("k")))
      assert.strictEqual((yield* Effect.flip(authenticate(text)))._tag, "KeyUnknown")
    }).pipe(Effect.provide(layer)))

  it.effect("asks the store for what could be a stored key, and for nothing else", () =>
    Effect.gen(function*() {
      const faults = yield* Faults
      yield* faults.failNext("keys.findByDigest")
      const others = [
        "",
        "garbage",
        "atlas_",
        text.slice(0, -1),
        `${text}x`,
        `${text}\n`,
        text.toUpperCase(),
        text.replace("-", "+"),
        "operator-ke"
      ]
      for (const other of others) assert.strictEqual((yield* Effect.flip(authenticate(other)))._tag, "KeyUnknown")
      assert.strictEqual((yield* authenticate("operator-key")).tenantId, null)
      assert.strictEqual((yield* Effect.flip(authenticate(text)))._tag, "StorageError")
      assert.strictEqual((yield* Effect.flip(authenticate(text)))._tag, "KeyUnknown")
    }).pipe(Effect.provide(layer)))

  it.effect("notes its use at the first call, and again after ten minutes", () =>
    Effect.gen(function*() {
      yield* store()
      yield* TestClock.adjust(5)
      yield* authenticate(text)
      assert.strictEqual(yield* lastUse, at(5))
      yield* TestClock.adjust(599_999)
      yield* authenticate(text)
      assert.strictEqual(yield* lastUse, at(5))
      yield* TestClock.adjust(1)
      yield* authenticate(text)
      assert.strictEqual(yield* lastUse, at(600_005))
    }).pipe(Effect.provide(layer)))

  it.effect("knows it also when its use can't be noted, and asks for that once in ten minutes", () =>
    Effect.gen(function*() {
      const faults = yield* Faults
      yield* store({ lastUsedAt: at(0) })
      yield* faults.failNext("keys.used")
      yield* TestClock.adjust(599_999)
      yield* authenticate(text)
      yield* TestClock.adjust(1)
      yield* authenticate(text)
      assert.strictEqual(yield* lastUse, at(0))
      yield* authenticate(text)
      assert.strictEqual(yield* lastUse, at(600_000))
    }).pipe(Effect.provide(layer)))
})
