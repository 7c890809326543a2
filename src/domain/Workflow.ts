import { Schema } from "effect"
import { Concurrency } from "./Concurrency.ts"
import { durationBetween, durationUpTo } from "./Duration.ts"
import { StepId, TenantId, WorkflowId, WorkflowReference } from "./Ids.ts"
import { Limits } from "./Limits.ts"
import { Step } from "./Step.ts"
import { isWellFormed } from "./Text.ts"
import { Timestamp } from "./Timestamp.ts"
import { Trigger } from "./Trigger.ts"

/** Only an `active` workflow can be started. */
export const WorkflowStatus = Schema.Literals(["active", "inactive"])
export type WorkflowStatus = typeof WorkflowStatus.Type

const Name = Schema.NonEmptyString.check(
  Schema.isMaxLength(Limits.nameCharacters),
  isWellFormed,
  Schema.makeFilter((name: string) => name.trim() === "" ? "must not be blank" : undefined, {
    toJsonSchema: () => ({ pattern: "\\S" })
  })
).annotateKey({ description: "A title for people", examples: ["Nightly report"] })
const Description = Schema.NullOr(Schema.String.check(Schema.isMaxLength(Limits.descriptionCharacters), isWellFormed))
  .annotateKey({ description: "What the workflow does, in a sentence or two" })
const Steps = Schema.Array(Step).check(Schema.isMinLength(1), Schema.isMaxLength(Limits.steps))
  .annotateKey({ description: "What runs" })
const Triggers = Schema.Array(Trigger).check(Schema.isMaxLength(Limits.triggers))
  .annotateKey({ description: "What starts the workflow besides the API" })
const Status = WorkflowStatus.annotateKey({ description: "Only an active workflow can be started" })

/** What holds for the whole run. */
export const Settings = Schema.Struct({
  timeout: Schema.optionalKey(durationUpTo(Limits.runTimeoutMaxMillis)).annotateKey({
    description: "How long the whole run may take",
    default: "24h"
  }),
  retention: Schema.optionalKey(durationBetween(Limits.retentionMinMillis, Limits.retentionMaxMillis)).annotateKey({
    description: "How long a finished execution is kept: as long as the service keeps any by default",
    examples: ["90d"]
  }),
  concurrency: Schema.optionalKey(Concurrency),
  onFailure: Schema.optionalKey(WorkflowReference).annotateKey({
    description: "A workflow that is started when an execution fails, with the failed execution as its inputs"
  })
}).annotate({ identifier: "Settings", description: "What holds for the whole run" })

/** What a definition may have besides its steps and triggers. */
const options = {
  inputSchema: Schema.optionalKey(Schema.JsonObject).annotateKey({
    description: "JSON Schema of an execution's inputs, checked before it is created"
  }),
  outputs: Schema.optionalKey(Schema.JsonObject).annotateKey({
    description:
      "Expressions by name, evaluated at the end: the execution's outputs. Those of the last steps by default"
  }),
  settings: Schema.optionalKey(Settings)
}

/** What a tenant writes to make a workflow. */
export const WorkflowCreate = Schema.Struct({
  tenantId: TenantId.annotateKey({ description: "Whose workflow it is: 1 to 64 characters of A-Z a-z 0-9 _ . -" }),
  name: Name,
  description: Schema.optionalKey(Description),
  steps: Steps,
  triggers: Schema.optionalKey(Triggers).annotateKey({ default: [] }),
  ...options,
  status: Schema.optionalKey(Status).annotateKey({ default: "active" })
}).annotate({
  identifier: "WorkflowCreate",
  description: "What a tenant writes to make a workflow",
  examples: [{
    tenantId: TenantId.make("tenant-123"),
    name: "Data Processing Pipeline",
    description: "Process and analyze incoming data",
    steps: [
      {
        id: StepId.make("step-1"),
        type: "http-request",
        config: { url: "https://api.example.com/data", method: "GET" },
        order: 1
      },
      {
        id: StepId.make("step-2"),
        type: "transform",
        config: { operation: "filter", field: "status", value: "active" },
        order: 2
      }
    ],
    triggers: ["webhook", "schedule"]
  }]
})
export type WorkflowCreate = typeof WorkflowCreate.Type

/**
 * What a tenant writes to change a workflow: any subset. The members that the service sets may stand in it, so that a
 * workflow can be read, edited and written back; `id` and `tenantId` must then be those of the stored workflow.
 */
export const WorkflowUpdate = Schema.Struct({
  name: Schema.optionalKey(Name),
  description: Schema.optionalKey(Description),
  steps: Schema.optionalKey(Steps),
  triggers: Schema.optionalKey(Triggers),
  ...options,
  status: Schema.optionalKey(WorkflowStatus),
  id: Schema.optionalKey(WorkflowId),
  tenantId: Schema.optionalKey(TenantId),
  version: Schema.optionalKey(Schema.Int),
  createdAt: Schema.optionalKey(Timestamp),
  updatedAt: Schema.optionalKey(Timestamp)
}).annotate({ identifier: "WorkflowUpdate" })
export type WorkflowUpdate = typeof WorkflowUpdate.Type

/** The part of a workflow that makes a version: what an execution runs. */
export const Definition = Schema.Struct({
  name: Name,
  description: Description,
  steps: Steps,
  triggers: Triggers,
  ...options
}).annotate({ identifier: "Definition" })
export type Definition = typeof Definition.Type

/** A stored workflow. Each change makes a new `version`, from 1 on. */
export const Workflow = Schema.Struct({
  id: WorkflowId,
  tenantId: TenantId,
  ...Definition.fields,
  status: WorkflowStatus,
  version: Schema.Int,
  createdAt: Timestamp,
  updatedAt: Timestamp
}).annotate({ identifier: "Workflow" })
export type Workflow = typeof Workflow.Type

/** The workflow that a tenant makes so. */
export const workflowOf = (id: WorkflowId, input: WorkflowCreate, now: Timestamp): Workflow => ({
  id,
  tenantId: input.tenantId,
  name: input.name,
  description: input.description ?? null,
  steps: input.steps,
  triggers: input.triggers ?? [],
  ...optionsOf(input),
  status: input.status ?? "active",
  version: 1,
  createdAt: now,
  updatedAt: now
})

/** What an execution of this workflow runs. */
export const definitionOf = (workflow: Workflow): Definition => ({
  name: workflow.name,
  description: workflow.description,
  steps: workflow.steps,
  triggers: workflow.triggers,
  ...optionsOf(workflow)
})

/** The optional members of a definition. */
export const DefinitionOptions = Schema.Struct(options)
export type DefinitionOptions = typeof DefinitionOptions.Type

/** The optional members that are set. */
export const optionsOf = ({ inputSchema, outputs, settings }: DefinitionOptions): DefinitionOptions => ({
  ...(inputSchema === undefined ? {} : { inputSchema }),
  ...(outputs === undefined ? {} : { outputs }),
  ...(settings === undefined ? {} : { settings })
})
