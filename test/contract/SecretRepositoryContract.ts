import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option } from "effect"
import type { TenantId } from "../../src/domain/Ids.ts"
import { SecretName } from "../../src/domain/Secret.ts"
import type { SealedSecret } from "../../src/services/SecretRepository.ts"
import { SecretRepository } from "../../src/services/SecretRepository.ts"
import { at, tenantA, tenantB } from "./Data.ts"
import { readPages } from "./Pages.ts"

const makeSecret = (name: string, members: Partial<Omit<SealedSecret, "name">> = {}): SealedSecret => ({
  name: SecretName.make(name),
  tenantId: tenantA,
  version: 1,
  keyId: "0badcafe",
  iv: "aXY=",
  ciphertext: `sealed ${name}`,
  createdAt: at(0),
  updatedAt: at(0),
  ...members
})

const insertAll = (...secrets: ReadonlyArray<SealedSecret>) =>
  SecretRepository.use((repository) =>
    Effect.forEach(secrets, (secret) => repository.insert(secret, 1_000), { discard: true })
  )

const valueOf = (tenantId: TenantId, name: string) =>
  SecretRepository.use((repository) => repository.values(tenantId, [name]))

const metadata = ({ createdAt, name, tenantId, updatedAt, version }: SealedSecret) => ({
  name,
  tenantId,
  version,
  createdAt,
  updatedAt
})

const byName = (a: SealedSecret, b: SealedSecret) => a.name < b.name ? -1 : 1

/** What every secret repository does. The layer begins empty each time it is built. */
export const secretRepositoryContract = (name: string, layer: Layer.Layer<SecretRepository>) =>
  describe(`SecretRepository on ${name}`, () => {
    it.effect("finds what was inserted, without what is encrypted", () =>
      Effect.gen(function*() {
        const repository = yield* SecretRepository
        const secret = makeSecret("TOKEN", { ciphertext: "x".repeat(11_000) })
        assert.strictEqual(yield* repository.insert(secret, 1), "stored")
        assert.deepStrictEqual(yield* repository.find(tenantA, "TOKEN"), Option.some(metadata(secret)))
        assert.deepStrictEqual(yield* repository.values(tenantA, ["TOKEN"]), [secret])
      }).pipe(Effect.provide(layer)))

    it.effect("inserts a name once, and no more than the maximum", () =>
      Effect.gen(function*() {
        const repository = yield* SecretRepository
        const secret = makeSecret("A")
        assert.strictEqual(yield* repository.insert(secret, 2), "stored")
        assert.strictEqual(yield* repository.insert(makeSecret("A", { ciphertext: "other" }), 2), "taken")
        assert.strictEqual(yield* repository.insert(makeSecret("B"), 2), "stored")
        assert.strictEqual(yield* repository.insert(makeSecret("A"), 2), "taken")
        assert.strictEqual(yield* repository.insert(makeSecret("C"), 2), "full")
        assert.strictEqual(yield* repository.insert(makeSecret("C", { tenantId: tenantB }), 2), "stored")
        assert.deepStrictEqual(yield* valueOf(tenantA, "A"), [secret])
        assert.deepStrictEqual(yield* repository.find(tenantA, "C"), Option.none())
      }).pipe(Effect.provide(layer)))

    it.effect("keeps the names of one tenant apart from another's, and upper from lower case", () =>
      Effect.gen(function*() {
        const repository = yield* SecretRepository
        const secrets = [makeSecret("A"), makeSecret("A", { tenantId: tenantB }), makeSecret("a")]
        yield* insertAll(...secrets)
        for (const secret of secrets) {
          assert.deepStrictEqual(yield* valueOf(secret.tenantId, secret.name), [secret])
        }
        assert.deepStrictEqual(yield* valueOf(tenantB, "a"), [])
        assert.deepStrictEqual(yield* repository.find(tenantB, "a"), Option.none())
        assert.isFalse(yield* repository.remove(tenantB, "a"))
        assert.isTrue(yield* repository.remove(tenantB, "A"))
        assert.deepStrictEqual(yield* valueOf(tenantA, "A"), [makeSecret("A")])
      }).pipe(Effect.provide(layer)))

    it.effect("updates only the version before, and keeps the time of creation", () =>
      Effect.gen(function*() {
        const repository = yield* SecretRepository
        yield* insertAll(makeSecret("A"))
        const second = makeSecret("A", { version: 2, ciphertext: "2", iv: "2", keyId: "2", updatedAt: at(5) })
        assert.isTrue(yield* repository.update({ ...second, createdAt: at(4) }))
        assert.isFalse(yield* repository.update({ ...second, ciphertext: "other" }))
        assert.isFalse(yield* repository.update({ ...second, version: 4 }))
        assert.isFalse(yield* repository.update({ ...second, version: 3, tenantId: tenantB }))
        assert.deepStrictEqual(yield* valueOf(tenantA, "A"), [second])
      }).pipe(Effect.provide(layer)))

    it.effect("removes a secret once", () =>
      Effect.gen(function*() {
        const repository = yield* SecretRepository
        yield* insertAll(makeSecret("A"))
        assert.isTrue(yield* repository.remove(tenantA, "A"))
        assert.isFalse(yield* repository.remove(tenantA, "A"))
        assert.deepStrictEqual(yield* repository.find(tenantA, "A"), Option.none())
        assert.strictEqual(yield* repository.insert(makeSecret("A"), 1), "stored")
      }).pipe(Effect.provide(layer)))

    it.effect("lists a tenant's names, newest first, page by page", () =>
      Effect.gen(function*() {
        const repository = yield* SecretRepository
        yield* insertAll(
          makeSecret("B", { createdAt: at(1) }),
          makeSecret("A", { createdAt: at(1), updatedAt: at(3) }),
          makeSecret("C", { createdAt: at(2) }),
          makeSecret("D", { tenantId: tenantB }),
          makeSecret("E", { createdAt: at(0) })
        )
        const { items, nextCursor } = yield* repository.list({ tenantId: tenantA, limit: 4 })
        assert.strictEqual(nextCursor, null)
        assert.deepStrictEqual(items.map((item) => String(item.name)), ["C", "B", "A", "E"])
        assert.deepStrictEqual(items[2], { name: SecretName.make("A"), createdAt: at(1), updatedAt: at(3) })
        const pages = yield* readPages(
          (after) => repository.list({ tenantId: tenantA, limit: 1, after }),
          () => insertAll(makeSecret("NEW", { createdAt: at(9) }))
        )
        assert.deepStrictEqual(pages.flat().map((item) => String(item.name)), ["C", "B", "A", "E"])
      }).pipe(Effect.provide(layer)))

    it.effect("reads 200 values at once, and only those that are there", () =>
      Effect.gen(function*() {
        const repository = yield* SecretRepository
        const secrets = Array.from({ length: 200 }, (_, index) => makeSecret(`S${index}`))
        yield* insertAll(...secrets, makeSecret("OTHER", { tenantId: tenantB }))
        const names = secrets.map((secret) => secret.name)
        const values = yield* repository.values(tenantA, [...names, "S0", "OTHER", "unknown", "'; --", "\"", "\u00e9"])
        assert.deepStrictEqual([...values].sort(byName), [...secrets].sort(byName))
        assert.deepStrictEqual(yield* repository.values(tenantA, []), [])
      }).pipe(Effect.provide(layer)))

    it.effect("puts secrets under another key, where they are as they were", () =>
      Effect.gen(function*() {
        const repository = yield* SecretRepository
        const old = [makeSecret("A"), makeSecret("B", { tenantId: tenantB }), makeSecret("C"), makeSecret("D")]
        yield* insertAll(...old, makeSecret("E", { keyId: "another1" }))
        assert.lengthOf(yield* repository.encryptedUnder("0badcafe", 3), 3)
        const found = yield* repository.encryptedUnder("0badcafe", 10)
        assert.deepStrictEqual([...found].sort(byName), old)
        const changed = makeSecret("C", { version: 2, keyId: "newer123", ciphertext: "changed" })
        yield* repository.update(changed)
        yield* repository.remove(tenantA, "D")

        const renewed = found.map((secret) => ({
          ...secret,
          keyId: "newer123",
          iv: "bmV3",
          ciphertext: `renewed ${secret.name}`
        }))
        assert.strictEqual(yield* repository.reencrypt(renewed, "0badcafe"), 2)
        assert.strictEqual(yield* repository.reencrypt(renewed, "0badcafe"), 0)
        assert.strictEqual(yield* repository.reencrypt([], "0badcafe"), 0)
        assert.deepStrictEqual(yield* repository.encryptedUnder("0badcafe", 10), [])
        assert.deepStrictEqual(yield* valueOf(tenantB, "B"), renewed.filter((secret) => secret.name === "B"))
        assert.deepStrictEqual(yield* valueOf(tenantA, "C"), [changed])
        assert.deepStrictEqual(yield* valueOf(tenantA, "D"), [])
      }).pipe(Effect.provide(layer)))
  })
