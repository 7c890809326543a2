import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { ApiKey } from "../domain/ApiKey.ts"
import type { StorageError } from "../domain/Errors.ts"
import type { ApiKeyId, TenantId } from "../domain/Ids.ts"
import type { Keyset, Page } from "../domain/Page.ts"
import type { Timestamp } from "../domain/Timestamp.ts"

/** A key with the SHA-256 digest, in hexadecimal, that it is known by. */
export interface StoredKey extends ApiKey {
  readonly digest: string
}

/** Which keys a list shows. `tenantId` null: of every tenant, and the operators'. */
export interface KeyFilter {
  readonly tenantId: TenantId | null
  readonly limit: number
  readonly after?: Keyset | undefined
}

/** Stores API keys by their digests. One that is removed is valid no more, from that moment on. */
export class KeyRepository extends Context.Service<KeyRepository, {
  /** Stores a new key; false when its tenant, or the operators, have `maximum` already. */
  readonly insert: (key: StoredKey, maximum: number) => Effect.Effect<boolean, StorageError>
  /** One query. Whether the key has expired is left to the caller. */
  readonly findByDigest: (digest: string) => Effect.Effect<Option.Option<ApiKey>, StorageError>
  readonly find: (id: ApiKeyId) => Effect.Effect<Option.Option<ApiKey>, StorageError>
  /** Newest first. */
  readonly list: (filter: KeyFilter) => Effect.Effect<Page<ApiKey>, StorageError>
  /** False when there was none to remove. */
  readonly remove: (id: ApiKeyId) => Effect.Effect<boolean, StorageError>
  /** Notes that a key is used, unless that was noted after `before`. The caller neither waits for it nor fails with it. */
  readonly used: (id: ApiKeyId, at: Timestamp, before: Timestamp) => Effect.Effect<void>
}>()("atlasit/services/KeyRepository") {}
