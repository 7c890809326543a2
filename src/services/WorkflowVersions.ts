import { Context, Effect, Layer, Option } from "effect"
import type { StorageError, WorkflowInvalid, WorkflowNotFound, WorkflowVersionConflict } from "../domain/Errors.ts"
import { WorkflowVersionNotFound } from "../domain/Errors.ts"
import type { WorkflowId } from "../domain/Ids.ts"
import type { Page } from "../domain/Page.ts"
import type { Principal } from "../domain/Principal.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { Workflow } from "../domain/Workflow.ts"
import type { WorkflowVersion, WorkflowVersionDetail } from "../domain/WorkflowVersion.ts"
import { DefinitionChecker } from "./DefinitionChecker.ts"
import { findWorkflow, listVersions } from "./Visibility.ts"
import { checkDefinition } from "./WorkflowChanges.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"
import { replaceVersion, takingUpOthers } from "./Workflows.ts"

/** Which versions a list shows: those before this one, at most so many. */
interface Range {
  readonly limit: number
  readonly before?: number | undefined
}

/** What tenants do with the versions of a workflow. Those of a removed workflow are found no more. */
export class WorkflowVersions extends Context.Service<WorkflowVersions, {
  /** Newest first. */
  readonly list: (
    principal: Principal,
    id: WorkflowId,
    range: Range
  ) => Effect.Effect<Page<WorkflowVersion>, WorkflowNotFound | StorageError>
  readonly get: (
    principal: Principal,
    id: WorkflowId,
    version: number
  ) => Effect.Effect<WorkflowVersionDetail, WorkflowVersionNotFound | StorageError>
  /**
   * Stores a version's definition as the next version. `expectedVersion`: only if this is the stored one; null: whichever
   * it is. It fails with `WorkflowInvalid` where the definition could not be stored any more.
   */
  readonly restore: (
    principal: Principal,
    id: WorkflowId,
    version: number,
    expectedVersion: number | null
  ) => Effect.Effect<
    Workflow,
    WorkflowNotFound | WorkflowVersionNotFound | WorkflowInvalid | WorkflowVersionConflict | StorageError
  >
}>()("atlasit/services/WorkflowVersions") {
  static readonly layer = Layer.effect(
    WorkflowVersions,
    Effect.gen(function*() {
      const repository = yield* WorkflowRepository
      const checker = yield* DefinitionChecker

      const list = Effect.fn("WorkflowVersions.list")(function*(principal: Principal, id: WorkflowId, range: Range) {
        const page = yield* listVersions(repository, principal, { id, ...range })
        // Every workflow has a version: without one it is not there, or the cursor stands after the first.
        if (page.items.length === 0) yield* findWorkflow(repository, principal, id)
        return page
      })

      const get = Effect.fn("WorkflowVersions.get")(function*(principal: Principal, id: WorkflowId, version: number) {
        const [{ items }, definition] = yield* Effect.all([
          listVersions(repository, principal, { id, limit: 1, before: version + 1 }),
          repository.findVersion(id, version)
        ], { concurrency: "unbounded" })
        const [first] = items
        return first?.version === version && Option.isSome(definition)
          ? { ...first, ...definition.value }
          : yield* new WorkflowVersionNotFound({ id, version })
      })

      const restore = Effect.fn("WorkflowVersions.restore")(function*(
        principal: Principal,
        id: WorkflowId,
        version: number,
        expectedVersion: number | null
      ) {
        const stored = yield* findWorkflow(repository, principal, id)
        const definition = yield* repository.findVersion(id, version)
        if (Option.isNone(definition)) return yield* new WorkflowVersionNotFound({ id, version })
        yield* checkDefinition(checker, stored.tenantId, definition.value)
        const restored: Workflow = {
          ...definition.value,
          id,
          tenantId: stored.tenantId,
          status: stored.status,
          version: stored.version + 1,
          createdAt: stored.createdAt,
          updatedAt: yield* Timestamp.now
        }
        return yield* replaceVersion(repository, stored, restored, expectedVersion)
      })

      const restoreLatest: WorkflowVersions["Service"]["restore"] = (principal, id, version, expectedVersion) =>
        restore(principal, id, version, expectedVersion).pipe(takingUpOthers(expectedVersion))

      return WorkflowVersions.of({ list, get, restore: restoreLatest })
    })
  )
}
