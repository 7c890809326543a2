import { Effect, Result, Schema } from "effect"
import { decodeDefinition } from "../../domain/DefinitionCheck.ts"
import { WorkflowInvalid } from "../../domain/Errors.ts"
import type { Principal } from "../../domain/Principal.ts"
import { WorkflowCreate } from "../../domain/Workflow.ts"
import { Proposals } from "../../services/Proposals.ts"
import { Workflows } from "../../services/Workflows.ts"
import { Changes } from "../Changes.ts"
import { definitionOf, tenantIssues } from "../Definitions.ts"
import { defineTool } from "../Tool.ts"
import { ChangeView } from "../views/Change.ts"

const tool = defineTool({
  name: "workflow_create",
  title: "Create a workflow",
  description:
    "Stores a workflow as version 1, active unless status says otherwise. Call workflow_validate first. The language is " +
    "in the resource docs://workflow-language, its JSON Schema in schema://workflow.",
  scope: "write",
  isForAllWorkflows: true,
  hints: { readOnly: false },
  input: Schema.Struct({
    definition: definitionOf(
      WorkflowCreate,
      2,
      "The definition. tenantId may be missing where the key belongs to one tenant"
    )
  }),
  output: ChangeView
})

/** Stores a new workflow, or proposes it. */
export const workflowCreate = Effect.gen(function*() {
  const workflows = yield* Workflows
  const proposals = yield* Proposals
  const changes = yield* Changes
  return tool(
    Effect.fn("workflow_create")(function*({ definition }, call) {
      const { principal } = call
      const decoded = decodeDefinition(withTenant(principal, definition))
      if (Result.isFailure(decoded)) {
        const found = yield* workflows.validate(principal, definition)
        return yield* new WorkflowInvalid({
          issues: found.valid ? decoded.failure : [...tenantIssues(principal, definition), ...found.issues],
          missing: decoded.failure.some(({ missing }) => missing)
        })
      }
      return yield* changes.make(call, {
        store: workflows.create(principal, decoded.success),
        propose: proposals.proposeCreate(principal, decoded.success, call.requestId),
        unchanged: Effect.succeedNone
      })
    })
  )
})

/** A definition without a tenant is of the key's own; an operator's key has none. */
const withTenant = (principal: Principal, definition: object): object =>
  principal.tenantId === null ? definition : { tenantId: principal.tenantId, ...definition }
