import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Struct } from "effect"
import { ApiKeyId, WorkflowId } from "../../src/domain/Ids.ts"
import type { StoredKey } from "../../src/services/KeyRepository.ts"
import { KeyRepository } from "../../src/services/KeyRepository.ts"
import { at, tenantA, tenantB } from "./Data.ts"
import { readPages } from "./Pages.ts"

const makeKey = (id: string, members: Partial<Omit<StoredKey, "id">> = {}): StoredKey => ({
  id: ApiKeyId.make(id),
  name: `Key ${id}`,
  tenantId: tenantA,
  scopes: ["read"],
  workflows: null,
  expiresAt: null,
  createdAt: at(0),
  createdBy: "0badcafe0123",
  lastUsedAt: null,
  prefix: "atlas_1a2b3c4d",
  digest: `digest of ${id}`,
  ...members
})

const shown = (key: StoredKey) => Struct.omit(key, ["digest"])

const insertAll = (...keys: ReadonlyArray<StoredKey>) =>
  KeyRepository.use((repository) => Effect.forEach(keys, (key) => repository.insert(key, 1_000), { discard: true }))

/** What every key repository does. The layer begins empty each time it is built, and its background work is waited for. */
export const keyRepositoryContract = (name: string, layer: Layer.Layer<KeyRepository>) =>
  describe(`KeyRepository on ${name}`, () => {
    it.effect("finds what was inserted by its digest and by its id, without the digest", () =>
      Effect.gen(function*() {
        const repository = yield* KeyRepository
        const full = makeKey("1", {
          name: "d\u00e9ploy \ud83d\udd11 ' --",
          scopes: ["read", "run", "write", "admin"],
          workflows: [WorkflowId.make("w1"), WorkflowId.make("w2")],
          expiresAt: at(9),
          lastUsedAt: at(5)
        })
        const operators = makeKey("2", { tenantId: null })
        yield* insertAll(full, operators)
        for (const key of [full, operators]) {
          assert.deepStrictEqual(yield* repository.findByDigest(key.digest), Option.some(shown(key)))
          assert.deepStrictEqual(yield* repository.find(key.id), Option.some(shown(key)))
        }
        assert.deepStrictEqual(yield* repository.findByDigest("DIGEST OF 1"), Option.none())
        assert.deepStrictEqual(yield* repository.findByDigest("1"), Option.none())
        assert.deepStrictEqual(yield* repository.find(ApiKeyId.make("digest of 1")), Option.none())
      }).pipe(Effect.provide(layer)))

    it.effect("stores no more than the maximum of one tenant, and of the operators", () =>
      Effect.gen(function*() {
        const repository = yield* KeyRepository
        for (const tenantId of [tenantA, null]) {
          const keys = ["1", "2", "3"].map((id) => makeKey(`${tenantId} ${id}`, { tenantId }))
          const [first, second, third] = yield* Effect.forEach(keys, (key) => repository.insert(key, 2))
          assert.deepStrictEqual([first, second, third], [true, true, false])
        }
        assert.isTrue(yield* repository.insert(makeKey("b", { tenantId: tenantB }), 2))
        assert.lengthOf((yield* repository.list({ tenantId: null, limit: 100 })).items, 5)
        assert.deepStrictEqual(yield* repository.findByDigest("digest of null 3"), Option.none())
        assert.isTrue(yield* repository.remove(ApiKeyId.make("null 1")))
        assert.isTrue(yield* repository.insert(makeKey("null 3", { tenantId: null }), 2))
      }).pipe(Effect.provide(layer)))

    it.effect("removes a key once, and knows its digest no more", () =>
      Effect.gen(function*() {
        const repository = yield* KeyRepository
        const key = makeKey("1")
        yield* insertAll(key, makeKey("2"))
        assert.isTrue(yield* repository.remove(key.id))
        assert.isFalse(yield* repository.remove(key.id))
        assert.deepStrictEqual(yield* repository.findByDigest(key.digest), Option.none())
        assert.deepStrictEqual(yield* repository.find(key.id), Option.none())
        assert.isTrue(Option.isSome(yield* repository.find(ApiKeyId.make("2"))))
      }).pipe(Effect.provide(layer)))

    it.effect("lists the keys of a tenant, or all of them, newest first, page by page", () =>
      Effect.gen(function*() {
        const repository = yield* KeyRepository
        yield* insertAll(
          makeKey("2", { createdAt: at(1) }),
          makeKey("1", { createdAt: at(1) }),
          makeKey("5", { createdAt: at(2), tenantId: tenantB }),
          makeKey("4", { createdAt: at(2) }),
          makeKey("3", { createdAt: at(0), tenantId: null })
        )
        const expected = { [tenantA]: ["4", "2", "1"], [tenantB]: ["5"], all: ["5", "4", "2", "1", "3"] }
        for (
          const [tenantId, ids] of [[tenantA, expected[tenantA]], [tenantB, expected[tenantB]], [
            null,
            expected.all
          ]] as const
        ) {
          const pages = yield* readPages(
            (after) => repository.list({ tenantId, limit: 2, after }),
            (page) => insertAll(makeKey(`new ${tenantId} ${page}`, { createdAt: at(9) }))
          )
          const read = pages.flat().filter(({ id }) => !id.startsWith("new"))
          assert.deepStrictEqual(read.map(({ id }) => String(id)), ids)
          assert.isTrue(pages.every((page) => page.length <= 2))
        }
        const { items } = yield* repository.list({ tenantId: tenantB, limit: 100 })
        assert.deepStrictEqual(
          items.find(({ id }) => id === "5"),
          shown(makeKey("5", { createdAt: at(2), tenantId: tenantB }))
        )
      }).pipe(Effect.provide(layer)))

    it.effect("notes a use unless one is noted after the given time", () =>
      Effect.gen(function*() {
        const repository = yield* KeyRepository
        const { id } = makeKey("1")
        yield* insertAll(makeKey("1"), makeKey("2"))
        const uses = [
          { use: at(10), before: at(0), noted: at(10) },
          { use: at(15), before: at(5), noted: at(10) },
          { use: at(19), before: at(9), noted: at(10) },
          { use: at(20), before: at(10), noted: at(20) }
        ]
        for (const { before, noted, use } of uses) {
          yield* repository.used(id, use, before)
          const found = Option.getOrThrow(yield* repository.find(id))
          assert.strictEqual(found.lastUsedAt, noted)
        }
        assert.strictEqual(Option.getOrThrow(yield* repository.find(ApiKeyId.make("2"))).lastUsedAt, null)
        yield* repository.used(ApiKeyId.make("unknown"), at(30), at(20))
        assert.deepStrictEqual(yield* repository.find(ApiKeyId.make("unknown")), Option.none())
      }).pipe(Effect.provide(layer)))
  })
