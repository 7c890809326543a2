import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { TenantId } from "../../src/domain/Ids.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import * as AuthenticatorLayer from "../../src/layers/Authenticator.ts"
import { Authenticator } from "../../src/services/Authenticator.ts"
import { configOf } from "../contract/Config.ts"

const layerOf = (keys: string) => Layer.provide(AuthenticatorLayer.layer, configOf({ API_ALLOWED_KEYS: keys }))

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
