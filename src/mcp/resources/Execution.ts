import { Effect, Option } from "effect"
import type { ExecutionDetail } from "../../domain/Execution.ts"
import { ExecutionId } from "../../domain/Ids.ts"
import type { Principal } from "../../domain/Principal.ts"
import { Executions } from "../../services/Executions.ts"
import { untrustedNote } from "../Answers.ts"
import { noCompletions } from "../Catalog.ts"
import { executionItem, pathOf, stepView } from "../views/Execution.ts"
import { Completion } from "./Completion.ts"
import { templateResource } from "./Template.ts"

const find = (executions: Executions["Service"], principal: Principal, id: string) =>
  id === ""
    ? Effect.succeed(Option.none<ExecutionDetail>())
    : Effect.asSome(executions.get(principal, ExecutionId.make(id))).pipe(
      Effect.catchTag("ExecutionNotFound", () => Effect.succeed(Option.none<ExecutionDetail>()))
    )

/** An execution with its inputs, outputs and steps, but for the outputs of the steps. */
export const executionResource = Effect.gen(function*() {
  const executions = yield* Executions
  const completion = yield* Completion
  return templateResource({
    uriTemplate: "execution://{id}",
    name: "execution",
    title: "An execution",
    description:
      "An execution with its inputs, outputs and all of its steps, as JSON; the steps' outputs are resources",
    pattern: /^execution:\/\/([^/]+)$/,
    read: ([id = ""], { principal }) =>
      Effect.map(
        find(executions, principal, id),
        Option.map((execution) => ({
          ...executionItem(execution),
          steps: execution.steps.map((step) => stepView(execution, step)),
          note: untrustedNote,
          untrusted: {
            trigger: execution.trigger,
            inputs: execution.inputs,
            outputs: execution.outputs,
            error: execution.error
          }
        }))
      ),
    complete: (_, value, principal) => completion.executions(principal, value)
  })
})

/** One step of an execution, with its output. */
export const executionStepResource = Effect.gen(function*() {
  const executions = yield* Executions
  const completion = yield* Completion
  return templateResource({
    uriTemplate: "execution://{id}/steps/{step}",
    name: "execution-step",
    title: "A step of an execution",
    description: "A step by its path (loop[3].call), with its whole output, as JSON",
    pattern: /^execution:\/\/([^/]+)\/steps\/(.+)$/,
    read: ([id = "", path = ""], { principal }) =>
      Effect.map(
        find(executions, principal, id),
        Option.flatMap((execution) => {
          const step = execution.steps.find((candidate) => pathOf(candidate) === path)
          return step === undefined
            ? Option.none()
            : Option.some({
              ...stepView(execution, step),
              startedAt: step.startedAt,
              completedAt: step.completedAt,
              note: untrustedNote,
              untrusted: { output: step.output, error: step.error }
            })
        })
      ),
    complete: (variable, value, principal) =>
      variable === "id" ? completion.executions(principal, value) : Effect.succeed(noCompletions)
  })
})
