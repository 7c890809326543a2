import { Context, Data } from "effect"
import type { Effect } from "effect"
import type { Json, JsonObject } from "effect/Schema"

/** The expression of a webhook's inputs failed on what came. The message may be shown to the sender. */
export class WebhookInputsFailed extends Data.TaggedError("WebhookInputsFailed")<{ readonly message: string }> {}

/** Evaluates the expression by which a webhook makes inputs of a request. */
export class WebhookInputs extends Context.Service<WebhookInputs, {
  /** `trigger`: what the expression sees under that name. */
  readonly evaluate: (expression: string, trigger: JsonObject) => Effect.Effect<Json, WebhookInputsFailed>
}>()("atlasit/services/WebhookInputs") {}
