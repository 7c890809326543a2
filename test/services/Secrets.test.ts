import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { TenantId } from "../../src/domain/Ids.ts"
import { Limits } from "../../src/domain/Limits.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import * as CipherLayer from "../../src/layers/Cipher.ts"
import * as Memory from "../../src/layers/Memory.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import { SecretRepository } from "../../src/services/SecretRepository.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { SecretValues } from "../../src/services/SecretValues.ts"
import { configOf } from "../contract/Config.ts"
import { at, epoch, tenantA, tenantB } from "../contract/Data.ts"

const operator = unrestricted("operator", null)
const ofA = unrestricted("a", tenantA)
const ofB = unrestricted("b", tenantB)

const keyOf = (byte: number) => Buffer.alloc(32, byte).toString("base64")

const servicesOf = (variables: Record<string, string>) =>
  Layer.fresh(
    Layer.merge(Secrets.layer, SecretValues.layer).pipe(
      Layer.provide(CipherLayer.layer),
      Layer.provide(configOf(variables))
    )
  )

/** The services under these keys, over whatever is stored already. */
const under = (current: number, previous?: number) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provide(
    effect,
    servicesOf({
      SECRETS_KEY: keyOf(current),
      SECRETS_KEY_PREVIOUS: previous === undefined ? "" : keyOf(previous)
    })
  )

const stored = Layer.provide(Memory.layer, configOf())
const memory = Layer.provideMerge(servicesOf({ SECRETS_KEY: keyOf(1) }), stored)

const put = (name: string, value = "value of it", principal = ofA) =>
  Secrets.use((secrets) => secrets.put(principal, { tenantId: null, name }, Redacted.make(value)))

const read = (...names: ReadonlyArray<string>) =>
  SecretValues.use((values) => values.read(tenantA, names)).pipe(
    Effect.map((found) => Object.fromEntries([...found].map(([name, value]) => [name, Redacted.value(value)])))
  )

describe("Secrets", () => {
  it.effect("stores a value and each next one as a version", () =>
    Effect.gen(function*() {
      const secrets = yield* Secrets
      yield* TestClock.setTime(epoch)
      const first = yield* put("TOKEN", "first value")
      assert.deepStrictEqual({ ...first }, {
        name: first.name,
        tenantId: tenantA,
        version: 1,
        createdAt: at(0),
        updatedAt: at(0)
      })
      yield* TestClock.setTime(epoch + 5)
      const second = yield* put("TOKEN", "second value")
      assert.deepStrictEqual(second, { ...first, version: 2, updatedAt: at(5) })
      assert.deepStrictEqual(yield* secrets.get(ofA, { tenantId: null, name: "TOKEN" }), second)
      assert.deepStrictEqual(yield* read("TOKEN"), { TOKEN: "second value" })
      yield* secrets.remove(ofA, { tenantId: null, name: "TOKEN" })
      assert.strictEqual((yield* put("TOKEN")).version, 1)
    }).pipe(Effect.provide(memory)))

  it.effect("stores every value of writers at the same time, one after the other", () =>
    Effect.gen(function*() {
      const values = Array.from({ length: 8 }, (_, index) => `value ${index}`)
      const written = yield* Effect.forEach(values, (value) => put("TOKEN", value), { concurrency: "unbounded" })
      assert.deepStrictEqual(written.map(({ version }) => version).sort(), [1, 2, 3, 4, 5, 6, 7, 8])
      const last = written.findIndex(({ version }) => version === 8)
      assert.deepStrictEqual(yield* read("TOKEN"), { TOKEN: values[last] ?? "none" })
    }).pipe(Effect.provide(memory)))

  it.effect("gives up when others are always first", () =>
    Effect.gen(function*() {
      const repository = yield* SecretRepository
      const contended = Layer.provide(
        servicesOf({ SECRETS_KEY: keyOf(1) }),
        Layer.succeed(SecretRepository, { ...repository, insert: () => Effect.succeed("taken") })
      )
      const error = yield* Effect.flip(Effect.provide(put("TOKEN"), contended))
      assert.deepInclude(error, { _tag: "SecretNotStored", reason: "contended" })
    }).pipe(Effect.provide(memory)))

  it.effect("keeps a tenant to its own", () =>
    Effect.gen(function*() {
      const secrets = yield* Secrets
      yield* put("TOKEN", "value of A", ofA)
      const name = "TOKEN"
      for (const call of [secrets.get(ofB, { tenantId: null, name }), secrets.remove(ofB, { tenantId: null, name })]) {
        assert.strictEqual((yield* Effect.flip(call))._tag, "SecretNotFound")
      }
      for (
        const call of [
          secrets.get(ofB, { tenantId: tenantA, name }),
          secrets.remove(ofB, { tenantId: tenantA, name }),
          secrets.list(ofB, { tenantId: tenantA, limit: 1 }),
          secrets.put(ofB, { tenantId: tenantA, name }, Redacted.make("other"))
        ]
      ) {
        assert.strictEqual(
          (yield* Effect.flip<unknown, { readonly _tag: string }, never>(call))._tag,
          "TenantForbidden"
        )
      }
      assert.deepStrictEqual((yield* secrets.list(ofB, { tenantId: null, limit: 10 })).items, [])
      yield* put("TOKEN", "value of B", ofB)
      assert.deepStrictEqual(yield* read("TOKEN"), { TOKEN: "value of A" })
    }).pipe(Effect.provide(memory)))

  it.effect("asks an operator for the tenant", () =>
    Effect.gen(function*() {
      const secrets = yield* Secrets
      const name = "TOKEN"
      for (
        const call of [
          secrets.put(operator, { tenantId: null, name }, Redacted.make("value")),
          secrets.get(operator, { tenantId: null, name }),
          secrets.remove(operator, { tenantId: null, name }),
          secrets.list(operator, { tenantId: null, limit: 1 })
        ]
      ) {
        const error = yield* Effect.flip<unknown, { readonly _tag: string; readonly issues?: unknown }, never>(call)
        assert.deepInclude(error, {
          _tag: "SecretInvalid",
          issues: [{ path: ["tenantId"], message: "is required: an operator's key has no tenant of its own" }]
        })
      }
      yield* secrets.put(operator, { tenantId: tenantA, name }, Redacted.make("value"))
      assert.strictEqual((yield* secrets.get(ofA, { tenantId: null, name })).tenantId, tenantA)
    }).pipe(Effect.provide(memory)))

  it.effect.each(["", "1A", "a-b", "a.b", "a b", "\u00e4", "A".repeat(65), "__proto__ "])(
    "takes no secret named %j",
    (name) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(put(name)))._tag, "SecretInvalid")
      }).pipe(Effect.provide(memory))
  )

  it.effect.each(["A", "_", "a1_B", "A".repeat(64), "__proto__", "constructor"])(
    "takes a secret named %j",
    (name) =>
      Effect.gen(function*() {
        yield* put(name)
        const values = yield* SecretValues.use((values) => values.read(tenantA, [name]))
        assert.deepStrictEqual([...values.keys()], [name])
      }).pipe(Effect.provide(memory))
  )

  it.effect("takes as many as a tenant may have", () =>
    Effect.gen(function*() {
      const names = Array.from({ length: Limits.secretsPerTenant }, (_, index) => `S${index}`)
      yield* Effect.forEach(names, (name) => put(name))
      const error = yield* Effect.flip(put("ONE_MORE"))
      assert.deepInclude(error, { _tag: "SecretNotStored", reason: "full" })
      assert.strictEqual((yield* put("S0")).version, 2)
      assert.strictEqual((yield* put("S0", "value", ofB)).version, 1)
      assert.lengthOf(Object.keys(yield* read(...names)), Limits.secretsPerTenant)
    }).pipe(Effect.provide(memory)))
})

describe("Values", () => {
  it.effect("are redacted, and none without names", () =>
    Effect.gen(function*() {
      yield* put("TOKEN", "the value itself")
      const values = yield* SecretValues.use((values) => values.read(tenantA, ["TOKEN", "TOKEN"]))
      assert.notInclude(`${JSON.stringify([...values])} ${String(values.get("TOKEN"))}`, "the value")
      yield* Faults.use((faults) => faults.failNext("secrets.values"))
      assert.deepStrictEqual(yield* read(), {})
      assert.strictEqual((yield* Effect.flip(read("TOKEN")))._tag, "StorageError")
    }).pipe(Effect.provide(memory)))

  it.effect("that are missing are all named", () =>
    Effect.gen(function*() {
      yield* put("TOKEN")
      yield* put("OTHER", "value", ofB)
      const error = yield* Effect.flip(read("OTHER", "TOKEN", "no name", "OTHER"))
      assert.deepInclude(error, { _tag: "SecretMissing", names: ["OTHER", "no name"], reason: "unknown" })
      assert.strictEqual(error.message, "There is no secret OTHER, no name")
    }).pipe(Effect.provide(memory)))

  it.effect("of another key can't be read", () =>
    Effect.gen(function*() {
      yield* put("TOKEN")
      const error = yield* Effect.flip(under(2)(read("TOKEN")))
      assert.deepInclude(error, { _tag: "SecretMissing", names: ["TOKEN"], reason: "unreadable" })
      assert.strictEqual(error.message, "No key of the service decrypts the secret TOKEN")
    }).pipe(Effect.provide(memory)))

  it.effect("can't be stored without a key", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(put("TOKEN")))._tag, "SecretsUnavailable")
      assert.deepStrictEqual(yield* Secrets.use((secrets) => secrets.rotate), 0)
    }).pipe(Effect.provide(Layer.provideMerge(servicesOf({}), stored))))
})

describe("Rotation", () => {
  const rotate = Secrets.use((secrets) => secrets.rotate)

  it.effect("goes on until every secret is under the current key", () =>
    Effect.gen(function*() {
      const names = Array.from({ length: 150 }, (_, index) => `S${index}`)
      yield* under(1)(Effect.forEach(names, (name) => put(name, `value ${name}`)))
      const expected = Object.fromEntries(names.map((name) => [name, `value ${name}`]))
      assert.deepStrictEqual(yield* under(2, 1)(read(...names)), expected)
      assert.deepStrictEqual(yield* under(2, 1)(Effect.all([rotate, rotate, rotate])), [100, 50, 0])
      assert.deepStrictEqual(yield* under(2)(read(...names)), expected)
      const secret = yield* under(2)(Secrets.use((secrets) => secrets.get(ofA, { tenantId: null, name: "S0" })))
      assert.strictEqual(secret.version, 1)
      assert.strictEqual((yield* under(2)(put("S0"))).version, 2)
    }).pipe(Effect.provide(stored)))

  it.effect("leaves out what no key decrypts, and says which", () =>
    Effect.gen(function*() {
      const repository = yield* SecretRepository
      yield* under(1)(put("GOOD"))
      const [good] = yield* repository.values(tenantA, ["GOOD"])
      if (good === undefined) return assert.fail("not stored")
      yield* repository.insert({ ...good, tenantId: TenantId.make("tenant-c") }, 10)
      assert.strictEqual(yield* under(2, 1)(rotate), 1)
      assert.strictEqual(yield* under(2, 1)(rotate), 0)
      assert.lengthOf(yield* repository.encryptedUnder(good.keyId, 10), 1)
    }).pipe(Effect.provide(stored)))

  it.effect("asks nothing of the store without a previous key", () =>
    Effect.gen(function*() {
      yield* Faults.use((faults) => faults.failNext("secrets.encryptedUnder"))
      assert.strictEqual(yield* under(1)(rotate), 0)
      assert.strictEqual((yield* Effect.flip(under(2, 1)(rotate))).operation, "secrets.encryptedUnder")
    }).pipe(Effect.provide(stored)))
})
