import { D1Client } from "@effect/sql-d1"
import { Effect, Layer, Option, Schema } from "effect"
import type { TenantId } from "../../domain/Ids.ts"
import { Secret, SecretSummary } from "../../domain/Secret.ts"
import type { SealedSecret } from "../../services/SecretRepository.ts"
import { SecretRepository } from "../../services/SecretRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { secretPage, SecretRow } from "../SecretRow.ts"
import { listSecrets, secretsUnder, secretValues } from "./SecretQueries.ts"

/** Secrets in D1. */
export const layer = Layer.effect(
  SecretRepository,
  Effect.gen(function*() {
    const sql = yield* D1Client.D1Client

    const at = (tenantId: TenantId, name: string) => sql`tenant_id = ${tenantId} AND name = ${name}`

    const insert = Effect.fn("SecretRepository.insert")(function*(secret: SealedSecret, maximum: number) {
      const { ciphertext, createdAt, iv, keyId, name, tenantId, updatedAt, version } = secret
      const [inserted, found] = yield* sql.batch([
        sql`INSERT INTO secrets (tenant_id, name, version, key_id, created_at, updated_at, iv, ciphertext)
          SELECT ${tenantId}, ${name}, ${version}, ${keyId}, ${createdAt}, ${updatedAt}, ${iv}, ${ciphertext}
          WHERE (SELECT count(*) FROM secrets WHERE tenant_id = ${tenantId}) < ${maximum}
          ON CONFLICT DO NOTHING RETURNING name`,
        sql`SELECT name FROM secrets WHERE ${at(tenantId, name)}`
      ])
      return inserted.length === 1 ? "stored" : found.length === 1 ? "taken" : "full"
    }, storageErrorOf("secrets.insert"))

    const update = Effect.fn("SecretRepository.update")(function*(secret: SealedSecret) {
      const { createdAt: _, name, tenantId, ...columns } = secret
      const updated = yield* sql`UPDATE secrets SET ${sql.update(columns)}
        WHERE ${at(tenantId, name)} AND version = ${secret.version - 1} RETURNING name`
      return updated.length === 1
    }, storageErrorOf("secrets.update"))

    const find = Effect.fn("SecretRepository.find")(function*(tenantId: TenantId, name: string) {
      const rows = yield* sql`SELECT tenant_id, name, version, created_at, updated_at FROM secrets
        WHERE ${at(tenantId, name)}`
      return Option.fromUndefinedOr((yield* decodeSecrets(rows))[0])
    }, storageErrorOf("secrets.find"))

    const list: SecretRepository["Service"]["list"] = Effect.fn("SecretRepository.list")(function*(filter) {
      return secretPage(yield* decodeSummaries(yield* listSecrets(sql, filter)), filter.limit)
    }, storageErrorOf("secrets.list"))

    const remove = Effect.fn("SecretRepository.remove")(function*(tenantId: TenantId, name: string) {
      const removed = yield* sql`DELETE FROM secrets WHERE ${at(tenantId, name)} RETURNING name`
      return removed.length === 1
    }, storageErrorOf("secrets.remove"))

    const values = Effect.fn("SecretRepository.values")(function*(tenantId: TenantId, names: ReadonlyArray<string>) {
      return yield* decodeRows(yield* secretValues(sql, tenantId, names))
    }, storageErrorOf("secrets.values"))

    const encryptedUnder = Effect.fn("SecretRepository.encryptedUnder")(function*(keyId: string, limit: number) {
      return yield* decodeRows(yield* secretsUnder(sql, keyId, limit))
    }, storageErrorOf("secrets.encryptedUnder"))

    const reencrypt = Effect.fn("SecretRepository.reencrypt")(
      function*(secrets: ReadonlyArray<SealedSecret>, from: string) {
        if (secrets.length === 0) return 0
        const updated = yield* sql.batch(
          secrets.map(({ ciphertext, iv, keyId, name, tenantId, version }) =>
            sql`UPDATE secrets SET ${sql.update({ keyId, iv, ciphertext })}
            WHERE ${at(tenantId, name)} AND version = ${version} AND key_id = ${from} RETURNING name`
          )
        )
        return updated.flat().length
      },
      storageErrorOf("secrets.reencrypt")
    )

    return SecretRepository.of({ insert, update, find, list, remove, values, encryptedUnder, reencrypt })
  })
)

const decodeRows = Schema.decodeUnknownEffect(Schema.Array(SecretRow))
const decodeSecrets = Schema.decodeUnknownEffect(Schema.Array(Secret))
const decodeSummaries = Schema.decodeUnknownEffect(Schema.Array(SecretSummary))
