import type { D1Client } from "@effect/sql-d1"
import type { ApiKeyId } from "../../domain/Ids.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { KeyFilter } from "../../services/KeyRepository.ts"
import type { EncodedApiKeyRow } from "../ApiKeyRow.ts"
import { afterPlace, ofTenant } from "./Sql.ts"

/** A new key, if its tenant (or, without one, the operators) has fewer than `maximum`. */
export const insertKey = (sql: D1Client.D1Client, row: EncodedApiKeyRow, digest: string, maximum: number) =>
  sql`INSERT INTO api_keys
      (id, tenant_id, name, digest, prefix, scopes, workflows, expires_at, created_at, created_by, last_used_at)
    SELECT ${row.id}, ${row.tenantId}, ${row.name}, ${digest}, ${row.prefix}, ${row.scopes}, ${row.workflows},
      ${row.expiresAt}, ${row.createdAt}, ${row.createdBy}, ${row.lastUsedAt}
    WHERE (SELECT count(*) FROM api_keys WHERE tenant_id IS ${row.tenantId}) < ${maximum}
    RETURNING id`

/** The key of a digest, from the index. */
export const findKeyByDigest = (sql: D1Client.D1Client, digest: string) =>
  sql`SELECT * FROM api_keys WHERE digest = ${digest}`

/** A page of keys, newest first, one more than asked for: of a tenant, or of all, each from its index. */
export const listKeys = (sql: D1Client.D1Client, { after, limit, tenantId }: KeyFilter) =>
  sql`SELECT * FROM api_keys WHERE ${sql.and([sql`1 = 1`, ...ofTenant(sql, tenantId), ...afterPlace(sql, after)])}
    ORDER BY created_at DESC, id DESC LIMIT ${limit + 1}`

/** Notes the use of a key, unless a later one than `before` is noted. */
export const noteUse = (sql: D1Client.D1Client, id: ApiKeyId, at: Timestamp, before: Timestamp) =>
  sql`UPDATE api_keys SET last_used_at = ${at}
    WHERE id = ${id} AND (last_used_at IS NULL OR last_used_at <= ${before})`
