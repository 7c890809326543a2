import { Context, Effect, Layer } from "effect"
import type { StorageError } from "../domain/Errors.ts"
import type { Step } from "../domain/Step.ts"
import { isUndoPath, undoSuffix } from "../domain/StepPath.ts"
import { pendingStep } from "../domain/StepRecord.ts"
import { stepAt } from "../domain/StepTree.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { Journal } from "../services/Journal.ts"
import { Expressions } from "./Expressions.ts"
import { Interpreter } from "./Interpreter.ts"
import type { Level } from "./Level.ts"
import { pathOf, planOf } from "./Level.ts"
import type { Run } from "./Run.ts"
import type { StepFailure } from "./StepHandler.ts"
import type { StepPlace } from "./StepPlaces.ts"
import { stepPlaces } from "./StepPlaces.ts"

/**
 * Undoes what a run has done: for each completed step that has an `undo`, newest first, one by one. Each is recorded as a
 * step of its own, so that after a crash none is run again. One that fails doesn't keep the others from being run.
 */
export class Unwinder extends Context.Service<Unwinder, {
  /** Whether there is a step to undo. */
  readonly hasWork: (run: Run) => boolean
  readonly unwind: (run: Run) => Effect.Effect<void, StorageError>
}>()("atlasit/engine/Unwinder") {
  static readonly layer = Layer.effect(
    Unwinder,
    Effect.gen(function*() {
      const interpreter = yield* Interpreter
      const expressions = yield* Expressions
      const journal = yield* Journal

      const undo = Effect.fnUntraced(function*({ level, step }: StepPlace) {
        if (step.undo === undefined) return
        const undoing: Step = { ...step.undo, id: step.id, order: 0 }
        const undoLevel: Level = {
          ...level,
          plan: yield* planOf([undoing]),
          input: level.run.outputOf(pathOf(level, step.id)),
          since: 0,
          suffix: undoSuffix
        }
        yield* interpreter.runStep(undoLevel, undoing)
      })

      const tell = (run: Run, path: string) =>
        Effect.map(
          Timestamp.now,
          (timestamp) => run.log({ timestamp, level: "error", message: "A step could not be undone", data: { path } })
        )

      /** What the step worked on can't be told any more, so what undoes it can't be run. */
      const recordFailure = Effect.fnUntraced(function*(run: Run, { path, step }: Undoable, failure: StepFailure) {
        const at = yield* Timestamp.now
        const undoPath = path + undoSuffix
        const record = run.setStep(undoPath, {
          ...pendingStep({ id: step.id, type: step.undo?.type ?? step.type }),
          path: undoPath,
          status: "failed",
          startedAt: at,
          completedAt: at,
          durationMs: 0,
          error: { code: failure.code, message: failure.message }
        }, at)
        yield* journal.record(run.snapshot.executionId, {
          path: undoPath,
          step: record,
          logs: run.takeUnrecordedLogs()
        })
      })

      const unwind = Effect.fnUntraced(function*(run: Run) {
        const { find } = stepPlaces(expressions, run)
        for (const undoable of undoables(run)) {
          const { path } = undoable
          yield* Effect.flatMap(find(path), (place) => place === undefined ? Effect.void : undo(place)).pipe(
            Effect.catchTag("StepFailed", () => tell(run, path)),
            Effect.catchTag(
              "StepFailure",
              (failure) => Effect.andThen(tell(run, path), recordFailure(run, undoable, failure))
            )
          )
        }
      })

      return Unwinder.of({ hasWork: (run) => undoables(run).length > 0, unwind })
    })
  )
}

interface Undoable {
  readonly path: string
  readonly step: Step
}

/** The completed steps that are to be undone, newest first. */
const undoables = (run: Run): ReadonlyArray<Undoable> =>
  run.completedPaths().toReversed().flatMap((path) => {
    if (isUndoPath(path) || run.finishedStep(path + undoSuffix) !== undefined) return []
    const step = stepAt(run.snapshot.definition.steps, path)
    return step?.undo === undefined ? [] : [{ path, step }]
  })
