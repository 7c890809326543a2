import { Context, Effect, Layer, Option, Redacted } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Hex from "effect/encoding/Hex"
import type { ApiKey, ApiKeyCreate } from "../domain/ApiKey.ts"
import { apiKeyBytes, apiKeyOf, prefixOf } from "../domain/ApiKey.ts"
import type { StorageError } from "../domain/Errors.ts"
import { KeyForbidden, KeyInvalid, KeyNotFound, KeysFull } from "../domain/Errors.ts"
import type { TenantId, WorkflowId } from "../domain/Ids.ts"
import { ApiKeyId } from "../domain/Ids.ts"
import type { Issue } from "../domain/Issues.ts"
import { Limits } from "../domain/Limits.ts"
import type { Page } from "../domain/Page.ts"
import type { Principal } from "../domain/Principal.ts"
import { may } from "../domain/Principal.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { KeyFilter } from "./KeyRepository.ts"
import { KeyRepository } from "./KeyRepository.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** A key that was made just now, with the key itself. */
export interface NewApiKey extends ApiKey {
  readonly key: Redacted.Redacted
}

/** What operators do with stored API keys. Other keys may do nothing here. */
export class Keys extends Context.Service<Keys, {
  /** Makes a key. This answer is the only one that tells it: its digest is what is kept. */
  readonly create: (
    principal: Principal,
    input: ApiKeyCreate
  ) => Effect.Effect<NewApiKey, KeyForbidden | KeyInvalid | KeysFull | StorageError>
  readonly list: (
    principal: Principal,
    filter: KeyFilter
  ) => Effect.Effect<Page<ApiKey>, KeyForbidden | StorageError>
  readonly get: (
    principal: Principal,
    id: ApiKeyId
  ) => Effect.Effect<ApiKey, KeyForbidden | KeyNotFound | StorageError>
  /** Revokes a key: it is refused from the answer on. */
  readonly remove: (
    principal: Principal,
    id: ApiKeyId
  ) => Effect.Effect<void, KeyForbidden | KeyNotFound | StorageError>
}>()("atlasit/services/Keys") {
  static readonly layer = Layer.effect(
    Keys,
    Effect.gen(function*() {
      const repository = yield* KeyRepository
      const workflows = yield* WorkflowRepository
      const random = yield* SecureRandom.SecureRandom
      const { digest } = yield* Digest.Digest

      const unknownAmong = Effect.fnUntraced(function*(tenantId: TenantId, ids: ReadonlyArray<WorkflowId>) {
        const known = new Set(yield* workflows.known(tenantId, ids))
        return ids.flatMap((id, index): ReadonlyArray<Issue> =>
          known.has(id) ? [] : [{ path: ["workflows", index], message: "is no workflow of this tenant" }]
        )
      })

      const check = Effect.fnUntraced(
        function*(key: Pick<ApiKey, "tenantId" | "workflows" | "expiresAt" | "createdAt">) {
          const issues: Array<Issue> = []
          if (key.workflows !== null && key.tenantId === null) {
            issues.push({
              path: ["workflows"],
              message: "needs a tenantId beside it: an operator's key sees everything"
            })
          } else if (key.workflows !== null && key.tenantId !== null) {
            issues.push(...(yield* unknownAmong(key.tenantId, key.workflows)))
          }
          if (key.expiresAt !== null && key.expiresAt <= key.createdAt) {
            issues.push({ path: ["expiresAt"], message: "must be in the future" })
          }
          if (issues.length > 0) return yield* new KeyInvalid({ issues })
        }
      )

      const create: Keys["Service"]["create"] = Effect.fn("Keys.create")(function*(principal, input) {
        yield* checkOperator(principal)
        const { expiresAt, name, scopes, tenantId = null, workflows = null } = input
        const text = apiKeyOf(Base64Url.encode(yield* random.randomBytes(apiKeyBytes)))
        const key: ApiKey = {
          id: ApiKeyId.make(yield* random.uuidV7()),
          name,
          tenantId,
          scopes,
          workflows,
          expiresAt: expiresAt === undefined || expiresAt === null ? null : Timestamp.fromDateTime(expiresAt),
          createdAt: yield* Timestamp.now,
          createdBy: principal.keyId,
          lastUsedAt: null,
          prefix: prefixOf(text)
        }
        yield* check(key)
        const bytes = yield* Effect.orDie(digest(Digest.sha256, new TextEncoder().encode(text)))
        const stored = yield* repository.insert({ ...key, digest: Hex.encode(bytes) }, Limits.apiKeysPerTenant)
        return stored ? { ...key, key: Redacted.make(text) } : yield* new KeysFull()
      })

      const list: Keys["Service"]["list"] = Effect.fn("Keys.list")(function*(principal, filter) {
        yield* checkOperator(principal)
        return yield* repository.list(filter)
      })

      const get: Keys["Service"]["get"] = Effect.fn("Keys.get")(function*(principal, id) {
        yield* checkOperator(principal)
        const found = yield* repository.find(id)
        return Option.isSome(found) ? found.value : yield* new KeyNotFound({ id })
      })

      const remove: Keys["Service"]["remove"] = Effect.fn("Keys.remove")(function*(principal, id) {
        yield* checkOperator(principal)
        if (!(yield* repository.remove(id))) return yield* new KeyNotFound({ id })
      })

      return Keys.of({ create, list, get, remove })
    })
  ).pipe(Layer.provide(Digest.layerWebCrypto))
}

const checkOperator = (principal: Principal): Effect.Effect<void, KeyForbidden> =>
  principal.tenantId === null && may(principal, "admin")
    ? Effect.void
    : Effect.fail(new KeyForbidden({ reason: "operators" }))
