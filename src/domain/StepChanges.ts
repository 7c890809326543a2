import { Schema, Struct } from "effect"
import type { JsonObject } from "effect/Schema"
import { StepId } from "./Ids.ts"
import { Limits } from "./Limits.ts"
import { differingMembers } from "./MemberChanges.ts"
import type { Step, Undo } from "./Step.ts"
import { branchesOf } from "./StepTree.ts"

/** A step, wherever it stands. What undoes a step has its id. */
export const NamedStep = Schema.Struct({
  path: Schema.String.annotate({
    description:
      "Where it stands: its id, after that of the step that holds it (`decide.then.call`, `loop.steps.call`); with " +
      "`.undo`: what undoes it"
  }),
  id: StepId,
  type: Schema.String
}).annotate({ identifier: "NamedStep" })
export type NamedStep = typeof NamedStep.Type

/** A step that differs, apart from the steps inside of it. */
export const ChangedStep = Schema.Struct({
  ...NamedStep.fields,
  members: Schema.Array(Schema.String).annotate({
    description: "The members that differ, as paths (`config.url`), or what holds them where they are more than " +
      `${Limits.changedMembers}; \`position\`: its place among the steps that it stands with`
  })
}).annotate({ identifier: "ChangedStep" })
export type ChangedStep = typeof ChangedStep.Type

interface Placed extends NamedStep {
  /** The list that it stands in; undefined: it undoes a step. */
  readonly list: string | undefined
  /** What is said of it, but for the steps inside and the undo: these stand by themselves. */
  readonly own: JsonObject
}

/** The steps that were added, removed or changed between two lists, at every level. */
export const stepChanges = (before: ReadonlyArray<Step>, after: ReadonlyArray<Step>) => {
  const [placedBefore, placedAfter] = [byPath(placedIn(before)), byPath(placedIn(after))]
  const moved = movedPaths(placedBefore, placedAfter)
  return {
    added: [...placedAfter.values()].filter(({ path }) => !placedBefore.has(path)).map(named),
    removed: [...placedBefore.values()].filter(({ path }) => !placedAfter.has(path)).map(named),
    changed: [...placedAfter.values()].flatMap((step): ReadonlyArray<ChangedStep> => {
      const known = placedBefore.get(step.path)
      if (known === undefined) return []
      const members = [...differingMembers(known.own, step.own), ...(moved.has(step.path) ? ["position"] : [])]
      return members.length === 0 ? [] : [{ ...named(step), members }]
    })
  }
}

const named = ({ id, path, type }: Placed): NamedStep => ({ path, id, type })

const byPath = (steps: ReadonlyArray<Placed>) => new Map(steps.map((step) => [step.path, step]))

const placedIn = (steps: ReadonlyArray<Step>, list = ""): ReadonlyArray<Placed> =>
  steps.flatMap((step) => {
    const path = `${list}${step.id}`
    const undoPath = `${path}.undo`
    return [
      { path, id: step.id, type: step.type, list, own: ownMembers(step) },
      ...placedInside(step, path),
      ...(step.undo === undefined ? [] : [
        { path: undoPath, id: step.id, type: step.undo.type, list: undefined, own: ownMembers(step.undo) },
        ...placedInside(step.undo, undoPath)
      ])
    ]
  })

const placedInside = (step: Step | Undo, path: string): ReadonlyArray<Placed> =>
  branchesOf(step).flatMap((branch) => placedIn(branch.steps, `${path}.${branch.path.at(-1)}.`))

const ownMembers = (step: Step | Undo): JsonObject => {
  const lists = new Set(branchesOf(step).map(({ path }) => path.at(-1)))
  const config = Object.entries(Object(step.config)).filter(([name]) => !lists.has(name))
  // SAFETY: a step is JSON, and so are its members without the lists of steps in it.
  return { ...Struct.omit({ undo: undefined, ...step }, ["undo"]), config: Object.fromEntries(config) } as JsonObject
}

/** The steps that stand in both, and at another place among those of their list that do. */
const movedPaths = (before: ReadonlyMap<string, Placed>, after: ReadonlyMap<string, Placed>): ReadonlySet<string> => {
  const was = commonByList(before, after)
  return new Set(
    [...commonByList(after, before)].flatMap(([list, paths]) => {
      const known = was.get(list) ?? []
      return paths.filter((path, index) => known[index] !== path)
    })
  )
}

const commonByList = (steps: ReadonlyMap<string, Placed>, others: ReadonlyMap<string, Placed>) => {
  const lists = new Map<string, Array<string>>()
  for (const { list, path } of steps.values()) {
    if (list === undefined || !others.has(path)) continue
    const paths = lists.get(list)
    if (paths === undefined) lists.set(list, [path])
    else paths.push(path)
  }
  return lists
}
