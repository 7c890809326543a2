import type { Json } from "effect/Schema"
import type { Fits } from "./Fits.ts"
import type { Place } from "./Problems.ts"
import { count, within } from "./Problems.ts"
import type { Node, Rules } from "./Rules.ts"
import type { Run } from "./Run.ts"
import { forMember, forQuestion, refuse } from "./Run.ts"
import { textOf } from "./Scalars.ts"

/** The keywords of arrays. */
export const fitsArray = (fits: Fits, rules: Rules, value: ReadonlyArray<Json>, place: Place, run: Run): boolean => {
  const { contains, maxItems, minItems, uniqueItems } = rules
  let answer = true
  if (value.length < (minItems ?? 0)) answer = refuse(run, place, `must have at least ${count(minItems ?? 0, "item")}`)
  if (value.length > (maxItems ?? Infinity)) {
    answer = refuse(run, place, `must have at most ${count(maxItems ?? 0, "item")}`)
  }
  if (!answer && run.problems === undefined) return false
  answer = fitsItems(fits, rules, value, place, run) && answer
  if (!answer && run.problems === undefined) return false
  if (uniqueItems === true) answer = areUnique(value, place, run) && answer
  return contains === undefined ? answer : fitsContains(fits, contains, rules, value, place, run) && answer
}

const fitsItems = (
  fits: Fits,
  { items, prefixItems = [] }: Rules,
  value: ReadonlyArray<Json>,
  place: Place,
  run: Run
): boolean => {
  const end = items === undefined ? Math.min(prefixItems.length, value.length) : value.length
  if (run.seen !== undefined) run.seen.items = Math.max(run.seen.items, end)
  let answer = true
  for (const [index, item] of value.slice(0, end).entries()) {
    const node = prefixItems[index] ?? items
    answer = (node === undefined || fits(node, item, within(place, index), forMember(run))) && answer
    if (!answer && run.problems === undefined) return false
  }
  return answer
}

const areUnique = (value: ReadonlyArray<Json>, place: Place, run: Run): boolean => {
  const first = new Map<string, number>()
  let answer = true
  for (const [index, item] of value.entries()) {
    const text = textOf(item, run)
    const other = first.get(text)
    if (other === undefined) first.set(text, index)
    else answer = refuse(run, within(place, index), `is the same as item ${other}`)
    if (!answer && run.problems === undefined) return false
  }
  return answer
}

const fitsContains = (
  fits: Fits,
  contains: Node,
  { maxContains = Infinity, minContains = 1 }: Rules,
  value: ReadonlyArray<Json>,
  place: Place,
  run: Run
): boolean => {
  const question = forQuestion(forMember(run))
  let found = 0
  for (const [index, item] of value.entries()) {
    if (!fits(contains, item, place, question)) continue
    found += 1
    run.seen?.indices.add(index)
  }
  if (found < minContains) {
    return refuse(
      run,
      place,
      `must contain at least ${count(minContains, "item")} that "contains" describes, not ${found}`
    )
  }
  return found <= maxContains ||
    refuse(run, place, `must contain at most ${count(maxContains, "item")} that "contains" describes, not ${found}`)
}

/** The items that no other keyword has looked at. */
export const fitsUnevaluatedItems = (
  fits: Fits,
  { unevaluatedItems: node }: Rules,
  value: ReadonlyArray<Json>,
  place: Place,
  run: Run
): boolean => {
  if (node === undefined || run.seen === undefined) return true
  let answer = true
  for (const [index, item] of value.entries()) {
    run.work.spend(1)
    if (run.seen.hasItem(index)) continue
    answer = fits(node, item, within(place, index), forMember(run)) && answer
    if (!answer && run.problems === undefined) return false
  }
  run.seen.items = value.length
  return answer
}
