import { Effect, Layer, Option } from "effect"
import type { TenantId } from "../../domain/Ids.ts"
import type { SealedSecret } from "../../services/SecretRepository.ts"
import { SecretRepository } from "../../services/SecretRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { isAfter, newestFirst } from "../Paging.ts"
import { secretPage } from "../SecretRow.ts"
import { Faults } from "./Faults.ts"

/** Secrets in the memory of this process, encrypted as anywhere. */
export const layer = Layer.effect(
  SecretRepository,
  Effect.gen(function*() {
    const faults = yield* Faults
    const rows = new Map<string, SealedSecret>()
    const ofTenant = (tenantId: TenantId) => [...rows.values()].filter((row) => row.tenantId === tenantId)

    const insert = Effect.fn("SecretRepository.insert")(function*(secret: SealedSecret, maximum: number) {
      yield* faults.check("secrets.insert")
      const key = keyOf(secret.tenantId, secret.name)
      if (rows.has(key)) return "taken"
      if (ofTenant(secret.tenantId).length >= maximum) return "full"
      rows.set(key, { ...secret })
      return "stored"
    }, storageErrorOf("secrets.insert"))

    const update = Effect.fn("SecretRepository.update")(function*(secret: SealedSecret) {
      yield* faults.check("secrets.update")
      const key = keyOf(secret.tenantId, secret.name)
      const row = rows.get(key)
      if (row?.version !== secret.version - 1) return false
      rows.set(key, { ...secret, createdAt: row.createdAt })
      return true
    }, storageErrorOf("secrets.update"))

    const find = Effect.fn("SecretRepository.find")(function*(tenantId: TenantId, name: string) {
      yield* faults.check("secrets.find")
      return Option.map(
        Option.fromUndefinedOr(rows.get(keyOf(tenantId, name))),
        ({ createdAt, name, tenantId, updatedAt, version }) => ({ name, tenantId, version, createdAt, updatedAt })
      )
    }, storageErrorOf("secrets.find"))

    const list: SecretRepository["Service"]["list"] = Effect.fn("SecretRepository.list")(function*(filter) {
      yield* faults.check("secrets.list")
      const found = ofTenant(filter.tenantId)
        .map((row) => ({ row, place: { createdAt: row.createdAt, id: row.name } }))
        .filter(({ place }) => isAfter(place, filter.after))
        .sort((a, b) => newestFirst(a.place, b.place))
      const summaries = found.map(({ row: { createdAt, name, updatedAt } }) => ({ name, createdAt, updatedAt }))
      return secretPage(summaries, filter.limit)
    }, storageErrorOf("secrets.list"))

    const remove = Effect.fn("SecretRepository.remove")(function*(tenantId: TenantId, name: string) {
      yield* faults.check("secrets.remove")
      return rows.delete(keyOf(tenantId, name))
    }, storageErrorOf("secrets.remove"))

    const values = Effect.fn("SecretRepository.values")(function*(tenantId: TenantId, names: ReadonlyArray<string>) {
      yield* faults.check("secrets.values")
      const wanted = new Set(names)
      return ofTenant(tenantId).filter(({ name }) => wanted.has(name))
    }, storageErrorOf("secrets.values"))

    const encryptedUnder = Effect.fn("SecretRepository.encryptedUnder")(function*(keyId: string, limit: number) {
      yield* faults.check("secrets.encryptedUnder")
      return [...rows.values()].filter((row) => row.keyId === keyId).slice(0, limit)
    }, storageErrorOf("secrets.encryptedUnder"))

    const reencrypt = Effect.fn("SecretRepository.reencrypt")(
      function*(secrets: ReadonlyArray<SealedSecret>, from: string) {
        yield* faults.check("secrets.reencrypt")
        const current = secrets.flatMap(({ ciphertext, iv, keyId, name, tenantId, version }) => {
          const row = rows.get(keyOf(tenantId, name))
          return row?.version === version && row.keyId === from ? [{ ...row, keyId, iv, ciphertext }] : []
        })
        for (const row of current) rows.set(keyOf(row.tenantId, row.name), row)
        return current.length
      },
      storageErrorOf("secrets.reencrypt")
    )

    return SecretRepository.of({ insert, update, find, list, remove, values, encryptedUnder, reencrypt })
  })
)

const keyOf = (tenantId: string, name: string): string => JSON.stringify([tenantId, name])
