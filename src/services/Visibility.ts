import { Effect } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { TenantId } from "../domain/Ids.ts"
import type { Page } from "../domain/Page.ts"
import type { Principal } from "../domain/Principal.ts"
import { maySee } from "../domain/Principal.ts"

/** Narrows a list to what the key may see: its own tenant unless it names one; nothing of a tenant that it may not see. */
export const listVisible = <Filter extends { readonly tenantId: TenantId | null }, A>(
  list: (filter: Filter) => Effect.Effect<Page<A>, StorageError>
) =>
(principal: Principal, filter: Filter): Effect.Effect<Page<A>, StorageError> => {
  const tenantId = filter.tenantId ?? principal.tenantId
  return tenantId !== null && !maySee(principal, tenantId)
    ? Effect.succeed({ items: [], nextCursor: null })
    : list({ ...filter, tenantId })
}
