import { Result, Schema } from "effect"
import { StepId } from "./Ids.ts"
import type { Issue } from "./Issues.ts"
import { Limits } from "./Limits.ts"
import { makePlan } from "./Plan.ts"

/** What the plan needs to know of the steps of one level, whatever else is in them. */
const decodeLevel = Schema.decodeUnknownResult(
  Schema.Array(
    Schema.Struct({ id: StepId, order: Schema.Int, dependsOn: Schema.optionalKey(Schema.Array(StepId)) })
  ).check(Schema.isMaxLength(Limits.steps))
)

/** The members of a step's configuration that hold steps, by its type. */
const branchMembers = new Map<unknown, ReadonlyArray<string>>([
  ["condition", ["then", "else"]],
  ["for-each", ["steps"]]
])

/**
 * What keeps steps from being put in order that are not valid otherwise, at every level where the members that the order
 * hangs on are; the paths begin at the list of steps.
 */
export const looseStepIssues = (steps: unknown, depth = 1): ReadonlyArray<Issue> => {
  if (!Array.isArray(steps) || depth > Limits.stepDepth) return []
  const level = decodeLevel(steps)
  const plan = Result.isSuccess(level) ? makePlan(level.success) : undefined
  const inner = steps.flatMap((step: unknown, index) =>
    [
      ...insideIssues(step, depth),
      ...insideIssues(memberOf(step, "undo"), depth).map((issue) => ({ ...issue, path: ["undo", ...issue.path] }))
    ].map((issue) => ({ ...issue, path: [index, ...issue.path] }))
  )
  return plan !== undefined && Result.isFailure(plan) ? [...plan.failure, ...inner] : inner
}

const insideIssues = (step: unknown, depth: number): ReadonlyArray<Issue> =>
  (branchMembers.get(memberOf(step, "type")) ?? []).flatMap((name) =>
    looseStepIssues(memberOf(memberOf(step, "config"), name), depth + 1)
      .map((issue) => ({ ...issue, path: ["config", name, ...issue.path] }))
  )

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
