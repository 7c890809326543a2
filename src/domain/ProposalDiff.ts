import { Schema } from "effect"
import type { Json } from "effect/Schema"
import { CalledHost, calledHosts } from "./CalledHosts.ts"
import { canonical, isSame } from "./Json.ts"
import { ChangedStep, NamedStep, stepChanges } from "./StepChanges.ts"
import type { Definition, WorkflowStatus } from "./Workflow.ts"

/** What a person reads before saying yes: all that differs between two definitions. */
export const ProposalDiff = Schema.Struct({
  steps: Schema.Struct({
    added: Schema.Array(NamedStep),
    removed: Schema.Array(NamedStep),
    changed: Schema.Array(ChangedStep)
  }),
  newHosts: Schema.Array(CalledHost).annotate({ description: "Whom its steps call now and did not call before" }),
  newSecrets: Schema.Array(Schema.String).annotate({
    description: "The secrets that its expressions and its webhook use now and did not use before"
  }),
  other: Schema.Array(Schema.String).annotate({
    description: "The other members that differ: name, description, triggers, inputSchema, outputs, settings, status"
  })
}).annotate({
  identifier: "ProposalDiff",
  description: "What would change. Of a creation: all that there is"
})
export type ProposalDiff = typeof ProposalDiff.Type

/** What is compared: a definition, and whether it can be started. */
export type Comparable = Definition & { readonly status: WorkflowStatus }

/** What differs between two definitions (`before` null: there was none); `secretsOf` tells the secrets that one uses. */
export const diffOf = (
  before: Comparable | null,
  after: Comparable,
  secretsOf: (definition: Comparable) => ReadonlyArray<string>
): ProposalDiff => {
  const [knownHosts, knownSecrets] = before === null
    ? [new Set<string>(), new Set<string>()]
    : [new Set(calledHosts(before.steps).map(canonical)), new Set(secretsOf(before))]
  return {
    steps: stepChanges(before?.steps ?? [], after.steps),
    newHosts: calledHosts(after.steps).filter((called) => !knownHosts.has(canonical(called))),
    newSecrets: [...new Set(secretsOf(after))].filter((name) => !knownSecrets.has(name)).sort(),
    other: otherMembers.filter((member) =>
      !isSame(before === null ? absent[member] ?? null : valueOf(before, member), valueOf(after, member))
    )
  }
}

const otherMembers = ["name", "description", "triggers", "inputSchema", "outputs", "settings", "status"] as const

/** What a workflow that there is not yet is taken to have where it has nothing. */
const absent: Readonly<Partial<Record<typeof otherMembers[number], Json>>> = { triggers: [] }

const valueOf = (definition: Comparable, member: typeof otherMembers[number]): Json =>
  // SAFETY: every member of a definition is JSON, or is not there.
  (definition[member] ?? null) as Json
