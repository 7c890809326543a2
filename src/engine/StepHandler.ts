import { Data } from "effect"
import type { Effect } from "effect"
import type { Json } from "effect/Schema"
import type { ExecutionId } from "../domain/Ids.ts"
import type { LogLevel } from "../domain/LogEntry.ts"
import type { StepOf, StepType } from "../domain/Step.ts"

/** The codes of what can go wrong in a step. */
export type StepErrorCode =
  /** The upstream could not be reached, or the connection broke. */
  | "network"
  /** The attempt took longer than the step's timeout. */
  | "timeout"
  /** The upstream answered with a status that is not a success. */
  | "http-3xx"
  | "http-4xx"
  | "http-429"
  | "http-5xx"
  /** The address is one that a tenant must not reach. */
  | "blocked-address"
  /** The upstream's answer can't be read as its media type says. */
  | "invalid-response"
  | "response-too-large"
  | "output-too-large"
  /** The output is nothing that JSON can say. */
  | "invalid-output"
  /** The input is not what the step works on. */
  | "invalid-input"
  /** Anything unforeseen: the cause is in the service's log. */
  | "internal"

/** Why an attempt at a step failed. `details` may be shown to the tenant. */
export class StepFailure extends Data.TaggedError("StepFailure")<{
  readonly code: StepErrorCode
  readonly message: string
  readonly details?: Json
}> {}

/** What a step knows of its run. */
export interface StepContext {
  readonly executionId: ExecutionId
  /** The step's place in the definition. */
  readonly path: string
  /** From 1 on. */
  readonly attempt: number
  readonly input: Json
  /** Writes a line into the execution's log. */
  readonly log: (level: LogLevel, message: string, data?: Json) => Effect.Effect<void>
}

/** How a step type works: its configuration and its input in, its output out. Interrupting it must stop its work. */
export interface StepHandler<Type extends StepType> {
  readonly run: (config: StepOf<Type>["config"], context: StepContext) => Effect.Effect<Json, StepFailure>
}

/** The key that names a step's effect to the outside: the same for every attempt, also after a crash. */
export const idempotencyKey = (context: StepContext): string => `${context.executionId}:${context.path}`
