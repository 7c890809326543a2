import { Context, Effect, Layer, Option, Result, Schedule } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type { StorageError } from "../domain/Errors.ts"
import { TenantForbidden, WorkflowInvalid, WorkflowNotFound, WorkflowVersionConflict } from "../domain/Errors.ts"
import { WorkflowId } from "../domain/Ids.ts"
import type { Issue } from "../domain/Issues.ts"
import { jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import type { Page } from "../domain/Page.ts"
import { makePlan } from "../domain/Plan.ts"
import type { Principal } from "../domain/Principal.ts"
import { maySee } from "../domain/Principal.ts"
import type { Step } from "../domain/Step.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { Workflow, WorkflowCreate, WorkflowUpdate } from "../domain/Workflow.ts"
import { listVisible } from "./Visibility.ts"
import type { WorkflowFilter } from "./WorkflowRepository.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** How changes that meet wait for each other: about 3 s in all. */
const contention = Schedule.min([Schedule.exponential("5 millis"), Schedule.spaced("100 millis")]).pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 40 })
)

/** What tenants do with workflows. A key bound to a tenant finds nothing of another one. */
export class Workflows extends Context.Service<Workflows, {
  readonly create: (
    principal: Principal,
    input: WorkflowCreate
  ) => Effect.Effect<Workflow, TenantForbidden | WorkflowInvalid | StorageError>
  readonly get: (principal: Principal, id: WorkflowId) => Effect.Effect<Workflow, WorkflowNotFound | StorageError>
  readonly list: (principal: Principal, filter: WorkflowFilter) => Effect.Effect<Page<Workflow>, StorageError>
  /** `expectedVersion`: change only this version; null: whichever is stored. */
  readonly update: (
    principal: Principal,
    id: WorkflowId,
    input: WorkflowUpdate,
    expectedVersion: number | null
  ) => Effect.Effect<Workflow, WorkflowNotFound | WorkflowInvalid | WorkflowVersionConflict | StorageError>
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

      const get = Effect.fn("Workflows.get")(function*(principal: Principal, id: WorkflowId) {
        const found = yield* repository.find(id, principal.tenantId)
        return yield* Option.match(found, {
          onNone: () => Effect.fail(new WorkflowNotFound({ id })),
          onSome: Effect.succeed
        })
      })

      const create = Effect.fn("Workflows.create")(function*(principal: Principal, input: WorkflowCreate) {
        if (!maySee(principal, input.tenantId)) return yield* new TenantForbidden({ tenantId: input.tenantId })
        yield* checkSteps(input.steps)
        yield* checkSize(input)
        const id = WorkflowId.make(yield* random.uuidV7())
        const now = yield* Timestamp.now
        const workflow: Workflow = {
          id,
          tenantId: input.tenantId,
          name: input.name,
          description: input.description ?? null,
          steps: input.steps,
          triggers: input.triggers ?? [],
          status: input.status ?? "active",
          version: 1,
          createdAt: now,
          updatedAt: now
        }
        yield* repository.insert(workflow)
        return workflow
      })

      const update = Effect.fn("Workflows.update")(function*(
        principal: Principal,
        id: WorkflowId,
        input: WorkflowUpdate,
        expectedVersion: number | null
      ) {
        const stored = yield* get(principal, id)
        yield* checkIdentity(stored, input)
        if (input.steps !== undefined) yield* checkSteps(input.steps)
        if (expectedVersion !== null && expectedVersion !== stored.version) {
          return yield* new WorkflowVersionConflict({ id, version: stored.version })
        }
        const changed: Workflow = {
          ...stored,
          name: input.name ?? stored.name,
          description: input.description === undefined ? stored.description : input.description,
          steps: input.steps ?? stored.steps,
          triggers: input.triggers ?? stored.triggers,
          status: input.status ?? stored.status,
          version: stored.version + 1,
          updatedAt: yield* Timestamp.now
        }
        yield* checkSize(changed)
        const done = yield* repository.update(changed, stored.version)
        if (!done) return yield* new WorkflowVersionConflict({ id, version: stored.version })
        return changed
      })

      // A change without `If-Match` applies to whichever version is stored: when another change comes first, take it up.
      const updateLatest: Workflows["Service"]["update"] = (principal, id, input, expectedVersion) =>
        update(principal, id, input, expectedVersion).pipe(
          Effect.retry({
            schedule: contention,
            while: (error) => error._tag === "WorkflowVersionConflict" && expectedVersion === null
          })
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
        const removed = yield* repository.remove(id, principal.tenantId, yield* Timestamp.now)
        if (!removed) return yield* new WorkflowNotFound({ id })
      })

      return Workflows.of({ create, get, list: listVisible(repository.list), update: updateLatest, remove })
    })
  )
}

const checkSteps = (steps: ReadonlyArray<Step>): Effect.Effect<void, WorkflowInvalid> => {
  const plan = makePlan(steps)
  return Result.isSuccess(plan) ? Effect.void : invalid(plan.failure.map((issue) => ({
    ...issue,
    path: ["steps", ...issue.path]
  })))
}

/** Numbers such as `1e20` take more room when they are written again than in the request. */
const checkSize = (
  { steps, triggers }: Pick<WorkflowUpdate, "steps" | "triggers">
): Effect.Effect<void, WorkflowInvalid> =>
  jsonBytes([steps ?? [], triggers ?? []]) <= Limits.definitionBytes
    ? Effect.void
    : invalid([{ path: ["steps"], message: `must take at most ${Limits.definitionBytes} bytes as JSON` }])

const checkIdentity = (stored: Workflow, input: WorkflowUpdate): Effect.Effect<void, WorkflowInvalid> => {
  const changed = (["id", "tenantId"] as const).filter((member) =>
    input[member] !== undefined && input[member] !== stored[member]
  )
  return changed.length === 0 ? Effect.void : invalid(changed.map((member) => ({
    path: [member],
    message: "can't be changed"
  })))
}

const invalid = (issues: ReadonlyArray<Issue>) => Effect.fail(new WorkflowInvalid({ issues, missing: false }))
