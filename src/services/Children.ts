import { Context, Effect, Layer, Option } from "effect"
import type { ExecutionInvalid, StorageError, WorkflowInactive, WorkflowNotFound } from "../domain/Errors.ts"
import { EngineUnavailable } from "../domain/Errors.ts"
import type { Execution, Inputs } from "../domain/Execution.ts"
import { isTerminal } from "../domain/Execution.ts"
import type { ExecutionState } from "../domain/ExecutionState.ts"
import { snapshotOf } from "../domain/ExecutionState.ts"
import type { ExecutionId, RequestId, TenantId, WorkflowId } from "../domain/Ids.ts"
import type { Parent } from "../domain/Parent.ts"
import { endSignal } from "../domain/Parent.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { definitionOf } from "../domain/Workflow.ts"
import { admit } from "./Admission.ts"
import { ExecutionArchive } from "./ExecutionArchive.ts"
import type { StoredExecution } from "./ExecutionRepository.ts"
import { ExecutionRepository } from "./ExecutionRepository.ts"
import { pendingExecution } from "./ExecutionView.ts"
import { Executor } from "./Executor.ts"
import { SchemaValidator } from "./SchemaValidator.ts"
import { cancelUnstarted } from "./Unstarted.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** An execution that another one starts. */
export interface ChildDraft {
  readonly id: ExecutionId
  readonly workflowId: WorkflowId
  readonly tenantId: TenantId
  readonly inputs: Inputs
  readonly trigger: "workflow" | "failure"
  readonly requestId: RequestId | null
  readonly parent: Parent
}

/** A child that is stored. */
export interface StartedChild {
  /** Whether the engine has it; if not, the sweep brings it there. */
  readonly taken: boolean
  /** The child, if it has ended already. */
  readonly ended: Option.Option<Execution>
}

/** What the engine does with the executions that an execution starts. */
export class Children extends Context.Service<Children, {
  /** Starts a child, once: one of this id that is there already goes on as it is. */
  readonly start: (
    draft: ChildDraft
  ) => Effect.Effect<
    StartedChild,
    WorkflowNotFound | WorkflowInactive | ExecutionInvalid | EngineUnavailable | StorageError
  >
  /** Cancels a child, unless it has ended or was never stored. */
  readonly cancel: (id: ExecutionId) => Effect.Effect<void, EngineUnavailable | StorageError>
  /** Tells a parent that its child has ended; one that has ended itself needs not know. */
  readonly tellEnd: (
    parent: ExecutionId,
    child: ExecutionId
  ) => Effect.Effect<void, EngineUnavailable | StorageError>
}>()("atlasit/services/Children") {
  static readonly layer = Layer.effect(
    Children,
    Effect.gen(function*() {
      const repository = yield* ExecutionRepository
      const archive = yield* ExecutionArchive
      const workflows = yield* WorkflowRepository
      const executor = yield* Executor
      const validator = yield* SchemaValidator

      /** What is stored counts: the engine may take it later. */
      const handOver = (started: Effect.Effect<unknown, EngineUnavailable | StorageError>) =>
        started.pipe(
          Effect.as(true),
          Effect.catch((error) =>
            Effect.as(Effect.logWarning("The engine did not take a child; it is tried again", error), false)
          ),
          Effect.map((taken): StartedChild => ({ taken, ended: Option.none() }))
        )

      const goOn = Effect.fnUntraced(function*(stored: StoredExecution) {
        const { execution } = stored
        if (isTerminal(execution.status)) {
          return { taken: true, ended: Option.some(yield* withOutputs(execution)) } satisfies StartedChild
        }
        return execution.status === "pending"
          ? yield* handOver(wake(stored))
          : { taken: true, ended: Option.none() } satisfies StartedChild
      })

      /** In the version that it was made with; what the engine has already it doesn't run again. */
      const wake = Effect.fnUntraced(function*({ execution, parent, placement }: StoredExecution) {
        const definition = yield* workflows.findVersion(execution.workflowId, execution.workflowVersion)
        if (Option.isNone(definition)) return yield* Effect.logError("An execution has no definition to run")
        const snapshot = snapshotOf(execution, definition.value, { parent })
        yield* executor.start(placement, snapshot, { waitMillis: 0, recovery: true })
      })

      /** Outputs that are too large for the row are in the archive. */
      const withOutputs = Effect.fnUntraced(function*(execution: Execution) {
        if (execution.status !== "completed" || execution.outputs !== null) return execution
        const outputs = Option.getOrUndefined(yield* archive.get(execution.id))?.outputs
        // The archive may not show yet what it has.
        if (outputs === undefined) {
          return yield* new EngineUnavailable({ cause: "The outputs of a child are not there" })
        }
        return { ...execution, outputs }
      })

      const start = Effect.fn("Children.start")(function*(draft: ChildDraft) {
        const found = yield* repository.find(draft.id, draft.tenantId)
        if (Option.isSome(found)) return yield* goOn(found.value)
        const placement = yield* executor.place(draft.id)
        const made = { ...draft, placement, createdAt: yield* Timestamp.now, retry: null }
        const { known, workflow } = yield* admit(repository, validator, made)
        // An earlier life of the parent has stored it just now, and starts it.
        if (known) return { taken: true, ended: Option.none() } satisfies StartedChild
        const snapshot = snapshotOf(pendingExecution(made, workflow), definitionOf(workflow), { parent: draft.parent })
        return yield* handOver(executor.start(placement, snapshot, { waitMillis: 0, recovery: false }))
      })

      const cancel = Effect.fn("Children.cancel")(function*(id: ExecutionId) {
        const found = yield* repository.find(id, null)
        if (Option.isNone(found) || isTerminal(found.value.execution.status)) return
        const state: Option.Option<ExecutionState> = yield* executor.cancel({ id, placement: found.value.placement })
        if (Option.isNone(state)) yield* cancelUnstarted({ archive, repository, workflows }, found.value)
      })

      const tellEnd = Effect.fn("Children.tellEnd")(function*(parent: ExecutionId, child: ExecutionId) {
        const found = yield* repository.find(parent, null)
        if (Option.isNone(found) || isTerminal(found.value.execution.status)) return
        yield* executor.signal({ id: parent, placement: found.value.placement }, endSignal(child), null)
      })

      return Children.of({ start, cancel, tellEnd })
    })
  )
}
