import { Schema } from "effect"
import type { Json } from "effect/Schema"
import { TenantId, WorkflowId } from "../../domain/Ids.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import { definitionOf, WorkflowStatus } from "../../domain/Workflow.ts"
import type { Part } from "../Parts.ts"
import { withParts } from "../Parts.ts"
import { clipped } from "../Size.ts"
import { untrusted } from "./Untrusted.ts"

const facts = {
  id: WorkflowId,
  tenantId: TenantId,
  version: Schema.Int,
  status: WorkflowStatus,
  createdAt: Timestamp,
  updatedAt: Timestamp
}

/** A workflow in a list. */
export const WorkflowItem = Schema.Struct({
  ...facts,
  untrusted: untrusted({
    name: Schema.String,
    description: Schema.NullOr(Schema.String).annotateKey({ description: "Its beginning" })
  })
})
export type WorkflowItem = typeof WorkflowItem.Type

/** A workflow with its definition. */
export const WorkflowView = Schema.Struct({
  ...facts,
  untrusted: untrusted({
    definition: Schema.JsonObject.annotateKey({ description: "The members of the definition that were asked for" })
  })
})
export type WorkflowView = typeof WorkflowView.Type

/** What the service itself knows of a workflow. */
export const factsOf = ({ createdAt, id, status, tenantId, updatedAt, version }: Workflow) => ({
  id,
  tenantId,
  version,
  status,
  createdAt,
  updatedAt
})

/** Characters of a description in a list: workflow_get tells the rest. */
const descriptionCharacters = 300

export const workflowItem = (workflow: Workflow): WorkflowItem => ({
  ...factsOf(workflow),
  untrusted: {
    name: workflow.name,
    description: workflow.description === null ? null : clipped(workflow.description, descriptionCharacters)
  }
})

/** The members of a definition that can be asked for one by one. */
export const DefinitionMember = Schema.Literals([
  "name",
  "description",
  "steps",
  "triggers",
  "inputSchema",
  "outputs",
  "settings"
])
export type DefinitionMember = typeof DefinitionMember.Type

/** A workflow as an answer: of these members of its definition, as many as there is room for. */
export const workflowView = (
  workflow: Workflow,
  members: ReadonlyArray<DefinitionMember> = DefinitionMember.literals
) => {
  const definition = new Map(Object.entries(definitionOf(workflow)))
  const parts = new Map<string, Part>()
  for (const member of members) {
    // SAFETY: a stored definition is JSON; its type only says more of it.
    const value = definition.get(member) as Json | undefined
    if (value !== undefined) parts.set(member, { value, uri: workflowUri(workflow.id) })
  }
  return withParts(parts, (values): WorkflowView => ({
    ...factsOf(workflow),
    untrusted: { definition: Object.fromEntries(values) }
  }))
}

/** Where the resource of a workflow is. */
export const workflowUri = (id: string): string => `workflow://${encodeURIComponent(id)}`
