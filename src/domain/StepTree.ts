import { Result } from "effect"
import type { Issue } from "./Issues.ts"
import { Limits } from "./Limits.ts"
import { makePlan } from "./Plan.ts"
import type { Step, Undo } from "./Step.ts"
import { undoSuffix } from "./StepPath.ts"

/** A list of steps inside a step, and where it stands in the step. */
export interface Branch {
  readonly path: ReadonlyArray<string>
  readonly steps: ReadonlyArray<Step>
}

/** The steps that a step holds, those of its undo aside. */
export const branchesOf = (step: Step | Undo): ReadonlyArray<Branch> => {
  switch (step.type) {
    case "condition":
      return [
        { path: ["config", "then"], steps: step.config.then },
        ...(step.config.else === undefined ? [] : [{ path: ["config", "else"], steps: step.config.else }])
      ]
    case "for-each":
      return [{ path: ["config", "steps"], steps: step.config.steps }]
    default:
      return []
  }
}

/** Every step, and every undo, wherever it stands; the paths begin at the list of steps. */
export const everyStep = (
  steps: ReadonlyArray<Step>
): ReadonlyArray<{ readonly path: Issue["path"]; readonly step: Step | Undo }> =>
  steps.flatMap((step, index) => [
    { path: [index], step },
    ...(step.undo === undefined ? [] : [{ path: [index, "undo"], step: step.undo }]),
    ...allBranchesOf(step).flatMap((branch) =>
      everyStep(branch.steps).map((found) => ({ ...found, path: [index, ...branch.path, ...found.path] }))
    )
  ])

/** The step of a definition that a path of an execution (`loop[3].call`) leads to, or the undo (`call:undo`). */
export const stepAt = (steps: ReadonlyArray<Step>, path: string): Step | undefined => {
  const [, id, branch, rest] = pathPattern.exec(path) ?? []
  const step = id?.endsWith(undoSuffix)
    ? undoIn(steps, id.slice(0, -undoSuffix.length))
    : steps.find((candidate) => candidate.id === id)
  if (step === undefined || branch === undefined || rest === undefined) return step
  const member = branch.startsWith("[") ? "steps" : branch.slice(1)
  const inner = branchesOf(step).find((candidate) => candidate.path.at(-1) === member)
  return inner === undefined ? undefined : stepAt(inner.steps, rest)
}

const undoIn = (steps: ReadonlyArray<Step>, id: string): Step | undefined => {
  const step = steps.find((candidate) => candidate.id === id)
  return step?.undo === undefined ? undefined : { ...step.undo, id: step.id, order: 0 }
}

/** A step, and where a path goes on inside of it: a round of a loop, or a branch. */
const pathPattern = /^([^.[]+)(?:(\[\d+\]|\.(?:then|else))\.(.+))?$/s

/** What keeps the steps of a definition from being run, at every level; the paths begin at the list of steps. */
export const stepTreeIssues = (steps: ReadonlyArray<Step>): ReadonlyArray<Issue> => {
  const count = countSteps(steps)
  return count > Limits.steps
    ? [{ path: [], message: `must hold at most ${Limits.steps} steps, those inside steps included, not ${count}` }]
    : levelIssues(steps, 1)
}

const levelIssues = (steps: ReadonlyArray<Step>, depth: number): ReadonlyArray<Issue> => {
  const plan = makePlan(steps)
  const inner = steps.flatMap((step, index) =>
    allBranchesOf(step).flatMap((branch) => {
      const path = [index, ...branch.path]
      if (depth === Limits.stepDepth) return [{ path, message: `must not nest deeper than ${Limits.stepDepth} steps` }]
      return [
        ...(branch.path[0] === "undo" ? undosInside(branch.steps) : []),
        ...levelIssues(branch.steps, depth + 1)
      ].map((issue) => ({ ...issue, path: [...path, ...issue.path] }))
    })
  )
  return Result.isSuccess(plan) ? inner : [...plan.failure, ...inner]
}

/** The steps that a step and its undo hold. */
const allBranchesOf = (step: Step): ReadonlyArray<Branch> => [
  ...branchesOf(step),
  ...(step.undo === undefined
    ? []
    : branchesOf(step.undo).map((branch) => ({ ...branch, path: ["undo", ...branch.path] })))
]

/** What undoes a step is not undone itself. */
const undosInside = (steps: ReadonlyArray<Step>): ReadonlyArray<Issue> =>
  steps.flatMap((step, index) => [
    ...(step.undo === undefined ? [] : [{ path: [index, "undo"], message: "can't stand inside of an undo" }]),
    ...branchesOf(step).flatMap((branch) =>
      undosInside(branch.steps).map((issue) => ({ ...issue, path: [index, ...branch.path, ...issue.path] }))
    )
  ])

/** An undo counts as a step. */
const countSteps = (steps: ReadonlyArray<Step>): number =>
  steps.reduce(
    (count, step) =>
      allBranchesOf(step).reduce(
        (inner, branch) => inner + countSteps(branch.steps),
        count + (step.undo === undefined ? 1 : 2)
      ),
    0
  )
