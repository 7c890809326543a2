import { Cause, Exit, Result } from "effect"
import type { JsonObject } from "effect/Schema"
import type { StorageError } from "../domain/Errors.ts"
import type { ExecutionEnd } from "../domain/ExecutionState.ts"
import type { Timestamp } from "../domain/Timestamp.ts"
import type { RunFailed } from "./Interpreter.ts"
import type { Run } from "./Run.ts"
import type { CancelRequested } from "./Supervision.ts"

/** How a run ended; or why it did not, but broke off as in a crash. */
export const endOf = (
  exit: Exit.Exit<JsonObject, RunFailed | CancelRequested | StorageError>,
  run: Run,
  completedAt: Timestamp
): Result.Result<ExecutionEnd, Cause.Cause<unknown>> => {
  const base = { startedAt: run.startedAt, completedAt, outputs: null, error: null }
  if (Exit.isSuccess(exit)) return Result.succeed({ ...base, status: "completed", outputs: exit.value })
  const error = Result.getOrUndefined(Cause.findError(exit.cause))
  switch (error?._tag) {
    case "CancelRequested":
      return Result.succeed({ ...base, status: "cancelled" })
    case "RunFailed":
      return Result.succeed({
        ...base,
        status: "failed",
        error: { ...error.error, ...(error.stepId === null ? {} : { stepId: error.stepId }) }
      })
    default:
      return Result.fail(exit.cause)
  }
}
