import { Option, Result, Schema } from "effect"
import type { FoundIssue, Issue } from "./Issues.ts"
import { fromSchemaIssue } from "./Issues.ts"
import { jsonBytes } from "./Json.ts"
import { Limits } from "./Limits.ts"
import { looseStepIssues } from "./LooseSteps.ts"
import { Step } from "./Step.ts"
import { stepTreeIssues } from "./StepTree.ts"
import type { Trigger } from "./Trigger.ts"
import { webhookOf } from "./Trigger.ts"
import type { DefinitionOptions } from "./Workflow.ts"
import { optionsOf, WorkflowCreate } from "./Workflow.ts"
import { isDistinctName, isToolTrigger } from "./WorkflowTool.ts"

const decode = Schema.decodeUnknownResult(WorkflowCreate)
const decodeStep = Schema.decodeUnknownOption(Step)

/**
 * Reads what a tenant wrote to make a workflow; fails with every problem of its members, and then also of the order of
 * its steps. What `definitionIssues` finds in a definition that was read is another matter.
 */
export const decodeDefinition = (input: unknown): Result.Result<WorkflowCreate, ReadonlyArray<FoundIssue>> => {
  const decoded = decode(input, { errors: "all", onExcessProperty: "error" })
  return Result.mapError(decoded, ({ issue }) => [
    ...fromSchemaIssue(issue, input),
    ...orderIssues(input)
  ])
}

/** What keeps the steps of anything from being put in order, whatever else is wrong with it. */
export const orderIssues = (input: unknown): ReadonlyArray<FoundIssue> => looseStepIssues(stepsOf(input)).map(atSteps)

/** Steps, and where they stand. */
interface SoundSteps {
  readonly steps: ReadonlyArray<{ readonly index: number; readonly step: Step }>
  readonly areAll: boolean
}

/** The steps of anything that are valid by themselves, and whether these are all: what is wrong with the others is known. */
export const soundSteps = (input: unknown): SoundSteps => {
  const all = stepsOf(input)
  if (!Array.isArray(all) || all.length > Limits.steps) return { steps: [], areAll: false }
  const steps = all.flatMap((step: unknown, index) => Option.toArray(decodeStep(step)).map((step) => ({ index, step })))
  return { steps, areAll: steps.length > 0 && steps.length === all.length }
}

/** What keeps a definition from being run that its schema admits: the order of its steps, at every level, and its size. */
export const definitionIssues = (
  definition: Pick<WorkflowCreate, "steps" | "triggers" | keyof DefinitionOptions>
): ReadonlyArray<FoundIssue> => [
  ...stepTreeIssues(definition.steps).map(atSteps),
  ...webhookIssues(definition.triggers ?? []),
  ...toolIssues(definition.triggers ?? []),
  ...sizeIssues([definition.steps, definition.triggers ?? [], ...Object.values(optionsOf(definition))])
]

/** A workflow has one address, so one webhook; how the sender signs is of use only with the secret that it signs with. */
const webhookIssues = (triggers: ReadonlyArray<Trigger>): ReadonlyArray<FoundIssue> => {
  const webhooks = triggers.flatMap((trigger, index) => {
    const webhook = webhookOf([trigger])
    return webhook === undefined ? [] : [{ index, webhook }]
  })
  return webhooks.flatMap(({ index, webhook }, place) => [
    ...(place === 0
      ? []
      : [{ path: ["triggers", index], message: "is a second webhook: a workflow has one", missing: false }]),
    ...(webhook.scheme === undefined || webhook.secret !== undefined
      ? []
      : [{
        path: ["triggers", index, "scheme"],
        message: "needs a secret to check the signature with",
        missing: false
      }])
  ])
}

/** A workflow is one tool, under a name that doesn't look like what tells another one apart. */
const toolIssues = (triggers: ReadonlyArray<Trigger>): ReadonlyArray<FoundIssue> => {
  const tools = triggers.flatMap((trigger, index) => isToolTrigger(trigger) ? [{ trigger, index }] : [])
  return tools.flatMap(({ index, trigger }, place) => [
    ...(place === 0
      ? []
      : [{ path: ["triggers", index], message: "is a second mcp trigger: a workflow is one tool", missing: false }]),
    ...(typeof trigger === "object" && trigger.tool !== undefined && isDistinctName(trigger.tool)
      ? [{
        path: ["triggers", index, "tool"],
        message: "must not end in - and six hexadecimal digits: so end the names that tell tools of one name apart",
        missing: false
      }]
      : [])
  ])
}

/** Numbers such as `1e20` take more room when they are written again than in the request. */
const sizeIssues = (written: object): ReadonlyArray<FoundIssue> =>
  jsonBytes(written) <= Limits.definitionBytes
    ? []
    : [{ path: ["steps"], message: `must take at most ${Limits.definitionBytes} bytes as JSON`, missing: false }]

const stepsOf = (input: unknown): unknown =>
  typeof input === "object" && input !== null && Object.hasOwn(input, "steps") ? Reflect.get(input, "steps") : undefined

const atSteps = ({ message, path }: Issue): FoundIssue => ({ path: ["steps", ...path], message, missing: false })
