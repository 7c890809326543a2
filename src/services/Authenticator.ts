import type { Effect, Redacted } from "effect"
import { Context, Schema } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { Principal } from "../domain/Principal.ts"

/** The key is not valid: unknown, expired or revoked. */
export class KeyUnknown extends Schema.TaggedError<KeyUnknown>()("KeyUnknown", {}) {}

/** Tells who calls by the API key that the caller shows. */
export class Authenticator extends Context.Service<Authenticator, {
  readonly authenticate: (key: Redacted.Redacted) => Effect.Effect<Principal, KeyUnknown | StorageError>
}>()("atlasit/services/Authenticator") {}
