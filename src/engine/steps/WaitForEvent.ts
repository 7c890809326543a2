import { Clock, Effect, Option } from "effect"
import * as Duration from "../../domain/Duration.ts"
import { Limits } from "../../domain/Limits.ts"
import type { WaitForEventConfig } from "../../domain/steps/WaitForEvent.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"
import { StepFailure } from "../StepHandler.ts"

/** Waits for a signal; the output is its payload. */
export const waitForEvent: StepHandler<WaitForEventConfig> = {
  run: (config: WaitForEventConfig, context: StepContext) =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const timeout = config.timeout === undefined
        ? Limits.eventTimeoutDefaultMillis
        : Duration.toMillis(config.timeout)
      yield* context.log("info", `Waiting for the signal "${config.signal}"`)
      const payload = yield* context.wait(now + timeout, config.signal)
      if (Option.isSome(payload)) return payload.value
      return yield* new StepFailure({ code: "timeout", message: `No signal "${config.signal}" came in time` })
    })
}
