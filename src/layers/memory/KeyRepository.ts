import { Effect, Layer, Option, Struct } from "effect"
import type { ApiKeyId } from "../../domain/Ids.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { KeyFilter, StoredKey } from "../../services/KeyRepository.ts"
import { KeyRepository } from "../../services/KeyRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { isAfter, makePage, newestFirst } from "../Paging.ts"
import { Faults } from "./Faults.ts"

/** API keys in the memory of this process, by their digests as anywhere. */
export const layer = Layer.effect(
  KeyRepository,
  Effect.gen(function*() {
    const faults = yield* Faults
    const rows = new Map<ApiKeyId, StoredKey>()

    const insert = Effect.fn("KeyRepository.insert")(function*(key: StoredKey, maximum: number) {
      yield* faults.check("keys.insert")
      const others = [...rows.values()].filter(({ tenantId }) => tenantId === key.tenantId)
      if (others.length >= maximum) return false
      rows.set(key.id, key)
      return true
    }, storageErrorOf("keys.insert"))

    const findByDigest = Effect.fn("KeyRepository.findByDigest")(function*(digest: string) {
      yield* faults.check("keys.findByDigest")
      const found = [...rows.values()].find((row) => row.digest === digest)
      return Option.map(Option.fromUndefinedOr(found), withoutDigest)
    }, storageErrorOf("keys.findByDigest"))

    const find = Effect.fn("KeyRepository.find")(function*(id: ApiKeyId) {
      yield* faults.check("keys.find")
      return Option.map(Option.fromUndefinedOr(rows.get(id)), withoutDigest)
    }, storageErrorOf("keys.find"))

    const list = Effect.fn("KeyRepository.list")(function*({ after, limit, tenantId }: KeyFilter) {
      yield* faults.check("keys.list")
      const candidates = [...rows.values()]
        .filter((row) => (tenantId === null || row.tenantId === tenantId) && isAfter(row, after))
        .sort(newestFirst)
      return makePage(candidates.slice(0, limit).map(withoutDigest), candidates.length)
    }, storageErrorOf("keys.list"))

    const remove = Effect.fn("KeyRepository.remove")(function*(id: ApiKeyId) {
      yield* faults.check("keys.remove")
      return rows.delete(id)
    }, storageErrorOf("keys.remove"))

    const used = Effect.fn("KeyRepository.used")(
      function*(id: ApiKeyId, at: Timestamp, before: Timestamp) {
        yield* faults.check("keys.used")
        const row = rows.get(id)
        if (row === undefined || (row.lastUsedAt !== null && row.lastUsedAt > before)) return
        rows.set(id, { ...row, lastUsedAt: at })
      },
      Effect.catch((error) => Effect.logWarning("The use of a key could not be noted", error))
    )

    return KeyRepository.of({ insert, findByDigest, find, list, remove, used })
  })
)

const withoutDigest = (key: StoredKey) => Struct.omit(key, ["digest"])
