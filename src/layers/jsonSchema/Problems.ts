import type { Issue } from "../../domain/Issues.ts"
import { Limits } from "../../domain/Limits.ts"
import type { Work } from "./Work.ts"

/** A place inside a value: the member `key` of what is at `parent`; undefined: the value itself. */
export type Place = { readonly parent: Place; readonly key: string | number } | undefined

/** The place of a member. */
export const within = (parent: Place, key: string | number): Place => ({ parent, key })

/** A problem of a value. `kind`: that it is of another type than `expected`, or none of the `expected` values. */
export interface Problem {
  readonly place: Place
  readonly message: string
  readonly kind: "type" | "choice" | "other"
  readonly expected: ReadonlyArray<string>
}

const stepsToTell = 10

/** Where problems are told. Telling one is work, so their number is bounded. */
export class Problems {
  readonly all: Array<Problem> = []
  private readonly work: Work
  constructor(work: Work) {
    this.work = work
  }

  add(place: Place, message: string): void {
    this.tell({ place, message, kind: "other", expected: [] })
  }

  tell(problem: Problem): void {
    this.work.spend(stepsToTell)
    this.all.push(problem)
  }
}

/** The problems as people read them, each once, as many as `Limits.issueCharacters` hold; the first in any case. */
export const toIssues = (
  problems: ReadonlyArray<{ readonly place: Place; readonly message: string }>
): ReadonlyArray<Issue> => {
  const issues = new Map<string, Issue>()
  let characters = 0
  for (const { message, place } of problems) {
    characters += message.length + charactersOf(place)
    if (characters > Limits.issueCharacters && issues.size > 0) break
    const issue = { path: pathOf(place), message }
    issues.set(JSON.stringify(issue), issue)
  }
  return [...issues.values()]
}

const pathOf = (place: Place): ReadonlyArray<string | number> => {
  const path: Array<string | number> = []
  for (let at = place; at !== undefined; at = at.parent) path.push(at.key)
  return path.reverse()
}

const charactersOf = (place: Place): number => {
  let characters = 0
  for (let at = place; at !== undefined; at = at.parent) characters += String(at.key).length
  return characters
}

/** `1 item`, `2 items`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`

/** `"a"`, `"a" or "b"`, `one of "a", "b", "c"`. */
export const oneOf = (texts: ReadonlyArray<string>): string =>
  texts.length > 2 ? `one of ${texts.join(", ")}` : texts.join(" or ")
