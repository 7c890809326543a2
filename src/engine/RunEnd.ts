import { Cause, Exit, Result } from "effect"
import type { JsonObject } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionError } from "../domain/Execution.ts"
import type { ExecutionEnd, Outcome } from "../domain/ExecutionState.ts"
import { isObject } from "../domain/Json.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { Run } from "./Run.ts"
import type { StepFailure } from "./StepHandler.ts"
import type { StepFailed } from "./StepRunner.ts"
import type { CancelRequested, RunTimedOut } from "./Supervision.ts"
import { Parked } from "./Supervision.ts"

type RunExit = Exit.Exit<
  JsonObject,
  StepFailed | StepFailure | CancelRequested | RunTimedOut | Parked | StorageError
>

/** The outcome of a run that did not complete. */
export const outcomeOf = ({ error, status }: ExecutionEnd): Outcome | undefined =>
  status === "completed" ? undefined : { status, error }

/** How a run ended; or that it waits; or why it broke off, as in a crash. */
export const endOf = (
  exit: RunExit,
  run: Run,
  completedAt: Timestamp
): Result.Result<ExecutionEnd, Parked | Cause.Cause<unknown>> => {
  const base = { startedAt: run.startedAt, completedAt, outputs: null, error: null }
  const failed = (error: ExecutionError) =>
    Result.succeed({ ...base, status: "failed" as const, error: run.told(error) })
  if (Exit.isSuccess(exit)) {
    return Result.succeed({ ...base, status: "completed", outputs: redactedOutputs(run, exit.value) })
  }
  const error = Result.getOrUndefined(Cause.findError(exit.cause))
  switch (error?._tag) {
    case "CancelRequested":
      return Result.succeed({ ...base, status: "cancelled" })
    case "StepFailed":
      return failed({ stepId: error.stepId, ...error.error })
    case "StepFailure":
      return failed({
        code: error.code,
        message: error.message,
        ...(error.details === undefined ? {} : { details: error.details })
      })
    case "RunTimedOut":
      return failed({ code: "run-timeout", message: `The execution took longer than ${error.afterMillis} ms` })
    case "Parked":
      return Result.fail(error)
    default:
      return Result.fail(exit.cause)
  }
}

/** The end of a run that comes to this. */
export const unwoundEnd = (run: Run, outcome: Outcome, completedAt: Timestamp): ExecutionEnd => ({
  ...outcome,
  outputs: null,
  startedAt: run.startedAt,
  completedAt
})

/** The end of a run whose steps are undone, with its outcome; or that it waits; or why it broke off. */
export const endOfUnwinding = (
  exit: Exit.Exit<void, Parked | StorageError>,
  run: Run,
  outcome: Outcome,
  completedAt: Timestamp
): Result.Result<ExecutionEnd, Parked | Cause.Cause<unknown>> => {
  if (Exit.isSuccess(exit)) return Result.succeed(unwoundEnd(run, outcome, completedAt))
  const error = Result.getOrUndefined(Cause.findError(exit.cause))
  return Result.fail(error?._tag === "Parked" ? error : exit.cause)
}

/** Whether a run only waits. */
export const isParked = (broken: Parked | Cause.Cause<unknown>): broken is Parked => broken instanceof Parked

const redactedOutputs = (run: Run, outputs: JsonObject): JsonObject => {
  const redacted = run.redactor.json(outputs)
  return isObject(redacted) ? redacted : {}
}
