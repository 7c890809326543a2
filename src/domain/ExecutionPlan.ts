import { Result, Schema } from "effect"
import { StepId } from "./Ids.ts"
import { makePlan, sequence } from "./Plan.ts"
import type { Plan } from "./Plan.ts"
import type { Step } from "./Step.ts"
import { branchesOf } from "./StepTree.ts"

/** What will run of one list of steps, and in which order. */
export interface PlannedLevel {
  readonly waves: ReadonlyArray<ReadonlyArray<StepId>>
  readonly steps: ReadonlyArray<PlanEntry>
}

/** A step in the plan. */
export interface PlanEntry {
  readonly id: StepId
  readonly name?: string
  readonly type: string
  readonly path: string
  readonly waitsFor: ReadonlyArray<StepId>
  readonly when?: string
  readonly undo?: string
  readonly children?: ReadonlyArray<PlannedBranch>
}

/** A list of steps inside a step. */
export interface PlannedBranch extends PlannedLevel {
  readonly branch: string
}

const Entry: Schema.Codec<PlanEntry, unknown> = Schema.Struct({
  id: StepId,
  name: Schema.optionalKey(Schema.String),
  type: Schema.String,
  path: Schema.String.annotate({
    description:
      "The step's path in an execution: `decide.then.call`; `[]` stands for any round of a loop: `loop[].call`"
  }),
  waitsFor: Schema.Array(StepId).annotate({
    description: "The step starts as soon as these have ended; it does not wait for the rest of their wave"
  }),
  when: Schema.optionalKey(Schema.String.annotate({ description: "The step is skipped if this does not hold" })),
  undo: Schema.optionalKey(Schema.String.annotate({ description: "The type of the step that undoes it" })),
  children: Schema.optionalKey(
    Schema.Array(Schema.suspend(() => Branch)).annotate({ description: "The lists of steps inside the step" })
  )
}).annotate({ identifier: "PlanEntry" })

const level = {
  waves: Schema.Array(Schema.Array(StepId)).annotate({
    description: "The steps by when they can start at the earliest: those of one wave can run at the same time"
  }),
  steps: Schema.Array(Entry).annotate({ description: "Every step, in the order of the definition" })
}

const Branch: Schema.Codec<PlannedBranch, unknown> = Schema.Struct({
  branch: Schema.String.annotate({ description: "The member of the step's configuration: `then`, `else` or `steps`" }),
  ...level
}).annotate({ identifier: "PlanBranch" })

/** What an execution of a definition will run, and in which order. */
export const ExecutionPlan = Schema.Struct(level).annotate({
  identifier: "ExecutionPlan",
  description: "What will run, and in which order"
})
export type ExecutionPlan = PlannedLevel

/** The plan of these steps. They were checked before: it dies of steps that can't be put in order. */
export const executionPlan = (steps: ReadonlyArray<Step>): ExecutionPlan => planLevel(steps, "")

const planLevel = (steps: ReadonlyArray<Step>, prefix: string): PlannedLevel => {
  const plan = Result.getOrThrow(makePlan(steps))
  return { waves: wavesOf(steps, plan), steps: steps.map((step) => entryOf(step, plan, prefix)) }
}

const entryOf = (step: Step, plan: Plan, prefix: string): PlanEntry => {
  const path = prefix + step.id
  const children = branchesOf(step).map((branch): PlannedBranch => {
    const name = branch.path.at(-1) ?? ""
    return { branch: name, ...planLevel(branch.steps, step.type === "for-each" ? `${path}[].` : `${path}.${name}.`) }
  })
  return {
    id: step.id,
    ...(step.name === undefined ? {} : { name: step.name }),
    type: step.type,
    path,
    waitsFor: plan.before.get(step.id) ?? [],
    ...(step.when === undefined ? {} : { when: step.when }),
    ...(step.undo === undefined ? {} : { undo: step.undo.type }),
    ...(children.length === 0 ? {} : { children })
  }
}

/** A step stands one wave after the latest of those that it waits for. */
const wavesOf = (steps: ReadonlyArray<Step>, plan: Plan): ReadonlyArray<ReadonlyArray<StepId>> => {
  const waveOf = new Map<StepId, number>()
  for (const id of sequence(plan)) {
    const before = plan.before.get(id) ?? []
    waveOf.set(id, before.reduce((wave, earlier) => Math.max(wave, (waveOf.get(earlier) ?? 0) + 1), 0))
  }
  const waves: Array<Array<StepId>> = []
  for (const { id } of steps) (waves[waveOf.get(id) ?? 0] ??= []).push(id)
  return waves
}
