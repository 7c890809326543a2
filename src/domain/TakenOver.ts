import { Result } from "effect"
import type { StepId } from "./Ids.ts"
import type { Plan } from "./Plan.ts"
import { makePlan } from "./Plan.ts"
import type { Step } from "./Step.ts"
import { isUndoPath, placesOf, undoneBy } from "./StepPath.ts"
import type { StepRecord } from "./StepRecord.ts"
import { branchesOf } from "./StepTree.ts"
import { toMillis } from "./Timestamp.ts"

/**
 * What a retry takes over of the steps of a finished execution, in the order in which they ended: of those that came to
 * a good end, all but the named step (null: none is named) and what follows a step that is run again. A step that is
 * run again for its own sake and holds others goes on where it was, with those inside it that came to a good end.
 */
export const takenOver = (
  steps: ReadonlyArray<Step>,
  trace: ReadonlyArray<StepRecord>,
  fromStep: StepId | null
): ReadonlyArray<StepRecord> => {
  const kept = new Keeper(trace)
  kept.keepLevel(steps, "", fromStep)
  return trace.filter((record) => kept.paths.has(pathOf(record)))
    .sort((one, other) => endOf(one) - endOf(other))
}

/** A step's place in the definition. */
export const pathOf = ({ id, path }: StepRecord): string => path ?? id

const endOf = ({ completedAt }: StepRecord): number => completedAt === null ? 0 : toMillis(completedAt)

/** Walks through the levels of a trace, and gathers the paths of what is kept. */
class Keeper {
  readonly paths = new Set<string>()
  private readonly records: ReadonlyMap<string, StepRecord>
  /** The lists of steps inside each step that were begun, each with its own records' paths. */
  private readonly branches = new Map<string, Map<string, Array<string>>>()
  private readonly undone = new Set<string>()
  /** The steps around those that were undone. */
  private readonly reopened = new Set<string>()
  /** A loop plans its steps once. */
  private readonly plans = new Map<ReadonlyArray<Step>, Plan>()

  constructor(trace: ReadonlyArray<StepRecord>) {
    this.records = new Map(trace.map((record) => [pathOf(record), record]))
    for (const [path, { status }] of this.records) {
      const undone = undoneBy(path)
      if (undone !== undefined && status === "completed") this.undone.add(undone)
      const [place] = isUndoPath(path) ? [] : placesOf(path)
      if (place !== undefined) this.branchesIn(place.holder, place.branch).push(path)
    }
    for (const path of this.undone) for (const { holder } of placesOf(path)) this.reopened.add(holder)
  }

  keepLevel(steps: ReadonlyArray<Step>, prefix: string, named: StepId | null): void {
    const plan = this.planOf(steps)
    const bad = steps.filter((step) => !this.isGood(step, prefix + step.id)).map(({ id }) => id)
    const following = followersOf(plan, named === null ? bad : [named, ...bad])
    for (const step of steps) {
      const path = prefix + step.id
      if (following.has(step.id) || step.id === named || this.undone.has(path)) continue
      if (this.isGood(step, path)) this.keepWhole(path)
      else this.keepInside(step, path)
    }
  }

  /** A step, and all that was run inside it. */
  private keepWhole(path: string): void {
    this.paths.add(path)
    for (const paths of this.branches.get(path)?.values() ?? []) for (const inner of paths) this.keepWhole(inner)
  }

  private keepInside(step: Step, path: string): void {
    for (const branch of this.branches.get(path)?.keys() ?? []) {
      const steps = stepsAt(step, path, branch)
      if (steps !== undefined) this.keepLevel(steps, branch, null)
    }
  }

  /** Done; or skipped by its own condition: one that never had its turn has no time. Or failed, and let the run go on. */
  private isGood(step: Step, path: string): boolean {
    const record = this.records.get(path)
    if (record === undefined || this.undone.has(path) || this.reopened.has(path)) return false
    return record.status === "completed" ||
      (record.status === "skipped" && record.startedAt !== null) ||
      (record.status === "failed" && (step.onError ?? "fail") !== "fail")
  }

  private branchesIn(holder: string, branch: string): Array<string> {
    const known = this.branches.get(holder) ?? new Map<string, Array<string>>()
    const paths = known.get(branch) ?? []
    this.branches.set(holder, known.set(branch, paths))
    return paths
  }

  private planOf(steps: ReadonlyArray<Step>): Plan {
    const plan = this.plans.get(steps) ?? Result.getOrThrow(makePlan(steps))
    this.plans.set(steps, plan)
    return plan
  }
}

/** The steps that wait for one of these, or for one that does. */
const followersOf = (plan: Plan, ids: ReadonlyArray<StepId>): ReadonlySet<StepId> => {
  const found = new Set<StepId>()
  const open = [...ids]
  // `open` grows while it is read.
  for (const id of open) {
    for (const follower of plan.after.get(id) ?? []) {
      if (found.has(follower)) continue
      found.add(follower)
      open.push(follower)
    }
  }
  return found
}

/** The steps that a branch of a trace (`loop[3].`, `decide.then.`) runs. */
const stepsAt = (step: Step, path: string, branch: string): ReadonlyArray<Step> | undefined =>
  branchesOf(step).find(({ path: place }) =>
    step.type === "for-each" ? branch.startsWith(`${path}[`) : branch === `${path}.${place.at(-1)}.`
  )?.steps
