import { failWith } from "./ExpressionFailure.ts"
import type { Meter } from "./Meter.ts"
import type { Pattern, PatternMatch } from "./Pattern.ts"
import type { FoundMatch, Value } from "./Values.ts"
import { emptyMembers, Matcher } from "./Values.ts"

/** A regular expression as a function: it gives the first match in a text, and how to find the next. */
export const regexOf = (pattern: Pattern, meter: Meter): Matcher =>
  new Matcher((text) => text === undefined ? undefined : matchesIn(text, pattern.matcher(text, meter)))

const matchesIn = (text: string, find: (from: number) => PatternMatch | undefined): FoundMatch | undefined => {
  const from = (position: number): FoundMatch | undefined => {
    const match = find(position)
    return match === undefined ? undefined : { ...match, next: () => after(match) }
  }
  const after = (match: PatternMatch): FoundMatch | undefined => {
    if (match.end >= text.length) return undefined
    const next = from(match.end)
    if (next?.text === "") throw failWith("D1004")
    return next
  }
  return from(0)
}

/** A match as a value of the language. */
export const matchValue = (match: PatternMatch): Record<string, Value> =>
  Object.assign(emptyMembers(), { match: match.text, start: match.start, end: match.end, groups: [...match.groups] })

/** A match, and the search for the next one. */
export const foundMatch = (match: FoundMatch | undefined): Value =>
  match === undefined ? undefined : Object.assign(matchValue(match), { next: new Matcher(() => match.next()) })
