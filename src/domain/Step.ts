import { Schema } from "effect"
import { durationUpTo } from "./Duration.ts"
import { StepId } from "./Ids.ts"
import { Limits } from "./Limits.ts"
import { HttpRequestConfig } from "./steps/HttpRequest.ts"
import { TransformConfig } from "./steps/Transform.ts"

/** What a failed step does to its execution. */
export const OnError = Schema.Literals(["fail", "continue"])
export type OnError = typeof OnError.Type

const step = <const Type extends string, Config extends Schema.Constraint>(type: Type, config: Config) =>
  Schema.Struct({
    id: StepId,
    type: Schema.Literal(type),
    /** Steps run by order, smallest first; steps of equal order run at the same time. */
    order: Schema.Int,
    /** Starts the step as soon as these are done, whatever its order. */
    dependsOn: Schema.optionalKey(Schema.Array(StepId).check(Schema.isMaxLength(Limits.steps))),
    /** A title for people; the id by default. */
    name: Schema.optionalKey(Schema.NonEmptyString.check(Schema.isMaxLength(Limits.nameCharacters))),
    /** Per attempt; 30 s by default. Over it the step is interrupted. */
    timeout: Schema.optionalKey(durationUpTo(Limits.stepTimeoutMaxMillis)),
    onError: Schema.optionalKey(OnError),
    config
  })

/** The step types, by name: the configuration of each is in `steps/`, its behaviour in the engine's `steps/`. */
export const Step = Schema.Union([
  step("http-request", HttpRequestConfig),
  step("transform", TransformConfig)
]).annotate({ identifier: "Step" })
export type Step = typeof Step.Type

export type StepType = Step["type"]
export type StepOf<Type extends StepType> = Extract<Step, { readonly type: Type }>
