import { Effect } from "effect"
import type * as SecureRandom from "effect/crypto/SecureRandom"
import type { JsonObject } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import { WorkflowInvalid, WorkflowVersionConflict } from "../domain/Errors.ts"
import type { TenantId } from "../domain/Ids.ts"
import { WorkflowId } from "../domain/Ids.ts"
import type { Issue } from "../domain/Issues.ts"
import { isSame } from "../domain/Json.ts"
import type { Principal } from "../domain/Principal.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { Definition, Workflow, WorkflowCreate, WorkflowUpdate } from "../domain/Workflow.ts"
import { optionsOf, workflowOf } from "../domain/Workflow.ts"
import { checkCreation } from "./Creation.ts"
import type { DefinitionChecker } from "./DefinitionChecker.ts"

/** Fails with what keeps a definition from being run. */
export const checkDefinition = (
  checker: DefinitionChecker["Service"],
  tenantId: TenantId,
  definition: Definition | WorkflowCreate
): Effect.Effect<void, WorkflowInvalid | StorageError> =>
  Effect.flatMap(checker.check(tenantId, definition), (issues) => issues.length === 0 ? Effect.void : invalid(issues))

/** The workflow that a tenant would make so, with an id of its own; fails with what keeps it from being made. */
export const createdBy = Effect.fnUntraced(function*(
  ports: { readonly checker: DefinitionChecker["Service"]; readonly random: SecureRandom.SecureRandom["Service"] },
  principal: Principal,
  input: WorkflowCreate
) {
  yield* checkCreation(principal, input.tenantId)
  yield* checkDefinition(ports.checker, input.tenantId, input)
  return workflowOf(WorkflowId.make(yield* ports.random.uuidV7()), input, yield* Timestamp.now)
})

/** The next version of a stored workflow as a tenant would change it; fails with what keeps it from being changed so. */
export const changedBy = Effect.fnUntraced(function*(
  checker: DefinitionChecker["Service"],
  stored: Workflow,
  input: WorkflowUpdate
) {
  yield* checkIdentity(stored, input)
  const changed = { ...withMembers(stored, input), version: stored.version + 1, updatedAt: yield* Timestamp.now }
  if (changesDefinition(stored, changed)) yield* checkDefinition(checker, changed.tenantId, changed)
  return changed
})

/**
 * Whether there is something to check. A workflow that was stored under older rules, or whose secrets are gone since, can
 * still be renamed and switched off.
 */
export const changesDefinition = (stored: Workflow, changed: Workflow): boolean =>
  (stored.status !== "active" && changed.status === "active") ||
  !isSame(definitionMembers(stored), definitionMembers(changed))

const definitionMembers = (workflow: Workflow): JsonObject => {
  const { steps, triggers } = workflow
  // SAFETY: a definition is JSON; its type only says more of it.
  return { steps, triggers, ...optionsOf(workflow) } as object as JsonObject
}

const withMembers = (stored: Workflow, input: WorkflowUpdate): Workflow => ({
  ...stored,
  name: input.name ?? stored.name,
  description: input.description === undefined ? stored.description : input.description,
  steps: input.steps ?? stored.steps,
  triggers: input.triggers ?? stored.triggers,
  ...optionsOf(input),
  status: input.status ?? stored.status
})

/** Whether a change would leave a stored workflow as it is. */
export const isUnchanged = (stored: Workflow, input: WorkflowUpdate): boolean => {
  const changed = withMembers(stored, input)
  // SAFETY: a workflow is JSON; its type only says more of it.
  const members = (workflow: object) => workflow as JsonObject
  return otherIdentity(stored, input).length === 0 && isSame(members(changed), members(stored))
}

/** Fails unless the stored version is the one that the caller wants to change; null: whichever it is. */
export const checkVersion = (
  { id, version }: Workflow,
  expectedVersion: number | null
): Effect.Effect<void, WorkflowVersionConflict> =>
  expectedVersion === null || expectedVersion === version
    ? Effect.void
    : Effect.fail(new WorkflowVersionConflict({ id, version }))

const otherIdentity = (stored: Workflow, input: WorkflowUpdate) =>
  (["id", "tenantId"] as const).filter((member) => input[member] !== undefined && input[member] !== stored[member])

const checkIdentity = (stored: Workflow, input: WorkflowUpdate): Effect.Effect<void, WorkflowInvalid> => {
  const changed = otherIdentity(stored, input)
  return changed.length === 0 ? Effect.void : invalid(changed.map((member) => ({
    path: [member],
    message: "can't be changed"
  })))
}

const invalid = (issues: ReadonlyArray<Issue>) => Effect.fail(new WorkflowInvalid({ issues, missing: false }))
