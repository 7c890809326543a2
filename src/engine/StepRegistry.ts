import { Context, Effect, Layer, Schema } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import { fromSchemaIssue } from "../domain/Issues.ts"
import { isObject } from "../domain/Json.ts"
import type { Step } from "../domain/Step.ts"
import { DelayConfig } from "../domain/steps/Delay.ts"
import { FailConfig } from "../domain/steps/Fail.ts"
import { HttpRequestConfig } from "../domain/steps/HttpRequest.ts"
import { McpToolConfig } from "../domain/steps/McpTool.ts"
import { TransformConfig } from "../domain/steps/Transform.ts"
import { WaitForEventConfig } from "../domain/steps/WaitForEvent.ts"
import { WorkflowConfig } from "../domain/steps/Workflow.ts"
import { Expressions } from "./Expressions.ts"
import type { StepContext, StepFailure } from "./StepHandler.ts"
import { dataFailure } from "./StepHandler.ts"
import { requestOf, toolRequestOf } from "./steps/calls/Request.ts"
import { makeCondition } from "./steps/Condition.ts"
import { delay } from "./steps/Delay.ts"
import { fail } from "./steps/Fail.ts"
import { makeForEach } from "./steps/ForEach.ts"
import { makeHttpRequest } from "./steps/HttpRequest.ts"
import { makeMcpTool } from "./steps/McpTool.ts"
import { makeTransform, ownMembers } from "./steps/Transform.ts"
import { makeWaitForEvent } from "./steps/WaitForEvent.ts"
import { workflow } from "./steps/Workflow.ts"

/** Runs one attempt at a step: the templates of its configuration are filled in first. */
export class StepRegistry extends Context.Service<StepRegistry, {
  readonly run: (step: Step, context: StepContext) => Effect.Effect<Json, StepFailure | StorageError>
}>()("atlasit/engine/StepRegistry") {
  /** The step types: each is a file of `steps/`, and a line here. The compiler misses one that is not here. */
  static readonly layer = Layer.effect(
    StepRegistry,
    Effect.gen(function*() {
      const expressions = yield* Expressions
      const httpRequest = yield* makeHttpRequest
      const transform = yield* makeTransform
      const condition = yield* makeCondition
      const forEach = yield* makeForEach
      const waitForEvent = yield* makeWaitForEvent
      const mcpTool = yield* makeMcpTool

      const resolve = <A>(codec: Schema.Codec<A, unknown>, own: ReadonlyArray<string> = []) => {
        const decode = Schema.decodeUnknownEffect(codec)
        /** Configurations without templates are the same each time. */
        const plain = new WeakMap<object, A>()
        return Effect.fnUntraced(function*(config: Json, context: StepContext) {
          const known = isObject(config) ? plain.get(config) : undefined
          if (known !== undefined) return known
          const filled = yield* expressions.fill(config, context.scope, own)
          const decoded = yield* decode(filled, { errors: "all" }).pipe(
            Effect.mapError(({ issue }) => dataFailure("invalid-config", fromSchemaIssue(issue, filled), ["config"]))
          )
          if (filled === config && isObject(config)) plain.set(config, decoded)
          return decoded
        })
      }
      const httpRequestConfig = resolve(HttpRequestConfig)
      const transformConfig = resolve(TransformConfig, ownMembers)
      const failConfig = resolve(FailConfig)
      const delayConfig = resolve(DelayConfig)
      const waitForEventConfig = resolve(WaitForEventConfig, ["schema"])
      const workflowConfig = resolve(WorkflowConfig)
      const mcpToolConfig = resolve(McpToolConfig)

      return StepRegistry.of({
        run: (step, context) => {
          switch (step.type) {
            case "http-request":
              return Effect.flatMap(
                httpRequestConfig(step.config, context),
                (config) => telling(httpRequest.run(config, context), requestOf(config, context))
              )
            case "transform":
              return Effect.flatMap(transformConfig(step.config, context), (config) => transform.run(config, context))
            case "delay":
              return Effect.flatMap(delayConfig(step.config, context), (config) => delay.run(config, context))
            case "wait-for-event":
              return Effect.flatMap(
                waitForEventConfig(step.config, context),
                (config) => waitForEvent.run(config, context)
              )
            case "workflow":
              return Effect.flatMap(workflowConfig(step.config, context), (config) => workflow.run(config, context))
            case "mcp-tool":
              return Effect.flatMap(
                mcpToolConfig(step.config, context),
                (config) => telling(mcpTool.run(config, context), toolRequestOf(config, context))
              )
            case "fail":
              return Effect.flatMap(failConfig(step.config, context), (config) => fail.run(config, context))
            case "condition":
              return condition.run(step.config, context)
            case "for-each":
              return forEach.run(step.config, context)
          }
        }
      })
    })
  )
}

/** A failure tells the request that it is of. */
const telling = <A>(run: Effect.Effect<A, StepFailure>, request: JsonObject): Effect.Effect<A, StepFailure> =>
  Effect.mapError(run, (failure) => failure.telling({ request }))
