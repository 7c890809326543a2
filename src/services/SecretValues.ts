import type { Redacted } from "effect"
import { Context, Effect, Layer } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import { SecretMissing } from "../domain/Errors.ts"
import type { TenantId } from "../domain/Ids.ts"
import { Cipher } from "./Cipher.ts"
import type { SealedSecret } from "./SecretRepository.ts"
import { SecretRepository } from "./SecretRepository.ts"

/** What the engine runs with: the one way to a secret's value. */
export class SecretValues extends Context.Service<SecretValues, {
  /** All of these secrets by name; fails with every name that the tenant does not have, or that can't be decrypted. */
  readonly read: (
    tenantId: TenantId,
    names: ReadonlyArray<string>
  ) => Effect.Effect<ReadonlyMap<string, Redacted.Redacted>, StorageError | SecretMissing>
}>()("atlasit/services/SecretValues") {
  static readonly layer = Layer.effect(
    SecretValues,
    Effect.gen(function*() {
      const cipher = yield* Cipher
      const repository = yield* SecretRepository

      const decrypt = (secret: SealedSecret) =>
        cipher.decrypt(secret, secret).pipe(
          Effect.map((value) => [secret.name, value] as const),
          Effect.mapError(() => secret.name)
        )

      const read = Effect.fn("SecretValues.read")(function*(tenantId: TenantId, names: ReadonlyArray<string>) {
        if (names.length === 0) return new Map<string, Redacted.Redacted>()
        const secrets = yield* repository.values(tenantId, names)
        const known = new Set<string>(secrets.map(({ name }) => name))
        const unknown = [...new Set(names)].filter((name) => !known.has(name))
        if (unknown.length > 0) return yield* new SecretMissing({ names: unknown, reason: "unknown" })
        const [values, unreadable] = yield* Effect.partition(secrets, decrypt)
        if (unreadable.length > 0) return yield* new SecretMissing({ names: unreadable, reason: "unreadable" })
        return new Map<string, Redacted.Redacted>(values)
      })

      return SecretValues.of({ read })
    })
  )
}
