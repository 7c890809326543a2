import { Effect } from "effect"
import { KeyForbidden, TenantForbidden } from "../domain/Errors.ts"
import type { TenantId } from "../domain/Ids.ts"
import type { Principal } from "../domain/Principal.ts"
import { maySee } from "../domain/Principal.ts"

/** Fails unless the key may make workflows of this tenant: one that is held to some workflows makes no others. */
export const checkCreation = (
  principal: Principal,
  tenantId: TenantId
): Effect.Effect<void, KeyForbidden | TenantForbidden> => {
  if (principal.workflows !== null) return Effect.fail(new KeyForbidden({ reason: "held:create" }))
  return maySee(principal, tenantId) ? Effect.void : Effect.fail(new TenantForbidden({ tenantId }))
}
