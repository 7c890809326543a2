import { Effect, Result } from "effect"
import type { Json } from "effect/Schema"
import type { StepId } from "../domain/Ids.ts"
import type { Plan } from "../domain/Plan.ts"
import { makePlan, releasing } from "../domain/Plan.ts"
import type { Step } from "../domain/Step.ts"
import type { Run } from "./Run.ts"
import type { LoopPlace } from "./Scope.ts"

/** Steps that are planned together: those of the workflow, of a branch, or of one round of a loop. */
export interface Level {
  readonly run: Run
  readonly steps: ReadonlyArray<Step>
  readonly plan: Plan
  /** What stands before a step's id in its path. */
  readonly prefix: string
  readonly parent: Level | null
  /** What the steps get that wait for none. */
  readonly input: Json
  readonly place?: LoopPlace
  /** What stands after a step's id in its path: `:undo` when the steps of the level are undone. */
  readonly suffix?: string
  /** When the step around it was tried again (milliseconds since 1970): what failed before that is run again. */
  readonly since: number
}

/** Where a step stands in the definition: `step-1`, `loop[3].call`, `step-1:undo`. */
export const pathOf = (level: Level, id: StepId): string => `${level.prefix}${id}${level.suffix ?? ""}`

/** The plan of these steps. They were checked when the workflow was saved. */
export const planOf = (steps: ReadonlyArray<Step>): Effect.Effect<Plan> => {
  const known = plans.get(steps)
  if (known !== undefined) return Effect.succeed(known)
  const plan = makePlan(steps)
  if (Result.isFailure(plan)) return Effect.die(new Error("The steps of a saved definition can't be put in order"))
  plans.set(steps, plan.success)
  return Effect.succeed(plan.success)
}

/** A loop plans its steps once. */
const plans = new WeakMap<ReadonlyArray<Step>, Plan>()

/** The output of the step before; of several an object by step id; of none what the level got. */
export const inputOf = (level: Level, id: StepId): Json => {
  const before = level.plan.before.get(id) ?? []
  return before.length === 0 ? level.input : outputsOf(level, before)
}

/** The output of the level's last step; of several an object by step id. */
export const lastOutput = (level: Level): Json => outputsOf(level, level.plan.last)

const outputsOf = (level: Level, ids: ReadonlyArray<StepId>): Json => {
  const [only] = ids
  return ids.length === 1 && only !== undefined
    ? level.run.outputOf(level.prefix + only)
    : Object.fromEntries(ids.map((id) => [id, level.run.outputOf(level.prefix + id)]))
}

/** Runs each step as soon as those before it are done; the first failure interrupts the others. */
export const walk = <E>(plan: Plan, runStep: (id: StepId) => Effect.Effect<void, E>): Effect.Effect<void, E> => {
  const release = releasing(plan)
  const from = (id: StepId): Effect.Effect<void, E> => Effect.flatMap(runStep(id), () => all(release(id)))
  const all = (ids: ReadonlyArray<StepId>): Effect.Effect<void, E> =>
    ids.length === 1 && ids[0] !== undefined
      ? from(ids[0])
      : Effect.forEach(ids, from, { concurrency: "unbounded", discard: true })
  return all(plan.first)
}
