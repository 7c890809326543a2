import { Clock, Context, Effect, Layer, Option, Result, Schedule } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { decodeDefinition } from "../domain/DefinitionCheck.ts"
import type { KeyForbidden, StorageError, WorkflowInvalid } from "../domain/Errors.ts"
import { TenantForbidden, WorkflowNotFound, WorkflowVersionConflict } from "../domain/Errors.ts"
import type { ExecutionPlan } from "../domain/ExecutionPlan.ts"
import { executionPlan } from "../domain/ExecutionPlan.ts"
import type { WorkflowId } from "../domain/Ids.ts"
import type { Issue } from "../domain/Issues.ts"
import { Limits } from "../domain/Limits.ts"
import type { Page } from "../domain/Page.ts"
import type { Principal } from "../domain/Principal.ts"
import { maySee, maySeeWorkflow } from "../domain/Principal.ts"
import type { ScheduleForecast } from "../domain/Schedule.ts"
import { nextFiresAfter, schedulesOf } from "../domain/Schedule.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { Workflow, WorkflowCreate, WorkflowUpdate } from "../domain/Workflow.ts"
import { DefinitionChecker } from "./DefinitionChecker.ts"
import { findWorkflow, listVisible } from "./Visibility.ts"
import { changedBy, checkVersion, createdBy, isUnchanged } from "./WorkflowChanges.ts"
import type { WorkflowFilter } from "./WorkflowRepository.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** How changes that meet wait for each other: about 3 s in all. */
const contention = Schedule.min([Schedule.exponential("5 millis"), Schedule.spaced("100 millis")]).pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 40 })
)

/** Whether a definition could be stored: what an execution of it would run, or every problem (the first `Limits.issues`). */
export type Validation =
  | {
    readonly valid: true
    readonly plan: ExecutionPlan
    readonly schedules: ReadonlyArray<typeof ScheduleForecast.Type>
  }
  | { readonly valid: false; readonly issues: ReadonlyArray<Issue> }

/** What tenants do with workflows. A key bound to a tenant finds nothing of another one. */
export class Workflows extends Context.Service<Workflows, {
  readonly create: (
    principal: Principal,
    input: WorkflowCreate
  ) => Effect.Effect<Workflow, KeyForbidden | TenantForbidden | WorkflowInvalid | StorageError>
  /**
   * Tells of anything whether it could be created, and stores nothing. `tenantId` may be missing in it. The secrets that it
   * names are looked up where the tenant is known, and the key may see them.
   */
  readonly validate: (principal: Principal, input: unknown) => Effect.Effect<Validation, TenantForbidden | StorageError>
  readonly get: (principal: Principal, id: WorkflowId) => Effect.Effect<Workflow, WorkflowNotFound | StorageError>
  readonly list: (principal: Principal, filter: WorkflowFilter) => Effect.Effect<Page<Workflow>, StorageError>
  /** `expectedVersion`: change only this version; null: whichever is stored. */
  readonly update: (
    principal: Principal,
    id: WorkflowId,
    input: WorkflowUpdate,
    expectedVersion: number | null
  ) => Effect.Effect<Workflow, WorkflowNotFound | WorkflowInvalid | WorkflowVersionConflict | StorageError>
  /** The stored workflow, if `update` would leave it as it is: then there is nothing to change. */
  readonly unchanged: (
    principal: Principal,
    id: WorkflowId,
    input: WorkflowUpdate,
    expectedVersion: number | null
  ) => Effect.Effect<Option.Option<Workflow>, WorkflowNotFound | WorkflowVersionConflict | StorageError>
  /** `expectedVersion`: remove only this version; null: whichever is stored. */
  readonly remove: (
    principal: Principal,
    id: WorkflowId,
    expectedVersion: number | null
  ) => Effect.Effect<void, WorkflowNotFound | WorkflowVersionConflict | StorageError>
}>()("atlasit/services/Workflows") {
  static readonly layer = Layer.effect(
    Workflows,
    Effect.gen(function*() {
      const repository = yield* WorkflowRepository
      const random = yield* SecureRandom.SecureRandom
      const checker = yield* DefinitionChecker

      const get = Effect.fn("Workflows.get")((principal: Principal, id: WorkflowId) =>
        findWorkflow(repository, principal, id)
      )

      const create = Effect.fn("Workflows.create")(function*(principal: Principal, input: WorkflowCreate) {
        const workflow = yield* createdBy({ checker, random }, principal, input)
        yield* repository.insert(workflow)
        return workflow
      })

      const validate = Effect.fn("Workflows.validate")(function*(principal: Principal, input: unknown) {
        const decoded = decodeDefinition(withTenant(principal, input))
        if (Result.isFailure(decoded)) return refused([...decoded.failure, ...checker.checkParts(input)])
        const { steps, tenantId, triggers = [] } = decoded.success
        if (hasTenant(input) && !maySee(principal, tenantId)) return yield* new TenantForbidden({ tenantId })
        // A key that is held to workflows sees no secrets: it is not told either which there are.
        const whose = principal.workflows !== null ? null : hasTenant(input) ? tenantId : principal.tenantId
        const issues = yield* checker.check(whose, decoded.success)
        if (issues.length > 0) return refused(issues)
        const now = yield* Clock.currentTimeMillis
        return {
          valid: true as const,
          plan: executionPlan(steps),
          schedules: schedulesOf(triggers).map((schedule) => ({
            number: schedule.number,
            nextFires: nextFiresAfter(schedule, now)
          }))
        }
      })

      const update = Effect.fn("Workflows.update")(function*(
        principal: Principal,
        id: WorkflowId,
        input: WorkflowUpdate,
        expectedVersion: number | null
      ) {
        const stored = yield* get(principal, id)
        const changed = yield* changedBy(checker, stored, input)
        return yield* replaceVersion(repository, stored, changed, expectedVersion)
      })

      const updateLatest: Workflows["Service"]["update"] = (principal, id, input, expectedVersion) =>
        update(principal, id, input, expectedVersion).pipe(takingUpOthers(expectedVersion))

      const unchanged: Workflows["Service"]["unchanged"] = Effect.fn("Workflows.unchanged")(
        function*(principal, id, input, expectedVersion) {
          const stored = yield* get(principal, id)
          if (!isUnchanged(stored, input)) return Option.none()
          yield* checkVersion(stored, expectedVersion)
          return Option.some(stored)
        }
      )

      const remove = Effect.fn("Workflows.remove")(function*(
        principal: Principal,
        id: WorkflowId,
        expectedVersion: number | null
      ) {
        if (expectedVersion !== null) {
          const { version } = yield* get(principal, id)
          if (version !== expectedVersion) return yield* new WorkflowVersionConflict({ id, version })
        }
        const removed = maySeeWorkflow(principal, id) &&
          (yield* repository.remove(id, principal.tenantId, yield* Timestamp.now))
        if (!removed) return yield* new WorkflowNotFound({ id })
      })

      return Workflows.of({
        create,
        validate,
        get,
        list: listVisible(repository.list),
        update: updateLatest,
        unchanged,
        remove
      })
    })
  )
}

/** Stores the next version of a workflow; `expectedVersion`: only after this one, null: after the one that was read. */
export const replaceVersion = Effect.fnUntraced(function*(
  repository: WorkflowRepository["Service"],
  stored: Workflow,
  changed: Workflow,
  expectedVersion: number | null
) {
  yield* checkVersion(stored, expectedVersion)
  return (yield* repository.update(changed, stored.version))
    ? changed
    : yield* new WorkflowVersionConflict({ id: stored.id, version: stored.version })
})

/** A change of whichever version is stored (`expectedVersion` null): when another change comes first, takes that up. */
export const takingUpOthers =
  (expectedVersion: number | null) =>
  <A, E extends { readonly _tag: string }, R>(change: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.retry(change, {
      schedule: contention,
      while: (error) => error._tag === "WorkflowVersionConflict" && expectedVersion === null
    })

const refused = (issues: ReadonlyArray<Issue>) => ({
  valid: false as const,
  issues: issues.slice(0, Limits.issues).map(({ message, path }) => ({ path, message }))
})

const hasTenant = (input: unknown): boolean =>
  typeof input === "object" && input !== null && Object.hasOwn(input, "tenantId")

/** For a check that stores nothing, a definition without a tenant is the key's own; an operator's key has none. */
const withTenant = (principal: Principal, input: unknown): unknown =>
  typeof input !== "object" || input === null || Array.isArray(input) || hasTenant(input)
    ? input
    : { tenantId: principal.tenantId ?? "any", ...input }
