import { TenantId } from "./Ids.ts"

/** Who calls: an API key, bound to one tenant or, as an operator's, to all. */
export interface Principal {
  /** Names the key without telling it: the first characters of its digest. */
  readonly keyId: string
  /** The one tenant that the key may see; null: every tenant. */
  readonly tenantId: TenantId | null
}

/** Whether the key may see what belongs to this tenant. */
export const maySee = (principal: Principal, tenantId: TenantId): boolean =>
  principal.tenantId === null || principal.tenantId === tenantId
