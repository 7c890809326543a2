import type { Effect, Option } from "effect"
import { Context } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { TenantId } from "../domain/Ids.ts"
import type { Keyset, Page } from "../domain/Page.ts"
import type { Secret, SecretSummary } from "../domain/Secret.ts"
import type { Sealed } from "./Cipher.ts"

/** A secret with its encrypted value. */
export interface SealedSecret extends Secret, Sealed {}

/** Which of a tenant's secrets a list shows. */
export interface SecretFilter {
  readonly tenantId: TenantId
  readonly limit: number
  /** The name is the place's `id`. */
  readonly after?: Keyset | undefined
}

/** Stores secrets, encrypted. */
export class SecretRepository extends Context.Service<SecretRepository, {
  /** Stores a new secret: not when there is one of this name (`taken`), nor when its tenant has `maximum` (`full`). */
  readonly insert: (
    secret: SealedSecret,
    maximum: number
  ) => Effect.Effect<"stored" | "taken" | "full", StorageError>
  /** Stores a secret's next version; false when the stored version is not the one before. */
  readonly update: (secret: SealedSecret) => Effect.Effect<boolean, StorageError>
  readonly find: (tenantId: TenantId, name: string) => Effect.Effect<Option.Option<Secret>, StorageError>
  /** Newest first. */
  readonly list: (filter: SecretFilter) => Effect.Effect<Page<SecretSummary>, StorageError>
  /** False when there was none to remove. */
  readonly remove: (tenantId: TenantId, name: string) => Effect.Effect<boolean, StorageError>
  /** Those of these names that the tenant has, in no particular order: one query, however many names. */
  readonly values: (
    tenantId: TenantId,
    names: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyArray<SealedSecret>, StorageError>
  /** Up to `limit` secrets of any tenant that are encrypted under this key. */
  readonly encryptedUnder: (
    keyId: string,
    limit: number
  ) => Effect.Effect<ReadonlyArray<SealedSecret>, StorageError>
  /** Stores the same versions under another key, where they are still stored and under `from`; answers how many. */
  readonly reencrypt: (secrets: ReadonlyArray<SealedSecret>, from: string) => Effect.Effect<number, StorageError>
}>()("atlasit/services/SecretRepository") {}
