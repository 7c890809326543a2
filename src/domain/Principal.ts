import { Schema } from "effect"
import type { TenantId, WorkflowId } from "./Ids.ts"

/** What a key may do. None includes another: a key that writes and is to read what it wrote has both. */
export const Scope = Schema.Literals(["read", "run", "write", "admin"])
export type Scope = typeof Scope.Type

/** Every scope: what an entry of `API_ALLOWED_KEYS` has. */
export const allScopes: ReadonlyArray<Scope> = Scope.literals

/** Who calls: an API key, bound to one tenant or, as an operator's, to all. */
export interface Principal {
  /** Names the key without telling it: the first characters of its digest. */
  readonly keyId: string
  /** The one tenant that the key may see; null: every tenant. */
  readonly tenantId: TenantId | null
  /** What the key may do. */
  readonly scopes: ReadonlyArray<Scope>
  /** The only workflows that the key may see, with their executions; null: all of its tenant. */
  readonly workflows: ReadonlyArray<WorkflowId> | null
}

/** A key of this tenant (null: an operator's) that may do everything. */
export const unrestricted = (keyId: string, tenantId: TenantId | null): Principal => ({
  keyId,
  tenantId,
  scopes: allScopes,
  workflows: null
})

/** Whether the key may see what belongs to this tenant. */
export const maySee = (principal: Principal, tenantId: TenantId): boolean =>
  principal.tenantId === null || principal.tenantId === tenantId

/** Whether the key may do what needs this scope. */
export const may = (principal: Principal, scope: Scope): boolean => principal.scopes.includes(scope)

/** Whether the key may see this workflow of its tenant, and the executions of it. */
export const maySeeWorkflow = (principal: Principal, id: WorkflowId): boolean =>
  principal.workflows === null || principal.workflows.includes(id)
