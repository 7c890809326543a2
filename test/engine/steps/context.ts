import { Effect, Option } from "effect"
import type { Json } from "effect/Schema"
import { ExecutionId } from "../../../src/domain/Ids.ts"
import type { StepContext } from "../../../src/engine/StepHandler.ts"

/** What a step knows of its run in these tests: its input, and that it is the step `a` of the execution `exec-1`. */
export const contextOf = (input: Json): StepContext => ({
  executionId: ExecutionId.make("exec-1"),
  path: "steps.a",
  attempt: 1,
  input,
  scope: { input, inputs: { limit: 2 } },
  redact: (text) => text,
  log: () => Effect.void,
  hasBegun: () => false,
  wait: () => Effect.succeed(Option.none()),
  startChild: () => Effect.die(new Error("This step starts no execution")),
  runChild: () => Effect.die(new Error("This step starts no execution")),
  runSteps: () => Effect.die(new Error("This step holds no steps"))
})
