import { Result } from "effect"
import type { Issue } from "./Issues.ts"
import { Limits } from "./Limits.ts"
import { makePlan } from "./Plan.ts"
import type { Step } from "./Step.ts"

/** A list of steps inside a step, and where it stands in the step. */
export interface Branch {
  readonly path: ReadonlyArray<string>
  readonly steps: ReadonlyArray<Step>
}

/** The steps that a step holds. */
export const branchesOf = (step: Step): ReadonlyArray<Branch> => {
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
    branchesOf(step).flatMap((branch) => {
      const path = [index, ...branch.path]
      if (depth === Limits.stepDepth) return [{ path, message: `must not nest deeper than ${Limits.stepDepth} steps` }]
      return levelIssues(branch.steps, depth + 1).map((issue) => ({ ...issue, path: [...path, ...issue.path] }))
    })
  )
  return Result.isSuccess(plan) ? inner : [...plan.failure, ...inner]
}

const countSteps = (steps: ReadonlyArray<Step>): number =>
  steps.reduce(
    (count, step) => branchesOf(step).reduce((inner, branch) => inner + countSteps(branch.steps), count + 1),
    0
  )
