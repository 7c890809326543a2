import { Effect, Schema } from "effect"
import { ExecutionPlan } from "../../domain/ExecutionPlan.ts"
import { Issue } from "../../domain/Issues.ts"
import { WorkflowCreate } from "../../domain/Workflow.ts"
import { Workflows } from "../../services/Workflows.ts"
import { issueTold } from "../Answers.ts"
import { definitionOf, tenantIssues } from "../Definitions.ts"
import { fits, fitting } from "../Size.ts"
import { defineTool } from "../Tool.ts"

const tool = defineTool({
  name: "workflow_validate",
  title: "Validate a definition",
  description:
    "Checks a definition and stores nothing. Call it while you write, until there are no issues: it names every problem " +
    "with its path. The language is in the resource docs://workflow-language.",
  scope: "read",
  hints: { readOnly: true },
  input: Schema.Struct({
    definition: definitionOf(WorkflowCreate, 0, "As for workflow_create")
  }),
  output: Schema.Struct({
    valid: Schema.Boolean,
    issues: Schema.Array(Issue),
    issuesInAll: Schema.Int.annotateKey({ description: "More than `issues` has: mend these and validate again" }),
    plan: Schema.optionalKey(Schema.JsonObject).annotateKey({
      description: "What runs, and in which order; missing where it is too large: POST /api/workflows/validate tells it"
    }),
    nextFires: Schema.Array(Schema.String).annotateKey({ description: "When its schedules would fire next" })
  })
})

const encodePlan = Schema.encodeEffect(Schema.toCodecJson(ExecutionPlan))

/** Tells whether a definition could be stored. */
export const workflowValidate = Effect.map(
  Workflows,
  (workflows) =>
    tool(
      Effect.fn("workflow_validate")(function*({ definition }, { principal }) {
        const found = yield* workflows.validate(principal, definition)
        const problems = [...tenantIssues(principal, definition), ...(found.valid ? [] : found.issues)]
        if (!found.valid || problems.length > 0) {
          const issues = fitting(problems.map(issueTold), (issues) => ({ issues }))
          return { output: { valid: false, issues, issuesInAll: problems.length, nextFires: [] } }
        }
        const plan = Object(yield* Effect.orDie(encodePlan(found.plan)))
        const nextFires = found.schedules.flatMap(({ nextFires }) => nextFires.slice(0, 3))
        const output = { valid: true, issues: [], issuesInAll: 0, nextFires }
        return { output: fits({ plan, nextFires }) ? { ...output, plan } : output }
      })
    )
)
