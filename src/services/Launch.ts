import { Effect, Option } from "effect"
import type { JsonObject } from "effect/Schema"
import type { Execution } from "../domain/Execution.ts"
import type { ExecutionState } from "../domain/ExecutionState.ts"
import { snapshotOf, untakenEnd } from "../domain/ExecutionState.ts"
import { expiryOf } from "../domain/Retention.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import type { Definition } from "../domain/Workflow.ts"
import type { ExecutionRepository } from "./ExecutionRepository.ts"
import { withState } from "./ExecutionView.ts"
import type { Executor, StartOptions } from "./Executor.ts"
import type { Patience } from "./Onlooker.ts"
import { lookOn } from "./Onlooker.ts"

/** What launching goes by. */
interface Ports {
  readonly executor: Executor["Service"]
  readonly repository: ExecutionRepository["Service"]
}

/**
 * Hands an execution that was just stored to the engine, and waits as the options say: until it has ended, or all its
 * steps wait. One that the engine does not take is ended.
 */
export const launch = Effect.fnUntraced(function*(
  ports: Ports,
  { definition, execution, placement, triggerData }: {
    readonly execution: Execution
    readonly definition: Definition
    readonly placement: string
    readonly triggerData?: JsonObject | undefined
  },
  { onProgress, waitMillis, ...options }: Omit<StartOptions, "recovery"> & Patience
) {
  const { executor } = ports
  const started = yield* executor.start(placement, snapshotOf(execution, definition, { triggerData }), {
    ...options,
    waitMillis: onProgress === undefined ? waitMillis : 0,
    recovery: false
  }).pipe(Effect.tapError(() => giveUp(ports, execution, definition, placement)))
  if (onProgress === undefined || Option.isNone(started)) return withState(execution, started)
  // It runs from here on: an engine that does not answer any more is no reason to say that it does not.
  const ref = { id: execution.id, placement }
  const end = yield* Effect.orElseSucceed(lookOn(executor, ref, { onProgress, waitMillis }, true), () => Option.none())
  const state = Option.isSome(end) ? end : yield* Effect.orElseSucceed(executor.state(ref), () => Option.none())
  return withState(execution, Option.isSome(state) ? state : started)
})

// The client is told that nothing runs, and may call again. If only the engine's answer was lost, it is asked to
// stop; if it has nothing to stop, the row must not stay behind as one that is about to run.
const giveUp = ({ executor, repository }: Ports, execution: Execution, definition: Definition, placement: string) =>
  executor.cancel({ id: execution.id, placement }).pipe(
    Effect.orElseSucceed(() => Option.none<ExecutionState>()),
    Effect.flatMap((stopped) => Option.isSome(stopped) ? Effect.void : endUntaken(repository, execution, definition)),
    Effect.catch((error) => Effect.logWarning("An unstarted execution is left to the sweep", error))
  )

/** Ends an execution that the engine does not take. */
export const endUntaken = (
  repository: ExecutionRepository["Service"],
  { createdAt, id }: Pick<Execution, "createdAt" | "id">,
  definition: Definition
) =>
  Effect.flatMap(
    Timestamp.now,
    (now) => repository.finish(id, untakenEnd(createdAt, now), expiryOf(definition, now))
  )
