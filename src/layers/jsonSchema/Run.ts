import type { Place } from "./Problems.ts"
import { Problems } from "./Problems.ts"
import type { Work } from "./Work.ts"

/** Which members and items of a value the schemas applied to it have looked at: what `unevaluated…` leaves alone. */
export class Seen {
  readonly names = new Set<string>()
  readonly indices = new Set<number>()
  /** All items before this index. */
  items = 0

  /** Takes over what another schema has looked at. */
  add(other: Seen, work: Work): void {
    work.spend(other.names.size + other.indices.size)
    for (const name of other.names) this.names.add(name)
    for (const index of other.indices) this.indices.add(index)
    this.items = Math.max(this.items, other.items)
  }

  hasItem(index: number): boolean {
    return index < this.items || this.indices.has(index)
  }
}

/** One application of schemas to a value: what it costs, where problems are told, what is kept track of. */
export interface Run {
  readonly work: Work
  /** Undefined: only whether the value fits is asked for, so the first problem ends the application. */
  readonly problems: Problems | undefined
  /** Undefined: nobody asks for it. */
  readonly seen: Seen | undefined
}

/** Tells a problem; for a value that does not fit. */
export const refuse = (run: Run, place: Place, message: string): false => {
  run.problems?.add(place, message)
  return false
}

/** For a member of the value, of which other schemas keep track on their own. */
export const forMember = (run: Run): Run => run.seen === undefined ? run : { ...run, seen: undefined }

/** For a schema that the value need not fit. */
export const forBranch = (run: Run): Run => ({
  work: run.work,
  problems: run.problems === undefined ? undefined : new Problems(run.work),
  seen: run.seen === undefined ? undefined : new Seen()
})

/** For a question to which the answer is yes or no. */
export const forQuestion = (run: Run): Run => ({
  work: run.work,
  problems: undefined,
  seen: run.seen === undefined ? undefined : new Seen()
})

/** Takes over what a branch that fits has looked at. */
export const takeOver = (run: Run, branch: Run): void => {
  if (run.seen !== undefined && branch.seen !== undefined) run.seen.add(branch.seen, run.work)
}
