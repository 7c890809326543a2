import { Result } from "effect"
import type { StepId } from "./Ids.ts"
import type { Issue } from "./Issues.ts"

/** What the plan needs to know of a step. */
export interface PlannedStep {
  readonly id: StepId
  readonly order: number
  readonly dependsOn?: ReadonlyArray<StepId>
}

/** Which steps wait for which. All lists hold ids in the order of the definition. */
export interface Plan {
  /** The steps that wait for none. */
  readonly first: ReadonlyArray<StepId>
  /** The steps that no other waits for. */
  readonly last: ReadonlyArray<StepId>
  readonly before: ReadonlyMap<StepId, ReadonlyArray<StepId>>
  readonly after: ReadonlyMap<StepId, ReadonlyArray<StepId>>
}

/**
 * Plans the steps of one level. A step with `dependsOn` waits for those; any other waits for all steps of the next
 * smaller order. Fails with every duplicate id, unknown id and cycle; the paths are relative to the list of steps.
 */
export const makePlan = (steps: ReadonlyArray<PlannedStep>): Result.Result<Plan, ReadonlyArray<Issue>> => {
  const unsound = [...duplicates(steps), ...unknownDependencies(steps)]
  if (unsound.length > 0) return Result.fail(unsound)

  const before = predecessors(steps)
  const after = new Map<StepId, Array<StepId>>(steps.map((step) => [step.id, []]))
  for (const [id, ids] of before) for (const predecessor of ids) after.get(predecessor)?.push(id)

  const plan: Plan = {
    first: steps.filter((step) => before.get(step.id)?.length === 0).map((step) => step.id),
    last: steps.filter((step) => after.get(step.id)?.length === 0).map((step) => step.id),
    before,
    after
  }
  const stuck = cyclic(plan)
  return stuck.size === 0 ? Result.succeed(plan) : Result.fail(cycleIssues(steps, stuck))
}

/** Takes the steps that are done, one by one, and answers each time which others waited only for it. */
export const releasing = (plan: Plan): (done: StepId) => ReadonlyArray<StepId> => {
  const open = new Map([...plan.before].map(([id, ids]) => [id, ids.length]))
  return (done) =>
    (plan.after.get(done) ?? []).filter((follower) => {
      const left = (open.get(follower) ?? 0) - 1
      open.set(follower, left)
      return left === 0
    })
}

/** The ids in an order in which they could run one after the other. */
export const sequence = (plan: Plan): ReadonlyArray<StepId> => {
  const release = releasing(plan)
  const order = [...plan.first]
  // `order` grows while it is read.
  for (const id of order) order.push(...release(id))
  return order
}

const duplicates = (steps: ReadonlyArray<PlannedStep>): ReadonlyArray<Issue> => {
  const seen = new Map<string, number>()
  return steps.flatMap((step, index) => {
    const earlier = seen.get(step.id)
    if (earlier === undefined) seen.set(step.id, index)
    return earlier === undefined
      ? []
      : [{ path: [index, "id"], message: `is the id of another step already (steps[${earlier}])` }]
  })
}

const unknownDependencies = (steps: ReadonlyArray<PlannedStep>): ReadonlyArray<Issue> => {
  const known = new Set(steps.map((step) => step.id))
  return steps.flatMap((step, index) =>
    (step.dependsOn ?? []).flatMap((id, position) =>
      known.has(id) ? [] : [{ path: [index, "dependsOn", position], message: `names no step: "${id}"` }]
    )
  )
}

const predecessors = (steps: ReadonlyArray<PlannedStep>): Map<StepId, ReadonlyArray<StepId>> => {
  const byOrder = Map.groupBy(steps, (step) => step.order)
  const orders = [...byOrder.keys()].sort((a, b) => a - b)
  const idsBelow = new Map(
    orders.map((order, index) => [order, (byOrder.get(orders[index - 1] ?? NaN) ?? []).map((step) => step.id)])
  )
  const position = new Map(steps.map((step, index) => [step.id, index]))
  const inDefinitionOrder = (ids: ReadonlyArray<StepId>) =>
    [...new Set(ids)].sort((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0))
  return new Map(
    steps.map((
      step
    ) => [step.id, step.dependsOn === undefined ? idsBelow.get(step.order) ?? [] : inDefinitionOrder(step.dependsOn)])
  )
}

/** The ids that a cycle keeps from ever running. */
const cyclic = (plan: Plan): ReadonlySet<StepId> => {
  const runnable = new Set(sequence(plan))
  return new Set([...plan.before.keys()].filter((id) => !runnable.has(id)))
}

const cycleIssues = (steps: ReadonlyArray<PlannedStep>, stuck: ReadonlySet<StepId>): ReadonlyArray<Issue> =>
  steps.flatMap((step, index) =>
    stuck.has(step.id) && step.dependsOn !== undefined
      ? [{ path: [index, "dependsOn"], message: `closes or follows a cycle of steps: ${listed([...stuck])}` }]
      : []
  )

/** At most ten ids: every step of a large cycle has an issue, and none may name all the others. */
const listed = (ids: ReadonlyArray<StepId>): string =>
  ids.length <= 10 ? ids.join(", ") : `${ids.slice(0, 10).join(", ")} and ${ids.length - 10} more`
