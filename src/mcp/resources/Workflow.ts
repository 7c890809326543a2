import { Effect, Option } from "effect"
import { WorkflowId } from "../../domain/Ids.ts"
import { definitionOf } from "../../domain/Workflow.ts"
import { Workflows } from "../../services/Workflows.ts"
import { untrustedNote } from "../Answers.ts"
import { factsOf } from "../views/Workflow.ts"
import { Completion } from "./Completion.ts"
import { templateResource } from "./Template.ts"

/** A workflow with its whole definition. */
export const workflowResource = Effect.gen(function*() {
  const workflows = yield* Workflows
  const completion = yield* Completion
  return templateResource({
    uriTemplate: "workflow://{id}",
    name: "workflow",
    title: "A workflow",
    description: "A workflow with its whole definition, as JSON",
    pattern: /^workflow:\/\/([^/]+)$/,
    read: ([id = ""], { principal }) =>
      id === "" ? Effect.succeedNone : workflows.get(principal, WorkflowId.make(id)).pipe(
        Effect.map((workflow) =>
          Option.some({
            ...factsOf(workflow),
            note: untrustedNote,
            untrusted: { definition: definitionOf(workflow) }
          })
        ),
        Effect.catchTag("WorkflowNotFound", () => Effect.succeedNone)
      ),
    complete: (_, value, principal) => completion.workflows(principal, value)
  })
})
