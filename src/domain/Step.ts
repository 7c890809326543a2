import { Schema, SchemaAST } from "effect"
import type { Json } from "effect/Schema"
import type { DurationInput } from "./Duration.ts"
import { durationUpTo } from "./Duration.ts"
import { StepId } from "./Ids.ts"
import { Limits } from "./Limits.ts"
import { Retry } from "./Retry.ts"
import type { ConditionConfig } from "./steps/Condition.ts"
import { conditionConfig } from "./steps/Condition.ts"
import { DelayConfig } from "./steps/Delay.ts"
import { FailConfig } from "./steps/Fail.ts"
import type { ForEachConfig } from "./steps/ForEach.ts"
import { forEachConfig } from "./steps/ForEach.ts"
import { HttpRequestConfig } from "./steps/HttpRequest.ts"
import { McpToolConfig } from "./steps/McpTool.ts"
import { TransformConfig } from "./steps/Transform.ts"
import { WaitForEventConfig } from "./steps/WaitForEvent.ts"
import { WorkflowConfig } from "./steps/Workflow.ts"
import { templated } from "./Template.ts"

/** An expression in JSONata, bare or in `{{ … }}`. */
export const Expression = Schema.NonEmptyString
  .check(Schema.isMaxLength(Limits.expressionCharacters))
  .annotate({ identifier: "Expression", description: "JSONata, bare or in {{ … }}" })

/** What a failed step does to its execution: ends it, lets it go on, or lets it go on with this output. */
export const OnError = Schema.Union([
  Schema.Literals(["fail", "continue"]),
  Schema.Struct({ output: Schema.Json.annotateKey({ description: "The step's output in place of its own" }) })
]).annotate({
  identifier: "OnError",
  description:
    "fail: it ends the execution; continue: the execution goes on, with null as the step's output; or with this output"
})
export type OnError = typeof OnError.Type

/** What every step may have, besides its type and its configuration. */
interface Attempted {
  readonly name?: string
  readonly when?: string
  readonly timeout?: DurationInput
  readonly retry?: Retry
}

/** The step types and the configuration of each, as it is written: any part of a `Json` one may be a template. */
interface Configs {
  readonly "http-request": Json
  readonly transform: Json
  readonly condition: ConditionConfig<Step>
  readonly "for-each": ForEachConfig<Step>
  readonly delay: Json
  readonly "wait-for-event": Json
  readonly workflow: Json
  readonly "mcp-tool": Json
  readonly fail: Json
}

export type StepType = keyof Configs

/** A step that undoes another one: it has no place among the steps of its list, and no undo of its own. */
export type Undo = Typed<Attempted>

type Typed<Common> = {
  readonly [Type in StepType]: Common & { readonly type: Type; readonly config: Configs[Type] }
}[StepType]

/** A step of a workflow, or of a step that holds steps. */
export type Step = Typed<
  Attempted & {
    readonly id: StepId
    /** Steps run by order, smallest first; steps of equal order run at the same time. */
    readonly order: number
    /** Starts the step as soon as these are done, whatever its order. */
    readonly dependsOn?: ReadonlyArray<StepId>
    readonly onError?: OnError
    readonly undo?: Undo
  }
>

export type StepOf<Type extends StepType> = Extract<Step, { readonly type: Type }>

const attempted = {
  name: Schema.optionalKey(Schema.NonEmptyString.check(Schema.isMaxLength(Limits.nameCharacters))).annotateKey({
    description: "A title for people: the step's id by default"
  }),
  when: Schema.optionalKey(Expression).annotateKey({
    description: "If it does not hold, the step is skipped and its output is null",
    examples: ["input.total > 100"]
  }),
  timeout: Schema.optionalKey(durationUpTo(Limits.stepTimeoutMaxMillis)).annotateKey({
    description:
      "How long each attempt may take: 30 s by default for a step that calls somebody, no such bound for the others",
    examples: ["5m"]
  }),
  retry: Schema.optionalKey(Retry).annotateKey({
    description: "How the step is tried again when it fails: not at all by default"
  })
}

/** The steps inside a step. */
const Steps: Schema.Codec<ReadonlyArray<Step>, unknown> = Schema.suspend(() =>
  Schema.Array(Step).check(Schema.isMinLength(1), Schema.isMaxLength(Limits.steps))
)

const union = <const First extends Schema.Struct.Fields, const Common extends Schema.Struct.Fields>(
  first: First,
  common: Common
) => {
  const step = <const Type extends StepType, Config extends Schema.Constraint>(type: Type, config: Config) =>
    Schema.Struct({ ...first, type: Schema.Literal(type), ...common, config })
      .annotate({ title: type, description: SchemaAST.resolveDescription(config.ast) })
  return Schema.Union([
    step("http-request", templated(HttpRequestConfig)),
    step("transform", templated(TransformConfig)),
    step("condition", conditionConfig(Steps)),
    step("for-each", forEachConfig(Steps)),
    step("delay", templated(DelayConfig)),
    step("wait-for-event", templated(WaitForEventConfig)),
    step("workflow", templated(WorkflowConfig)),
    step("mcp-tool", templated(McpToolConfig)),
    step("fail", templated(FailConfig))
  ])
}

const Undo: Schema.Codec<Undo, unknown> = union({}, attempted).annotate({
  identifier: "Undo",
  description: "What undoes a step: a type and a configuration as a step has them; its `input` is that step's output"
})

/** The step types, by name: the configuration of each is in `steps/`, its behaviour in the engine's `steps/`. */
export const Step: Schema.Codec<Step, unknown> = union({
  id: StepId.annotateKey({ description: "Unique among the steps of its list: 1 to 64 characters of A-Z a-z 0-9 _ -" })
}, {
  order: Schema.Int.annotateKey({
    description: "Steps run by order, smallest first; steps of equal order run at the same time"
  }),
  dependsOn: Schema.optionalKey(Schema.Array(StepId).check(Schema.isMaxLength(Limits.steps))).annotateKey({
    description:
      "The step starts as soon as these are done, whatever its order; without it, when all steps of the next " +
      "smaller order are"
  }),
  ...attempted,
  onError: Schema.optionalKey(OnError).annotateKey({
    description: "What a failure of the step does to the execution",
    default: "fail"
  }),
  undo: Schema.optionalKey(Undo).annotateKey({
    description:
      "What is run when the step has completed but its execution fails or is cancelled: newest first, one by one"
  })
}).annotate({ identifier: "Step", description: "A step: what it does is its `type`, and how is its `config`" })
