import { Effect, Option } from "effect"
import { EngineUnavailable, ExecutionInvalid, WorkflowInactive, WorkflowNotFound } from "../domain/Errors.ts"
import type { Inputs } from "../domain/Execution.ts"
import { jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import type { Workflow } from "../domain/Workflow.ts"
import type { ExecutionDraft, ExecutionRepository, Insertion } from "./ExecutionRepository.ts"
import { inputIssues } from "./InputSchema.ts"
import type { SchemaValidator } from "./SchemaValidator.ts"

/** Versions of a workflow that may follow one another while inputs are checked against them. */
const checks = 3

/**
 * Stores an execution and answers the workflow that it runs; `known`: there was one of its id already. Inputs for which the
 * workflow has a schema are checked first, against the very version that is then run: the first call to the store finds
 * out, the second stores. Of a workflow that was read already the first is not needed, unless it has changed since.
 */
export const admit = Effect.fnUntraced(function*(
  repository: Pick<ExecutionRepository["Service"], "insert">,
  validator: SchemaValidator["Service"],
  draft: Omit<ExecutionDraft, "checkedVersion">,
  known?: Workflow
) {
  yield* checkSize(draft.inputs)
  if (known !== undefined) yield* checkInputs(validator, known, draft.inputs)
  let checkedVersion: number | null = known?.version ?? null
  for (let check = 0; check <= checks; check++) {
    const found: Option.Option<Insertion> = yield* Effect.mapError(
      repository.insert({ ...draft, checkedVersion }),
      (cause) => new EngineUnavailable({ cause })
    )
    if (Option.isNone(found)) return yield* new WorkflowNotFound({ id: draft.workflowId })
    const { inserted, known, workflow }: Insertion = found.value
    if (known === true) return { workflow, known: true }
    if (workflow.status !== "active") return yield* new WorkflowInactive({ id: workflow.id })
    if (inserted) return { workflow, known: false }
    if (check < checks) yield* checkInputs(validator, workflow, draft.inputs)
    checkedVersion = workflow.version
  }
  return yield* new EngineUnavailable({ cause: `The workflow changed ${checks} times while its inputs were checked` })
})

/** Numbers such as `1e20` take more room when they are written again than in the request. */
const checkSize = (inputs: Inputs): Effect.Effect<void, ExecutionInvalid> =>
  jsonBytes(inputs) <= Limits.inputBytes
    ? Effect.void
    : Effect.fail(
      new ExecutionInvalid({
        issues: [{ path: ["inputs"], message: `must take at most ${Limits.inputBytes} bytes as JSON` }]
      })
    )

const checkInputs = (
  validator: SchemaValidator["Service"],
  workflow: Workflow,
  inputs: Inputs
): Effect.Effect<void, ExecutionInvalid> => {
  const issues = inputIssues(validator, workflow, inputs)
  return issues.length === 0 ? Effect.void : Effect.fail(new ExecutionInvalid({ issues }))
}
