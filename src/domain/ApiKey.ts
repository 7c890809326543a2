import { Schema } from "effect"
import { ApiKeyId, TenantId, WorkflowId } from "./Ids.ts"
import { Limits } from "./Limits.ts"
import { Scope } from "./Principal.ts"
import { isWellFormed } from "./Text.ts"
import { Timestamp, TimestampFromAnyOffset } from "./Timestamp.ts"

/** How a stored key begins, and how much chance follows. Nothing in it needs escaping, wherever a key stands. */
const beginning = "atlas_"
export const apiKeyBytes = 32
const form = /^atlas_[A-Za-z0-9_-]{43}$/

/** The key that this chance makes: base64url of `apiKeyBytes` bytes. */
export const apiKeyOf = (chance: string): string => beginning + chance

/** Whether a text could be a stored key at all. */
export const isApiKey = (text: string): boolean => form.test(text)

/** What is kept of a key's own characters: enough to know it again, far from enough to guess it. */
export const prefixOf = (key: string): string => key.slice(0, beginning.length + 8)

const isUnique = Schema.makeFilter(
  (items: ReadonlyArray<string>) => new Set(items).size === items.length ? undefined : "must name each only once",
  { toJsonSchema: () => ({ uniqueItems: true }) }
)

const Name = Schema.NonEmptyString.check(
  Schema.isMaxLength(Limits.nameCharacters),
  isWellFormed,
  Schema.makeFilter((name: string) => name.trim() === "" ? "must not be blank" : undefined, {
    toJsonSchema: () => ({ pattern: "\\S" })
  })
).annotate({ description: "A title for people" })

const Scopes = Schema.Array(Scope).check(Schema.isMinLength(1), isUnique)
  .annotate({ description: "What the key may do; none of them includes another" })

const Workflows = Schema.Array(WorkflowId)
  .check(Schema.isMinLength(1), Schema.isMaxLength(Limits.apiKeyWorkflows), isUnique)
  .annotate({ description: "The only workflows that the key may see, with their executions" })

/** A stored key: all of it but the key itself. */
export const ApiKey = Schema.Struct({
  id: ApiKeyId,
  name: Name,
  tenantId: Schema.NullOr(TenantId).annotate({ description: "Whose key it is; null: an operator's, for every tenant" }),
  scopes: Scopes,
  workflows: Schema.NullOr(Workflows).annotate({ description: "Null: all workflows of its tenant" }),
  expiresAt: Schema.NullOr(Timestamp).annotate({ description: "From when on it is not valid; null: never" }),
  createdAt: Timestamp,
  createdBy: Schema.String.annotate({ description: "The key that made it, as log lines name it" }),
  lastUsedAt: Schema.NullOr(Timestamp).annotate({
    description: "When it was used, to about ten minutes; null: not yet"
  }),
  prefix: Schema.String.annotate({ description: "How the key begins" })
}).annotate({ identifier: "ApiKey", description: "All of a key but the key itself" })
export type ApiKey = typeof ApiKey.Type

/** What an operator writes to make a key. */
export const ApiKeyCreate = Schema.Struct({
  name: Name,
  tenantId: Schema.optionalKey(ApiKey.fields.tenantId),
  scopes: Scopes,
  workflows: Schema.optionalKey(ApiKey.fields.workflows),
  expiresAt: Schema.optionalKey(Schema.NullOr(TimestampFromAnyOffset)).annotateKey({
    description: "From when on it is not valid: a time in the future"
  })
}).annotate({ identifier: "ApiKeyCreate" })
export type ApiKeyCreate = typeof ApiKeyCreate.Type
