import { Effect, Option } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import { ExecutionNotFound, WorkflowNotFound } from "../domain/Errors.ts"
import type { ExecutionId, TenantId, WorkflowId } from "../domain/Ids.ts"
import type { Page } from "../domain/Page.ts"
import type { Principal } from "../domain/Principal.ts"
import { maySee, maySeeWorkflow } from "../domain/Principal.ts"
import type { ExecutionRepository } from "./ExecutionRepository.ts"
import type { VersionFilter, WorkflowRepository } from "./WorkflowRepository.ts"

const nothing = { items: [], nextCursor: null }

/**
 * Narrows a list to what the key may see: its own tenant unless it names one, and the workflows that it is held to; nothing
 * of a tenant that it may not see.
 */
export const listVisible = <
  Filter extends { readonly tenantId: TenantId | null; readonly workflows?: ReadonlyArray<WorkflowId> | undefined },
  A
>(
  list: (filter: Filter) => Effect.Effect<Page<A>, StorageError>
) =>
(principal: Principal, filter: Filter): Effect.Effect<Page<A>, StorageError> => {
  const tenantId = filter.tenantId ?? principal.tenantId
  return tenantId !== null && !maySee(principal, tenantId)
    ? Effect.succeed(nothing)
    : list({ ...filter, tenantId, workflows: principal.workflows ?? undefined })
}

/** The workflow, if there is one and the key may see it. */
export const findWorkflow = Effect.fnUntraced(function*(
  repository: Pick<WorkflowRepository["Service"], "find">,
  principal: Principal,
  id: WorkflowId
) {
  const found = maySeeWorkflow(principal, id) ? yield* repository.find(id, principal.tenantId) : Option.none()
  return Option.isSome(found) ? found.value : yield* new WorkflowNotFound({ id })
})

/** The versions of a workflow; none of one that the key may not see. */
export const listVersions = (
  repository: Pick<WorkflowRepository["Service"], "listVersions">,
  principal: Principal,
  filter: Omit<VersionFilter, "tenantId">
) =>
  maySeeWorkflow(principal, filter.id)
    ? repository.listVersions({ ...filter, tenantId: principal.tenantId })
    : Effect.succeed(nothing)

/** The execution, if there is one and the key may see it: one that another execution started, by its own workflow. */
export const findExecution = Effect.fnUntraced(function*(
  repository: Pick<ExecutionRepository["Service"], "find">,
  principal: Principal,
  id: ExecutionId
) {
  const found = yield* repository.find(id, principal.tenantId)
  return Option.isSome(found) && maySeeWorkflow(principal, found.value.execution.workflowId)
    ? found.value
    : yield* new ExecutionNotFound({ id })
})

/** Stores executions of workflows that the key may see; any other workflow is as good as none. */
export const insertVisible = (
  repository: Pick<ExecutionRepository["Service"], "insert">,
  principal: Principal
): Pick<ExecutionRepository["Service"], "insert"> => ({
  insert: (draft) =>
    maySeeWorkflow(principal, draft.workflowId) ? repository.insert(draft) : Effect.succeed(Option.none())
})
