import { Clock, Effect, Option } from "effect"
import * as Duration from "../../domain/Duration.ts"
import { Limits } from "../../domain/Limits.ts"
import type { WaitForEventConfig } from "../../domain/steps/WaitForEvent.ts"
import { SchemaValidator } from "../../services/SchemaValidator.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"
import { dataFailure, StepFailure } from "../StepHandler.ts"

/** Waits for a signal; the output is its payload. */
export const makeWaitForEvent = Effect.gen(function*() {
  const validator = yield* SchemaValidator

  const run = Effect.fnUntraced(function*(config: WaitForEventConfig, context: StepContext) {
    const now = yield* Clock.currentTimeMillis
    const timeout = config.timeout === undefined
      ? Limits.eventTimeoutDefaultMillis
      : Duration.toMillis(config.timeout)
    yield* context.log("info", `Waiting for the signal "${config.signal}"`)
    const payload = yield* context.wait(now + timeout, config.signal)
    if (Option.isNone(payload)) {
      return yield* new StepFailure({ code: "timeout", message: `No signal "${config.signal}" came in time` })
    }
    // Who sends a signal is told what is wrong with it. This one was meant for another step, of another schema.
    const issues = config.schema === undefined ? [] : validator.validate(config.schema, payload.value)
    if (issues.length === 0) return payload.value
    return yield* dataFailure(
      "invalid-input",
      issues.map(({ message, path }) => ({ message, path: ["payload", ...path] }))
    )
  })

  return { run } satisfies StepHandler<WaitForEventConfig>
})
