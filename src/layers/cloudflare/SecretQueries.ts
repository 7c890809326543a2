import type { D1Client } from "@effect/sql-d1"
import type { TenantId } from "../../domain/Ids.ts"
import type { SecretFilter } from "../../services/SecretRepository.ts"

/** The names of a tenant's secrets, newest first, one more than asked for. A tenant has so few that they are sorted. */
export const listSecrets = (sql: D1Client.D1Client, { after, limit, tenantId }: SecretFilter) => {
  const place = after === undefined ? [] : [sql`(created_at, name) < (${after.createdAt}, ${after.id})`]
  return sql`SELECT name, created_at, updated_at FROM secrets WHERE ${sql.and([sql`tenant_id = ${tenantId}`, ...place])}
    ORDER BY created_at DESC, name DESC LIMIT ${limit + 1}`
}

/** A tenant's secrets of these names: one parameter for all, as D1 takes no more than 100. */
export const secretValues = (sql: D1Client.D1Client, tenantId: TenantId, names: ReadonlyArray<string>) =>
  sql`SELECT * FROM secrets
    WHERE tenant_id = ${tenantId} AND name IN (SELECT value FROM json_each(${JSON.stringify(names)}))`

/** Secrets of any tenant that are encrypted under a key. */
export const secretsUnder = (sql: D1Client.D1Client, keyId: string, limit: number) =>
  sql`SELECT * FROM secrets WHERE key_id = ${keyId} LIMIT ${limit}`
