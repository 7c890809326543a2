import { Context, Effect, Layer, Option } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type { Json } from "effect/Schema"
import type { ExecutionNotFound, StorageError, WorkflowInactive, WorkflowNotFound } from "../domain/Errors.ts"
import { EngineUnavailable, ExecutionFinished, ExecutionInvalid } from "../domain/Errors.ts"
import type { Execution, ExecutionCreate, ExecutionDetail } from "../domain/Execution.ts"
import { isTerminal } from "../domain/Execution.ts"
import type { ExecutionState } from "../domain/ExecutionState.ts"
import type { RequestId } from "../domain/Ids.ts"
import { ExecutionId } from "../domain/Ids.ts"
import type { LogEntry } from "../domain/LogEntry.ts"
import type { Page } from "../domain/Page.ts"
import type { Principal } from "../domain/Principal.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { Workflow } from "../domain/Workflow.ts"
import { definitionOf } from "../domain/Workflow.ts"
import { admit } from "./Admission.ts"
import { ExecutionArchive } from "./ExecutionArchive.ts"
import type { ExecutionFilter, StoredExecution } from "./ExecutionRepository.ts"
import { ExecutionRepository } from "./ExecutionRepository.ts"
import { pendingExecution, withState, withTrace } from "./ExecutionView.ts"
import { Executor } from "./Executor.ts"
import { launch } from "./Launch.ts"
import type { Patience } from "./Onlooker.ts"
import { lookOn } from "./Onlooker.ts"
import { SchemaValidator } from "./SchemaValidator.ts"
import { payloadIssues } from "./SignalSchema.ts"
import { cancelUnstarted } from "./Unstarted.ts"
import { findExecution, insertVisible, listVisible } from "./Visibility.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** How a client wants an execution to be started. */
export interface StartRequest extends ExecutionCreate, Patience {
  /** The workflow, where it was read already: that spares a look at its input schema. */
  readonly workflow?: Workflow
  readonly requestId: RequestId | null
}

/** What tenants do with executions. A key bound to a tenant finds nothing of another one. */
export class Executions extends Context.Service<Executions, {
  readonly start: (
    principal: Principal,
    request: StartRequest
  ) => Effect.Effect<ExecutionDetail, ExecutionInvalid | WorkflowNotFound | WorkflowInactive | EngineUnavailable>
  readonly get: (
    principal: Principal,
    id: ExecutionId
  ) => Effect.Effect<ExecutionDetail, ExecutionNotFound | StorageError>
  /** Waits for its end, at most so long; answers how it stands then. Interrupting it stops the wait alone. */
  readonly wait: (
    principal: Principal,
    id: ExecutionId,
    patience: Patience
  ) => Effect.Effect<ExecutionDetail, ExecutionNotFound | StorageError>
  readonly list: (principal: Principal, filter: ExecutionFilter) => Effect.Effect<Page<Execution>, StorageError>
  readonly cancel: (
    principal: Principal,
    id: ExecutionId
  ) => Effect.Effect<ExecutionDetail, ExecutionNotFound | ExecutionFinished | EngineUnavailable | StorageError>
  /** Delivers a signal to the step that waits for it, or will; its payload must fit the schema of such a step. */
  readonly signal: (
    principal: Principal,
    id: ExecutionId,
    name: string,
    payload: Json
  ) => Effect.Effect<
    ExecutionDetail,
    ExecutionNotFound | ExecutionInvalid | ExecutionFinished | EngineUnavailable | StorageError
  >
  /** Oldest first. */
  readonly logs: (
    principal: Principal,
    id: ExecutionId
  ) => Effect.Effect<ReadonlyArray<LogEntry>, ExecutionNotFound | StorageError>
}>()("atlasit/services/Executions") {
  static readonly layer = Layer.effect(
    Executions,
    Effect.gen(function*() {
      const repository = yield* ExecutionRepository
      const archive = yield* ExecutionArchive
      const executor = yield* Executor
      const validator = yield* SchemaValidator
      const workflows = yield* WorkflowRepository
      const random = yield* SecureRandom.SecureRandom

      const find = (principal: Principal, id: ExecutionId) => findExecution(repository, principal, id)

      const start = Effect.fn("Executions.start")(function*(principal: Principal, request: StartRequest) {
        const id = ExecutionId.make(yield* random.uuidV7())
        const draft = {
          id,
          workflowId: request.workflowId,
          tenantId: principal.tenantId,
          inputs: request.inputs ?? {},
          trigger: request.trigger ?? "api",
          requestId: request.requestId,
          placement: yield* executor.place(id),
          createdAt: yield* Timestamp.now,
          retry: null
        }
        const { workflow } = yield* admit(insertVisible(repository, principal), validator, draft, request.workflow)
        return yield* launch({ executor, repository }, {
          execution: pendingExecution(draft, workflow),
          definition: definitionOf(workflow),
          placement: draft.placement
        }, { waitMillis: request.waitMillis, onProgress: request.onProgress })
      })

      const detail = Effect.fnUntraced(function*({ execution, placement }: StoredExecution) {
        if (isTerminal(execution.status)) return withTrace(execution, yield* archive.get(execution.id))
        const state = yield* executor.state({ id: execution.id, placement }).pipe(
          Effect.tapError((error) => Effect.logWarning("The engine did not tell the state of an execution", error)),
          Effect.orElseSucceed(() => Option.none<ExecutionState>())
        )
        if (Option.isSome(state)) return withState(execution, state)
        // It ended between the two look-ups, or has not reached the engine yet: the row tells which.
        const again = yield* repository.find(execution.id, null)
        return Option.isSome(again) && isTerminal(again.value.execution.status)
          ? withTrace(again.value.execution, yield* archive.get(execution.id))
          : withState(execution, state)
      })

      const get = Effect.fn("Executions.get")(function*(principal: Principal, id: ExecutionId) {
        return yield* detail(yield* find(principal, id))
      })

      const wait = Effect.fn("Executions.wait")(function*(principal: Principal, id: ExecutionId, patience: Patience) {
        const stored = yield* find(principal, id)
        if (isTerminal(stored.execution.status)) return yield* detail(stored)
        const ref = { id, placement: stored.placement }
        const end = yield* Effect.orElseSucceed(
          lookOn(executor, ref, patience, false),
          () => Option.none<ExecutionState>()
        )
        return Option.isSome(end) ? withState(stored.execution, end) : yield* get(principal, id)
      })

      const endUnstarted = Effect.fnUntraced(function*(stored: StoredExecution) {
        yield* cancelUnstarted({ archive, repository, workflows }, stored)
        const found = yield* repository.find(stored.execution.id, null)
        return Option.isSome(found) ? found.value : stored
      })

      const cancel = Effect.fn("Executions.cancel")(function*(principal: Principal, id: ExecutionId) {
        const stored = yield* find(principal, id)
        if (isTerminal(stored.execution.status)) {
          return yield* new ExecutionFinished({ id, status: stored.execution.status })
        }
        const state = yield* executor.cancel({ id, placement: stored.placement })
        const cancelled = Option.isSome(state)
          ? withState(stored.execution, state)
          : yield* detail(yield* endUnstarted(stored))
        if (isTerminal(cancelled.status) && cancelled.status !== "cancelled") {
          return yield* new ExecutionFinished({ id, status: cancelled.status })
        }
        return cancelled
      })

      const checkPayload = Effect.fnUntraced(function*(execution: Execution, name: string, payload: Json) {
        const definition = yield* workflows.findVersion(execution.workflowId, execution.workflowVersion)
        const steps = Option.isSome(definition) ? definition.value.steps : []
        const issues = payloadIssues(validator, steps, name, payload)
        if (issues.length > 0) return yield* new ExecutionInvalid({ issues })
      })

      const signal = Effect.fn("Executions.signal")(function*(
        principal: Principal,
        id: ExecutionId,
        name: string,
        payload: Json
      ) {
        const stored = yield* find(principal, id)
        const { status } = stored.execution
        if (isTerminal(status)) return yield* new ExecutionFinished({ id, status })
        yield* checkPayload(stored.execution, name, payload)
        const state = yield* executor.signal({ id, placement: stored.placement }, name, payload)
        if (Option.isSome(state)) return withState(stored.execution, state)
        // It ended in between, or has not reached the engine yet.
        const now = yield* find(principal, id)
        return isTerminal(now.execution.status)
          ? yield* new ExecutionFinished({ id, status: now.execution.status })
          : yield* new EngineUnavailable({ cause: "The execution has not been started yet" })
      })

      const logs = Effect.fn("Executions.logs")(function*(principal: Principal, id: ExecutionId) {
        const { execution, placement } = yield* find(principal, id)
        if (!isTerminal(execution.status)) {
          const live = yield* executor.logs({ id, placement }).pipe(
            Effect.orElseSucceed(() => Option.none<ReadonlyArray<LogEntry>>())
          )
          if (Option.isSome(live)) return live.value
        }
        return Option.match(yield* archive.get(id), { onNone: () => [], onSome: (trace) => trace.logs })
      })

      return Executions.of({ start, get, wait, list: listVisible(repository.list), cancel, signal, logs })
    })
  )
}
