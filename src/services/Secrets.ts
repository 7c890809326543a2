import type { Redacted } from "effect"
import { Context, Effect, Layer, Option, Result, Schema } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import {
  KeyForbidden,
  SecretInvalid,
  SecretNotFound,
  SecretNotStored,
  SecretsUnavailable,
  TenantForbidden
} from "../domain/Errors.ts"
import type { TenantId } from "../domain/Ids.ts"
import { Limits } from "../domain/Limits.ts"
import type { Keyset, Page } from "../domain/Page.ts"
import type { Principal } from "../domain/Principal.ts"
import { maySee } from "../domain/Principal.ts"
import type { Secret, SecretSummary } from "../domain/Secret.ts"
import { SecretName, secretNameRule } from "../domain/Secret.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { Cipher } from "./Cipher.ts"
import type { SealedSecret } from "./SecretRepository.ts"
import { SecretRepository } from "./SecretRepository.ts"

/** How often a change is tried again that another one came before. */
const retries = 10

/** Secrets that one call puts under the current key. */
const rotationBatch = 100

/** Whose secret it is. `tenantId` null: the key's own tenant; an operator's key has none. */
export interface SecretPlace {
  readonly tenantId: TenantId | null
  readonly name: string
}

type TenantProblem = KeyForbidden | TenantForbidden | SecretInvalid

/** What tenants do with secrets: their values go in and never come out here. */
export class Secrets extends Context.Service<Secrets, {
  /** Stores the value as a new secret (version 1) or as the next version of the one of this name. */
  readonly put: (
    principal: Principal,
    place: SecretPlace,
    value: Redacted.Redacted
  ) => Effect.Effect<Secret, TenantProblem | SecretsUnavailable | SecretNotStored | StorageError>
  readonly get: (
    principal: Principal,
    place: SecretPlace
  ) => Effect.Effect<Secret, TenantProblem | SecretNotFound | StorageError>
  readonly list: (
    principal: Principal,
    filter: { readonly tenantId: TenantId | null; readonly limit: number; readonly after?: Keyset | undefined }
  ) => Effect.Effect<Page<SecretSummary>, TenantProblem | StorageError>
  readonly remove: (
    principal: Principal,
    place: SecretPlace
  ) => Effect.Effect<void, TenantProblem | SecretNotFound | StorageError>
  /** Puts some of the secrets under the current key that are under the previous one; answers how many. */
  readonly rotate: Effect.Effect<number, StorageError>
}>()("atlasit/services/Secrets") {
  static readonly layer = Layer.effect(
    Secrets,
    Effect.gen(function*() {
      const cipher = yield* Cipher
      const repository = yield* SecretRepository

      const store = Effect.fnUntraced(function*(tenantId: TenantId, name: SecretName, value: Redacted.Redacted) {
        const now = yield* Timestamp.now
        const stored = Option.getOrUndefined(yield* repository.find(tenantId, name))
        const secret: Secret = {
          name,
          tenantId,
          version: (stored?.version ?? 0) + 1,
          createdAt: stored?.createdAt ?? now,
          updatedAt: now
        }
        const sealed: SealedSecret = { ...secret, ...(yield* cipher.encrypt(value, secret)) }
        if (stored !== undefined) {
          const updated = yield* repository.update(sealed)
          return updated ? secret : yield* new SecretNotStored({ reason: "contended" })
        }
        switch (yield* repository.insert(sealed, Limits.secretsPerTenant)) {
          case "stored":
            return secret
          case "taken":
            return yield* new SecretNotStored({ reason: "contended" })
          case "full":
            return yield* new SecretNotStored({ reason: "full" })
        }
      }, Effect.catchTag("CipherKeyMissing", () => Effect.fail(new SecretsUnavailable())))

      const put: Secrets["Service"]["put"] = Effect.fn("Secrets.put")(function*(principal, place, value) {
        const tenantId = yield* tenantOf(principal, place.tenantId)
        const name = Schema.decodeUnknownResult(SecretName)(place.name)
        if (Result.isFailure(name)) return yield* invalid("name", secretNameRule)
        return yield* store(tenantId, name.success, value).pipe(
          Effect.retry({
            times: retries,
            while: (error) => error._tag === "SecretNotStored" && error.reason === "contended"
          })
        )
      })

      const get: Secrets["Service"]["get"] = Effect.fn("Secrets.get")(function*(principal, { name, ...place }) {
        const tenantId = yield* tenantOf(principal, place.tenantId)
        const found = yield* repository.find(tenantId, name)
        return Option.isSome(found) ? found.value : yield* new SecretNotFound({ tenantId, name })
      })

      const list: Secrets["Service"]["list"] = Effect.fn("Secrets.list")(function*(principal, filter) {
        return yield* repository.list({ ...filter, tenantId: yield* tenantOf(principal, filter.tenantId) })
      })

      const remove: Secrets["Service"]["remove"] = Effect.fn("Secrets.remove")(
        function*(principal, { name, ...place }) {
          const tenantId = yield* tenantOf(principal, place.tenantId)
          if (!(yield* repository.remove(tenantId, name))) return yield* new SecretNotFound({ tenantId, name })
        }
      )

      const renew = (secret: SealedSecret) =>
        cipher.decrypt(secret, secret).pipe(
          Effect.flatMap((value) => cipher.encrypt(value, secret)),
          Effect.map((sealed): SealedSecret => ({ ...secret, ...sealed })),
          Effect.tapError((error) =>
            Effect.logWarning("A secret could not be put under the current key", error).pipe(
              Effect.annotateLogs({ tenantId: secret.tenantId, secret: secret.name })
            )
          )
        )

      const rotate = Effect.gen(function*() {
        if (cipher.previousKeyId === null) return 0
        const secrets = yield* repository.encryptedUnder(cipher.previousKeyId, rotationBatch)
        const [renewed] = yield* Effect.partition(secrets, renew)
        return renewed.length === 0 ? 0 : yield* repository.reencrypt(renewed, cipher.previousKeyId)
      }).pipe(Effect.withSpan("Secrets.rotate"))

      return Secrets.of({ put, get, list, remove, rotate })
    })
  )
}

/** The tenant that the caller means: the one that is named, else the one that the key is bound to. */
const tenantOf = (principal: Principal, tenantId: TenantId | null): Effect.Effect<TenantId, TenantProblem> => {
  if (principal.workflows !== null) return Effect.fail(new KeyForbidden({ reason: "held:secrets" }))
  const meant = tenantId ?? principal.tenantId
  if (meant === null) return invalid("tenantId", "is required: an operator's key has no tenant of its own")
  return maySee(principal, meant) ? Effect.succeed(meant) : Effect.fail(new TenantForbidden({ tenantId: meant }))
}

const invalid = (member: string, message: string) =>
  Effect.fail(new SecretInvalid({ issues: [{ path: [member], message }] }))
