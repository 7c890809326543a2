import { Effect } from "effect"
import type { FailConfig } from "../../domain/steps/Fail.ts"
import type { StepHandler } from "../StepHandler.ts"
import { StepFailure } from "../StepHandler.ts"

/** Fails on purpose. */
export const fail: StepHandler<FailConfig> = {
  run: ({ code, message }) => Effect.fail(new StepFailure({ code: code ?? "failed", message }))
}
