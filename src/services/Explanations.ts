import { Context, Effect, Layer, Option } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionNotFound } from "../domain/Errors.ts"
import type { Execution, ExecutionDetail } from "../domain/Execution.ts"
import type { Comparison, Explanation } from "../domain/Explanation.ts"
import { failedStep, otherInputs, otherOutcomes } from "../domain/Explanation.ts"
import type { ExecutionId } from "../domain/Ids.ts"
import type { Principal } from "../domain/Principal.ts"
import { stepChanges } from "../domain/StepChanges.ts"
import type { StepRecord } from "../domain/StepRecord.ts"
import { stepAt } from "../domain/StepTree.ts"
import type { Definition } from "../domain/Workflow.ts"
import { Executions } from "./Executions.ts"
import { WorkflowRepository } from "./WorkflowRepository.ts"

/** Steps before the failed one that are told: the latest. */
const stepsBefore = 3

/** Tells why executions came to no good end. */
export class Explanations extends Context.Service<Explanations, {
  /**
   * Where an execution failed and with what, what the step was to do, and what differs from the last execution of its
   * workflow before it that completed.
   */
  readonly explain: (
    principal: Principal,
    id: ExecutionId
  ) => Effect.Effect<Explanation, ExecutionNotFound | StorageError>
}>()("atlasit/services/Explanations") {
  static readonly layer = Layer.effect(
    Explanations,
    Effect.gen(function*() {
      const executions = yield* Executions
      const workflows = yield* WorkflowRepository

      const definitionOf = ({ workflowId, workflowVersion }: Execution) =>
        Effect.map(workflows.findVersion(workflowId, workflowVersion), Option.getOrUndefined)

      const lastSuccess = Effect.fnUntraced(function*(principal: Principal, execution: ExecutionDetail) {
        const { items: [found] } = yield* executions.list(principal, {
          tenantId: null,
          workflowId: execution.workflowId,
          status: "completed",
          to: execution.createdAt,
          limit: 1
        })
        return found === undefined
          ? undefined
          : yield* Effect.catchTag(executions.get(principal, found.id), "ExecutionNotFound", () => Effect.undefined)
      })

      const compare = Effect.fnUntraced(function*(
        then: ExecutionDetail,
        now: ExecutionDetail,
        definition: Definition | undefined
      ) {
        const before = then.workflowVersion === now.workflowVersion ? definition : yield* definitionOf(then)
        const comparison: Comparison = {
          executionId: then.id,
          completedAt: then.completedAt,
          workflowVersion: { then: then.workflowVersion, now: now.workflowVersion },
          steps: stepChanges(before?.steps ?? [], definition?.steps ?? []),
          inputs: otherInputs(then.inputs, now.inputs),
          outcomes: otherOutcomes(then.steps, now.steps)
        }
        return comparison
      })

      const explain = Effect.fn("Explanations.explain")(function*(principal: Principal, id: ExecutionId) {
        const execution = yield* executions.get(principal, id)
        const [definition, success] = yield* Effect.all([
          definitionOf(execution),
          lastSuccess(principal, execution)
        ], { concurrency: "unbounded" })
        const step = failedStep(execution)
        const written = step === undefined || definition === undefined
          ? undefined
          : stepAt(definition.steps, step.path ?? step.id)
        return {
          execution,
          step: step ?? null,
          definition: written ?? null,
          before: step === undefined ? [] : endedBefore(execution.steps, step),
          lastSuccess: success === undefined ? null : yield* compare(success, execution, definition)
        }
      })

      return Explanations.of({ explain })
    })
  )
}

/** The steps that ended last before one began. */
const endedBefore = (steps: ReadonlyArray<StepRecord>, { startedAt }: StepRecord): ReadonlyArray<StepRecord> =>
  steps
    .filter(({ completedAt, status }) =>
      status === "completed" && completedAt !== null && startedAt !== null && completedAt <= startedAt
    )
    .sort((a, b) => (b.completedAt ?? "").localeCompare(a.completedAt ?? ""))
    .slice(0, stepsBefore)
