import { Cause, Clock, Context, Duration, Effect, Layer, Option } from "effect"
import * as Digest from "effect/crypto/Digest"
import type { Json } from "effect/Schema"
import type {
  EngineUnavailable,
  ExecutionInvalid,
  StorageError,
  WorkflowInactive,
  WorkflowNotFound
} from "../domain/Errors.ts"
import type { Execution, Inputs } from "../domain/Execution.ts"
import type { ExecutionId, WorkflowId } from "../domain/Ids.ts"
import { isObject } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import { depthOf } from "../domain/Parent.ts"
import { Children } from "../services/Children.ts"
import { derivedId } from "../services/DerivedId.ts"
import type { Run } from "./Run.ts"
import { dataFailure, StepFailure } from "./StepHandler.ts"
import { annotations, supervision } from "./Supervision.ts"

/** What a step starts. */
export interface ChildRequest {
  readonly workflowId: WorkflowId
  readonly inputs: Inputs
}

/** How a step waits for a child. */
export interface ChildWait {
  /** Writes down that the step is about to start this child and to wait for it. */
  readonly begin: (child: ExecutionId, until: number) => Effect.Effect<void, StorageError>
  /** Waits until the child's end is told, or until this time (milliseconds since 1970). */
  readonly wait: (child: ExecutionId, until: number) => Effect.Effect<void, StorageError>
}

/** The executions that the steps of a run start. */
export class ChildRuns extends Context.Service<ChildRuns, {
  /** Starts a child that goes on by itself; answers its id. */
  readonly leave: (run: Run, path: string, request: ChildRequest) => Effect.Effect<ExecutionId, StepFailure>
  /** Runs a child to its end; answers its outputs. If the step ends in another way, the child is cancelled. */
  readonly await: (
    run: Run,
    path: string,
    request: ChildRequest,
    wait: ChildWait
  ) => Effect.Effect<Json, StepFailure | StorageError>
  /** Cancels the children of these steps (by their paths) that a failure or a crash has left: nothing waits for them. */
  readonly cancelLeft: (
    run: Run,
    ofStep: (path: string) => boolean
  ) => Effect.Effect<void, EngineUnavailable | StorageError>
}>()("atlasit/engine/ChildRuns") {
  static readonly layer = Layer.effect(
    ChildRuns,
    Effect.gen(function*() {
      const children = yield* Children
      const digest = yield* Digest.Digest

      /** The attempts tell one try from the next, also that of a loop around the step; a crash changes none of them. */
      const idOf = Effect.fnUntraced(function*(run: Run, path: string) {
        if (depthOf(run.snapshot.parent) >= Limits.executionDepth) return yield* tooDeep
        return yield* derivedId(digest, [run.snapshot.executionId, path, run.attemptsOf(path)])
      })

      // Not to be interrupted: whether the child is there must be known when it is to be cancelled.
      const start = (run: Run, id: ExecutionId, { inputs, workflowId }: ChildRequest, awaited: boolean) => {
        const { executionId, parent, requestId, tenantId } = run.snapshot
        const redacted = run.redactor.json(inputs)
        return Effect.uninterruptible(children.start({
          id,
          workflowId,
          tenantId,
          inputs: isObject(redacted) ? redacted : {},
          trigger: "workflow",
          requestId,
          parent: { id: executionId, depth: depthOf(parent) + 1, awaited }
        }))
      }

      const leave = Effect.fnUntraced(function*(run: Run, path: string, request: ChildRequest) {
        const id = yield* idOf(run, path)
        yield* start(run, id, request, false).pipe(
          // Whatever has come of it: the step fails.
          Effect.tapError((error) => isTransient(error) ? Effect.ignore(children.cancel(id)) : Effect.void),
          Effect.catch(toStepFailure)
        )
        return id
      })

      const cancel = (run: Run, id: ExecutionId) =>
        Effect.andThen(children.cancel(id), Effect.sync(() => run.children.delete(id)))

      const cancelLeft = (run: Run, ofStep: (path: string) => boolean) =>
        Effect.suspend(() =>
          Effect.forEach(
            [...run.children].filter(([, path]) => ofStep(path)),
            ([id]) => cancel(run, id),
            { concurrency: supervision.storesAtOnce, discard: true }
          )
        )

      /** What fails here `cancelLeft` tries again. */
      const abandon = (run: Run, path: string) =>
        cancelLeft(run, (awaiting) => awaiting === path).pipe(
          Effect.catch((error) => Effect.logWarning("A child could not be cancelled yet", error)),
          Effect.annotateLogs(annotations(run.snapshot))
        )

      const untilEnd = Effect.fnUntraced(
        function*(run: Run, path: string, request: ChildRequest, { begin, wait }: ChildWait) {
          const id = yield* idOf(run, path)
          const isNew = !run.children.has(id)
          // Written down before it starts: a crash in between must not leave a child that nobody cancels.
          yield* begin(id, yield* after(supervision.childLook))
          run.children.set(id, path)
          for (let first = isNew;; first = false) {
            // One that is there already is looked at.
            const { ended, taken } = yield* Effect.catch(
              start(run, id, request, true),
              (error) => first || !isTransient(error) ? toStepFailure(error) : notNow(error)
            )
            if (Option.isSome(ended)) {
              run.children.delete(id)
              return yield* outputsOf(ended.value)
            }
            yield* wait(id, yield* after(taken ? supervision.childLook : supervision.childRetry))
          }
        },
        (effect, run, path) =>
          Effect.onError(effect, (cause) => run.goesOn || breaksOff(cause) ? Effect.void : abandon(run, path))
      )

      return ChildRuns.of({ leave, await: untilEnd, cancelLeft })
    })
  )
}

type StartError = WorkflowNotFound | WorkflowInactive | ExecutionInvalid | EngineUnavailable | StorageError

const after = (delay: Duration.Duration) => Effect.map(Clock.currentTimeMillis, (now) => now + Duration.toMillis(delay))

const tooDeep = Effect.fail(
  new StepFailure({
    code: "workflow-depth",
    message: `Executions start one another in chains of at most ${Limits.executionDepth}`
  })
)

const isTransient = ({ _tag }: StartError): boolean => _tag === "EngineUnavailable" || _tag === "StorageError"

const notNow = (error: StartError) =>
  Effect.as(Effect.logWarning("A child could not be looked at; it is tried again", error), {
    taken: false,
    ended: Option.none<Execution>()
  })

const toStepFailure = (error: StartError): Effect.Effect<never, StepFailure> =>
  error._tag === "EngineUnavailable" || error._tag === "StorageError"
    ? Effect.andThen(
      Effect.logWarning("A child could not be started", error),
      Effect.fail(new StepFailure({ code: "unavailable", message: "The service could not start the execution" }))
    )
    : Effect.fail(startFailure(error))

/** Why an execution can't be started by another one, now or later. */
export const startFailure = (error: WorkflowNotFound | WorkflowInactive | ExecutionInvalid): StepFailure => {
  switch (error._tag) {
    case "WorkflowNotFound":
      return new StepFailure({ code: "workflow-not-found", message: `There is no workflow ${error.id}` })
    case "WorkflowInactive":
      return new StepFailure({ code: "workflow-inactive", message: `The workflow ${error.id} is not active` })
    case "ExecutionInvalid":
      return dataFailure("invalid-input", error.issues)
  }
}

const outputsOf = ({ error, id, outputs, status }: Execution): Effect.Effect<Json, StepFailure> => {
  if (status === "completed") return Effect.succeed(outputs ?? {})
  return Effect.fail(
    status === "cancelled"
      ? new StepFailure({
        code: "child-cancelled",
        message: `The execution ${id} was cancelled`,
        details: { executionId: id }
      })
      : new StepFailure({
        code: "child-failed",
        message: `The execution ${id} failed: ${error?.message ?? "no reason is known"}`,
        details: { executionId: id, error: error === null ? null : { ...error } }
      })
  )
}

/** The run breaks off, as in a crash: it will be taken up again, and the step with it. */
const breaksOff = (cause: Cause.Cause<StepFailure | StorageError>): boolean =>
  cause.reasons.some((reason) => Cause.isFailReason(reason) && reason.error._tag === "StorageError")
