import { Effect, Schema } from "effect"
import type { Json } from "effect/Schema"
import { ExecutionStatus } from "../../domain/Execution.ts"
import type { Explanation } from "../../domain/Explanation.ts"
import { Comparison } from "../../domain/Explanation.ts"
import { ExecutionId } from "../../domain/Ids.ts"
import { isObject } from "../../domain/Json.ts"
import { Explanations } from "../../services/Explanations.ts"
import { executionId } from "../Arguments.ts"
import type { Part } from "../Parts.ts"
import { withParts } from "../Parts.ts"
import { defineTool } from "../Tool.ts"
import { executionUri, pathOf, stepUri, StepView, stepView } from "../views/Execution.ts"
import { untrusted } from "../views/Untrusted.ts"
import { workflowUri } from "../views/Workflow.ts"

const Output = Schema.Struct({
  executionId: ExecutionId,
  status: ExecutionStatus,
  errorCode: Schema.NullOr(Schema.String),
  step: Schema.NullOr(StepView),
  lastSuccess: Schema.NullOr(Comparison),
  untrusted: untrusted({
    message: Schema.NullOr(Schema.String),
    request: Schema.Json,
    response: Schema.Json,
    details: Schema.Json,
    definition: Schema.Json,
    before: Schema.JsonObject
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

const viewOf = ({ before, definition, execution, lastSuccess, step }: Explanation) => {
  const { id, status, workflowId } = execution
  const error = step?.error ?? execution.error
  const { body, request = null, status: answered, ...others } = isObject(error?.details) ? error.details : {}
  const details = isObject(error?.details) ? others : error?.details ?? null
  const parts = new Map<string, Part>()
  const stepPlace = step === null ? executionUri(id) : stepUri(id, pathOf(step))
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
    lastSuccess,
    untrusted: {
      message: error?.message ?? null,
      request,
      response: values.get("response") ?? null,
      details: values.get("details") ?? null,
      definition: values.get("definition") ?? null,
      before: Object.fromEntries(before.map((step) => [pathOf(step), values.get(`before ${pathOf(step)}`) ?? null]))
    }
  }))
}
