import { Context, Effect, Layer, Option } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type { EngineUnavailable, ExecutionNotFound, StorageError, WorkflowInactive } from "../domain/Errors.ts"
import { ExecutionInvalid, ExecutionNotRetryable, WorkflowNotFound } from "../domain/Errors.ts"
import type { Execution, ExecutionDetail, ExecutionRetry } from "../domain/Execution.ts"
import { isTerminal } from "../domain/Execution.ts"
import type { RequestId, StepId } from "../domain/Ids.ts"
import { ExecutionId } from "../domain/Ids.ts"
import type { Principal } from "../domain/Principal.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { Definition } from "../domain/Workflow.ts"
import { admit } from "./Admission.ts"
import { ExecutionArchive } from "./ExecutionArchive.ts"
import { ExecutionRepository } from "./ExecutionRepository.ts"
import { pendingExecution } from "./ExecutionView.ts"
import { Executor } from "./Executor.ts"
import { takenOverFrom } from "./FirstTrace.ts"
import { launch } from "./Launch.ts"
import type { Patience } from "./Onlooker.ts"
import { SchemaValidator } from "./SchemaValidator.ts"
import { findExecution } from "./Visibility.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** How a client wants an execution to be retried. */
export interface RetryRequest extends ExecutionRetry, Patience {
  readonly requestId: RequestId | null
}

/** Starts finished executions anew, from the step that failed or from a named one. */
export class Retries extends Context.Service<Retries, {
  /**
   * Starts an execution of the same version, inputs and trigger, which takes over what the first one has done before. The
   * first one stays as it is. A completed one is retried only from a named step.
   */
  readonly retry: (
    principal: Principal,
    id: ExecutionId,
    request: RetryRequest
  ) => Effect.Effect<
    ExecutionDetail,
    | ExecutionNotFound
    | ExecutionNotRetryable
    | ExecutionInvalid
    | WorkflowNotFound
    | WorkflowInactive
    | EngineUnavailable
    | StorageError
  >
}>()("atlasit/services/Retries") {
  static readonly layer = Layer.effect(
    Retries,
    Effect.gen(function*() {
      const repository = yield* ExecutionRepository
      const workflows = yield* WorkflowRepository
      const archive = yield* ExecutionArchive
      const executor = yield* Executor
      const validator = yield* SchemaValidator
      const random = yield* SecureRandom.SecureRandom

      const findFirst = Effect.fnUntraced(function*(principal: Principal, id: ExecutionId, fromStep: StepId | null) {
        const stored = yield* findExecution(repository, principal, id)
        const { execution } = stored
        if (!isTerminal(execution.status)) return yield* new ExecutionNotRetryable({ id, reason: "unfinished" })
        if (execution.status === "completed" && fromStep === null) {
          return yield* new ExecutionNotRetryable({ id, reason: "completed" })
        }
        return stored
      })

      const definitionOf = Effect.fnUntraced(function*(first: Execution) {
        const definition = yield* workflows.findVersion(first.workflowId, first.workflowVersion)
        return Option.isSome(definition) ? definition.value : yield* new WorkflowNotFound({ id: first.workflowId })
      })

      const retry = Effect.fn("Retries.retry")(function*(principal: Principal, id: ExecutionId, request: RetryRequest) {
        const fromStep = request.fromStep ?? null
        const stored = yield* findFirst(principal, id, fromStep)
        const first = stored.execution
        const definition = yield* definitionOf(first)
        yield* checkStep(definition, fromStep)
        const takenOver = yield* takenOverFrom({ archive, repository }, stored, definition, fromStep)
        const newId = ExecutionId.make(yield* random.uuidV7())
        const draft = {
          id: newId,
          workflowId: first.workflowId,
          tenantId: principal.tenantId,
          inputs: first.inputs,
          trigger: first.trigger,
          requestId: request.requestId,
          placement: yield* executor.place(newId),
          createdAt: yield* Timestamp.now,
          retry: { of: first.id, version: first.workflowVersion, from: fromStep },
          ...(stored.triggerData === undefined ? {} : { triggerData: stored.triggerData })
        }
        const { workflow } = yield* admit(repository, validator, draft)
        return yield* launch({ executor, repository }, {
          execution: pendingExecution(draft, workflow),
          definition,
          placement: draft.placement,
          triggerData: stored.triggerData
        }, { waitMillis: request.waitMillis, onProgress: request.onProgress, takenOver })
      })

      return Retries.of({ retry })
    })
  )
}

const checkStep = (definition: Definition, fromStep: StepId | null): Effect.Effect<void, ExecutionInvalid> =>
  fromStep === null || definition.steps.some(({ id }) => id === fromStep)
    ? Effect.void
    : Effect.fail(
      new ExecutionInvalid({
        issues: [{
          path: ["fromStep"],
          message: "must be the id of a step that the workflow had in this version, not of one inside a step"
        }]
      })
    )
