import type { Json, JsonObject } from "effect/Schema"
import type { Level } from "./Level.ts"
import type { Run } from "./Run.ts"

/** What an expression sees: its root names and their values. */
export type Scope = JsonObject

/** An item of a loop, and its number from 0 on. */
export interface LoopPlace {
  readonly item: Json
  readonly index: number
}

/** What an expression sees before the first step: `keyNames` of the domain. */
export const startScopeOf = ({ attempt, snapshot, startedAt }: Run): Scope => ({
  inputs: snapshot.inputs,
  trigger: { ...snapshot.triggerData, type: snapshot.trigger },
  execution: { id: snapshot.executionId, startedAt, attempt },
  workflow: { id: snapshot.workflowId, name: snapshot.definition.name, version: snapshot.workflowVersion }
})

/** What the expressions of a step of this level see. `steps` is put together only when it is read. */
export const scopeOf = (level: Level, input: Json): Scope => {
  const { run } = level
  return {
    ...startScopeOf(run),
    input,
    get steps() {
      return visibleSteps(level)
    },
    secrets: run.secrets,
    ...loopPlace(level)
  }
}

/** The steps of the level and of those around it; an inner one hides an outer one of the same id. */
const visibleSteps = (level: Level): JsonObject => ({
  ...(level.parent === null ? {} : visibleSteps(level.parent)),
  ...Object.fromEntries(
    level.steps.map(({ id }) => {
      const step = level.run.step(level.prefix + id)
      return [id, {
        status: step?.status ?? "pending",
        output: step?.output ?? null,
        error: step?.error === null || step?.error === undefined ? null : { ...step.error }
      }]
    })
  )
})

const loopPlace = (level: Level): JsonObject =>
  level.place !== undefined
    ? { item: level.place.item, index: level.place.index }
    : level.parent === null
    ? {}
    : loopPlace(level.parent)
