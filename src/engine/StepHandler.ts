import { Data } from "effect"
import type { Effect, Option } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionId, StepId } from "../domain/Ids.ts"
import type { Issue } from "../domain/Issues.ts"
import { formatIssues } from "../domain/Issues.ts"
import { isObject } from "../domain/Json.ts"
import type { LogLevel } from "../domain/LogEntry.ts"
import type { Step } from "../domain/Step.ts"
import type { ChildRequest } from "./ChildRuns.ts"
import type { LoopPlace, Scope } from "./Scope.ts"

/** The codes of what can go wrong in a step. A `fail` step may add its own. */
export type StepErrorCode =
  /** The upstream could not be reached, or the connection broke. */
  | "network"
  /** The attempt took longer than the step's timeout. */
  | "timeout"
  /** The upstream answered with a status that is not a success. */
  | "http-1xx"
  | "http-2xx"
  | "http-3xx"
  | "http-4xx"
  | "http-429"
  | "http-5xx"
  /** The tool of an MCP server failed, or the server refused the call. */
  | "mcp-error"
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
  /** What the templates gave is not a configuration of the step. */
  | "invalid-config"
  /** An expression failed, or went over its bounds. */
  | "expression"
  /** The workflow that the step starts can't be started. */
  | "workflow-not-found"
  | "workflow-inactive"
  /** The chain of executions that start one another is too long. */
  | "workflow-depth"
  /** How the execution ended that the step waits for. */
  | "child-failed"
  | "child-cancelled"
  /** A part of the service did not answer. */
  | "unavailable"
  /** The definition names a secret that the tenant does not have. */
  | "secret-missing"
  /** A `fail` step without a code of its own. */
  | "failed"
  /** Anything unforeseen: the cause is in the service's log. */
  | "internal"

/** Why an attempt at a step failed. `details` may be shown to the tenant. */
export class StepFailure extends Data.TaggedError("StepFailure")<{
  readonly code: StepErrorCode | (string & {})
  readonly message: string
  readonly details?: Json
  /** The step inside the step that failed. */
  readonly stepId?: StepId
  /** How long the upstream asks to wait before the next attempt. */
  readonly retryAfterMillis?: number
}> {
  /** The same failure, which tells more: details that it has already stay. */
  telling(more: JsonObject): StepFailure {
    const { code, details, message, retryAfterMillis, stepId } = this
    if (details !== undefined && !isObject(details)) return this
    return new StepFailure({
      code,
      message,
      details: { ...more, ...details },
      ...(stepId === undefined ? {} : { stepId }),
      ...(retryAfterMillis === undefined ? {} : { retryAfterMillis })
    })
  }
}

/** What is wrong with a value that a step works with; `under`: where the value stands, for the message. */
export const dataFailure = (
  code: StepErrorCode,
  issues: ReadonlyArray<Issue>,
  under: Issue["path"] = []
): StepFailure =>
  new StepFailure({
    code,
    message: formatIssues(issues, under),
    details: { issues: issues.map(({ message, path }) => ({ message, path })) }
  })

/** What a step knows of its run. */
export interface StepContext {
  readonly executionId: ExecutionId
  /** The step's place in the definition: `step-1`, `loop[3].call`. */
  readonly path: string
  /** From 1 on. */
  readonly attempt: number
  readonly input: Json
  /** What the step's expressions see. */
  readonly scope: Scope
  /** A text without the run's secrets: to be used before a text is cut, since parts of a secret are not recognized. */
  readonly redact: (text: string) => string
  /** Writes a line into the execution's log. */
  readonly log: (level: LogLevel, message: string, data?: Json) => Effect.Effect<void>
  /** Whether a step of this branch has run, or waits, since an earlier life of the run: then it goes on there. */
  readonly hasBegun: (branch: string) => boolean
  /**
   * Waits until a time (milliseconds since 1970), or until a signal of this name comes: then it answers the payload. The
   * wait survives a crash, and the run's fiber may end meanwhile.
   */
  readonly wait: (until: number, signal?: string) => Effect.Effect<Option.Option<Json>, StorageError>
  /** Starts an execution that goes on by itself; answers its id. In the same attempt it starts only once. */
  readonly startChild: (request: ChildRequest) => Effect.Effect<Json, StepFailure>
  /** Runs an execution to its end; answers its outputs. It survives a crash, and the run's fiber may end meanwhile. */
  readonly runChild: (request: ChildRequest) => Effect.Effect<Json, StepFailure | StorageError>
  /**
   * Runs steps inside this one; answers the output of the last. `branch` tells their places from those of the step's
   * other branches.
   */
  readonly runSteps: (
    branch: string,
    steps: ReadonlyArray<Step>,
    input: Json,
    place?: LoopPlace
  ) => Effect.Effect<Json, StepFailure | StorageError>
}

/** How a step type works: its configuration and its input in, its output out. Interrupting it must stop its work. */
export interface StepHandler<Config> {
  readonly run: (config: Config, context: StepContext) => Effect.Effect<Json, StepFailure | StorageError>
}

/** The key that names a step's effect to the outside: the same for every attempt, also after a crash. */
export const idempotencyKey = (context: StepContext): string => `${context.executionId}:${context.path}`
