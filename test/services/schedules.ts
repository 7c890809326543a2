import { Effect, Layer, Option } from "effect"
import type { ExecutionId } from "../../src/domain/Ids.ts"
import type { Trigger } from "../../src/domain/Trigger.ts"
import * as Memory from "../../src/layers/Memory.ts"
import { ScheduleTable } from "../../src/layers/memory/ScheduleTable.ts"
import { Executor } from "../../src/services/Executor.ts"
import { ScheduleRuns } from "../../src/services/ScheduleRuns.ts"
import { configOf } from "../contract/Config.ts"
import { makeWorkflow } from "../contract/Data.ts"

/** An engine that takes executions and never runs them, and what it took. */
export const idleEngine = () => {
  const taken: Array<ExecutionId> = []
  const unscripted = () => Effect.die(new Error("not scripted"))
  const layer = Layer.succeed(Executor, {
    place: () => Effect.succeed("memory"),
    start: (_, { executionId }) =>
      Effect.sync(() => {
        taken.push(executionId)
        return Option.none()
      }),
    state: unscripted,
    logs: unscripted,
    watch: unscripted,
    cancel: unscripted,
    signal: unscripted,
    ping: Effect.void
  })
  return { taken, layer }
}

/** The schedules' runs over the memory layers. */
export const runsOver = (engine: Layer.Layer<Executor>) =>
  ScheduleRuns.layer.pipe(Layer.provideMerge(Memory.layer), Layer.provide([engine, configOf()]))

export const turn = ScheduleRuns.use((runs) => runs.turn)

/** A workflow with these schedules, which start executions however many run. */
export const scheduled = (
  id: string,
  triggers: ReadonlyArray<Omit<Extract<Trigger, { readonly type: "schedule" }>, "type">>
) => makeWorkflow(id, { triggers: triggers.map((trigger) => ({ type: "schedule", overlap: "allow", ...trigger })) })

/** The whole ledger, as the memory layers keep it: newest first. */
export const ledger = ScheduleTable.use(({ fires }) =>
  Effect.succeed([...fires.values()].sort((a, b) => a.fireAt < b.fireAt ? 1 : -1))
)
