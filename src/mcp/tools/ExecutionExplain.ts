import { Effect, Schema } from "effect"
import type { Json } from "effect/Schema"
import { ExecutionStatus } from "../../domain/Execution.ts"
import type { Explanation } from "../../domain/Explanation.ts"
import { Comparison } from "../../domain/Explanation.ts"
import { ExecutionId } from "../../domain/Ids.ts"
import { isObject } from "../../domain/Json.ts"
import { Limits } from "../../domain/Limits.ts"
import { Explanations } from "../../services/Explanations.ts"
import { executionId } from "../Arguments.ts"
import type { Part } from "../Parts.ts"
import { withParts } from "../Parts.ts"
import { clipped, fits } from "../Size.ts"
import { defineTool } from "../Tool.ts"
import { executionUri, pathOf, stepUri, StepView, stepView } from "../views/Execution.ts"
import { untrusted } from "../views/Untrusted.ts"
import { workflowUri } from "../views/Workflow.ts"

/** What differs from the last success. The names in it are the workflow's and its callers'. */
const Differences = Schema.Struct({
  steps: Comparison.fields.steps,
  inputs: Comparison.fields.inputs,
  outcomes: Comparison.fields.outcomes,
  notShown: Schema.Int.annotateKey({ description: "How many more there are: compare the resources of both executions" })
}).annotate({ description: "From lastSuccess" })

const Output = Schema.Struct({
  executionId: ExecutionId,
  status: ExecutionStatus,
  errorCode: Schema.NullOr(Schema.String),
  step: Schema.NullOr(StepView),
  lastSuccess: Schema.NullOr(Schema.Struct({
    executionId: ExecutionId,
    completedAt: Comparison.fields.completedAt,
    workflowVersion: Comparison.fields.workflowVersion
  })),
  untrusted: untrusted({
    message: Schema.NullOr(Schema.String),
    request: Schema.Json,
    response: Schema.Json,
    details: Schema.Json,
    definition: Schema.Json,
    before: Schema.JsonObject,
    differences: Schema.NullOr(Differences)
  })
})

const tool = defineTool({
  name: "execution_explain",
  title: "Explain an execution",
  description:
    "Tells why an execution failed: the step, its error, its request and response, what it was to do, what came before, and " +
    "what differs from the last success of the workflow. Call it first when one has failed.",
  scope: "read",
  hints: { readOnly: true },
  input: Schema.Struct({ executionId }),
  output: Output
})

/** Explains a failure. */
export const executionExplain = Effect.map(
  Explanations,
  (explanations) =>
    tool(
      Effect.fn("execution_explain")(function*({ executionId }, { principal }) {
        return viewOf(yield* explanations.explain(principal, executionId))
      })
    )
)

/** Differences of a kind that are shown, if there is room for so many. */
const differencesShown = 50

/** Characters of the name of an input. */
const nameCharacters = 200

const viewOf = (explanation: Explanation) => {
  let count = differencesShown
  let view = viewWith(explanation, count)
  while (count > 0 && !fits(view.output)) view = viewWith(explanation, count = Math.floor(count / 2))
  return view
}

/** The explanation with so many differences of each kind. */
const viewWith = ({ before, definition, execution, lastSuccess, step }: Explanation, count: number) => {
  const { id, status, workflowId } = execution
  const error = step?.error ?? execution.error
  const { body, request = null, status: answered, ...others } = isObject(error?.details) ? error.details : {}
  const details = isObject(error?.details) ? others : error?.details ?? null
  const parts = new Map<string, Part>()
  const stepPlace = step === null ? executionUri(id) : stepUri(id, pathOf(step))
  parts.set("request", { value: request, uri: stepPlace })
  parts.set("response", {
    value: answered === undefined ? null : { status: answered, body: body ?? null },
    uri: stepPlace
  })
  parts.set("details", {
    value: isObject(details) && Object.keys(details).length === 0 ? null : details,
    uri: stepPlace
  })
  // SAFETY: a step of a stored definition is JSON; its type only says more of it.
  parts.set("definition", { value: definition as Json, uri: workflowUri(workflowId) })
  for (const step of before) parts.set(`before ${pathOf(step)}`, { value: step.output, uri: stepUri(id, pathOf(step)) })
  return withParts(parts, (values): typeof Output.Type => ({
    executionId: id,
    status,
    errorCode: error?.code ?? null,
    step: step === null ? null : stepView(execution, step),
    lastSuccess: lastSuccess === null ? null : {
      executionId: lastSuccess.executionId,
      completedAt: lastSuccess.completedAt,
      workflowVersion: lastSuccess.workflowVersion
    },
    untrusted: {
      message: error === null || error === undefined ? null : clipped(error.message, Limits.errorMessageCharacters),
      request: values.get("request") ?? null,
      response: values.get("response") ?? null,
      details: values.get("details") ?? null,
      definition: values.get("definition") ?? null,
      before: Object.fromEntries(before.map((step) => [pathOf(step), values.get(`before ${pathOf(step)}`) ?? null])),
      differences: lastSuccess === null ? null : differencesOf(lastSuccess, count)
    }
  }))
}

const differencesOf = ({ inputs, outcomes, steps }: Comparison, count: number): typeof Differences.Type => {
  const lists = [steps.added, steps.removed, steps.changed, inputs, outcomes]
  return {
    steps: {
      added: steps.added.slice(0, count),
      removed: steps.removed.slice(0, count),
      changed: steps.changed.slice(0, count)
    },
    inputs: inputs.slice(0, count).map((name) => clipped(name, nameCharacters)),
    outcomes: outcomes.slice(0, count),
    notShown: lists.reduce((left, { length }) => left + Math.max(0, length - count), 0)
  }
}
