import { Effect } from "effect"
import type { Json } from "effect/Schema"
import type { Step, StepOf } from "../domain/Step.ts"
import type { Expressions } from "./Expressions.ts"
import type { Level } from "./Level.ts"
import { planOf } from "./Level.ts"
import { loopItems } from "./LoopItems.ts"
import type { Run } from "./Run.ts"
import { scopeOf } from "./Scope.ts"
import type { StepFailure } from "./StepHandler.ts"
import { inputFor } from "./StepInput.ts"

/** A step of a run, and the level that it ran in. */
export interface StepPlace {
  readonly level: Level
  readonly step: Step
}

/** The level of a workflow's own steps. */
export const rootLevel = Effect.fnUntraced(function*(run: Run) {
  const { definition, inputs } = run.snapshot
  const level: Level = {
    run,
    steps: definition.steps,
    plan: yield* planOf(definition.steps),
    prefix: "",
    parent: null,
    input: inputs,
    since: 0
  }
  return level
})

/** The level of the steps inside a step, in one of its branches. */
export const innerLevel = Effect.fnUntraced(function*(
  parent: Level,
  prefix: string,
  steps: ReadonlyArray<Step>,
  input: Json,
  since: number,
  place: Level["place"]
) {
  const level: Level = {
    run: parent.run,
    steps,
    plan: yield* planOf(steps),
    prefix,
    parent,
    input,
    since,
    ...(place === undefined ? {} : { place })
  }
  return level
})

/** Finds the steps of a run by their paths (`loop[3].call`), with all that their expressions saw when they ran. */
export const stepPlaces = (expressions: Expressions["Service"], run: Run) => {
  const levels = new Map<string, Level>()
  const loops = new Map<string, ReadonlyArray<Json>>()

  const itemsOf = Effect.fnUntraced(function*(level: Level, step: StepOf<"for-each">) {
    const path = level.prefix + step.id
    const known = loops.get(path)
    if (known !== undefined) return known
    const input = yield* inputFor(expressions, level, step)
    const items = yield* loopItems(expressions, step.config, input, scopeOf(level, input))
    loops.set(path, items)
    return items
  })

  const within = Effect.fnUntraced(function*(parent: Level, step: Step, prefix: string, branch: string) {
    if (step.type === "condition") {
      const steps = branch === ".then" ? step.config.then : step.config.else
      if (steps === undefined) return undefined
      return yield* innerLevel(parent, prefix, steps, yield* inputFor(expressions, parent, step), 0, undefined)
    }
    if (step.type !== "for-each") return undefined
    const index = Number(branch.slice(1, -1))
    const item = (yield* itemsOf(parent, step))[index]
    return item === undefined
      ? undefined
      : yield* innerLevel(parent, prefix, step.config.steps, item, 0, { item, index })
  })

  const levelOf = (prefix: string): Effect.Effect<Level | undefined, StepFailure> =>
    Effect.gen(function*() {
      const known = levels.get(prefix)
      if (known !== undefined) return known
      const level = prefix === "" ? yield* rootLevel(run) : yield* outsideIn(prefix)
      if (level !== undefined) levels.set(prefix, level)
      return level
    })

  const outsideIn = Effect.fnUntraced(function*(prefix: string) {
    const [, holder, branch] = branchPattern.exec(prefix) ?? []
    if (holder === undefined || branch === undefined) return undefined
    const place = yield* find(holder)
    return place === undefined ? undefined : yield* within(place.level, place.step, prefix, branch)
  })

  /** Undefined: the definition has no such step. */
  const find = (path: string): Effect.Effect<StepPlace | undefined, StepFailure> =>
    Effect.gen(function*() {
      const start = path.lastIndexOf(".") + 1
      const level = yield* levelOf(path.slice(0, start))
      const step = level?.steps.find(({ id }) => id === path.slice(start))
      return level === undefined || step === undefined ? undefined : { level, step }
    })

  return { find }
}

/** A branch of a step: `loop` and `[3]`, `decide` and `.then`. */
const branchPattern = /^(.*?)(\[\d+\]|\.(?:then|else))\.$/s
