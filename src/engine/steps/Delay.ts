import { Clock, Effect } from "effect"
import * as Duration from "../../domain/Duration.ts"
import type { DelayConfig } from "../../domain/steps/Delay.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"

/** Lets time pass; the output is null. */
export const delay: StepHandler<DelayConfig> = {
  run: (config: DelayConfig, context: StepContext) =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const until = config.until === undefined
        ? now + (config.duration === undefined ? 0 : Duration.toMillis(config.duration))
        : Date.parse(config.until)
      yield* context.wait(until)
      return null
    })
}
