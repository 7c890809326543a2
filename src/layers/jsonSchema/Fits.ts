import type { Json } from "effect/Schema"
import { isObject } from "../../domain/Json.ts"
import { fitsArray, fitsUnevaluatedItems } from "./Arrays.ts"
import { fitsCombinations } from "./Combinations.ts"
import { fitsObject, fitsUnevaluatedProperties } from "./Objects.ts"
import type { Place } from "./Problems.ts"
import type { Node, Rules } from "./Rules.ts"
import type { Run } from "./Run.ts"
import { refuse, Seen, takeOver } from "./Run.ts"
import { fitsChoices, fitsNumber, fitsString, fitsType } from "./Scalars.ts"

/** Applies a schema to a value. */
export type Fits = (node: Node, value: Json, place: Place, run: Run) => boolean

/** Whether a value fits a schema; why not, is told to the run. */
export const fits: Fits = (node, value, place, run) => {
  run.work.enter()
  const answer = typeof node === "boolean"
    ? node || refuse(run, place, "is not allowed here")
    : fitsRules(node, value, place, run)
  run.work.leave()
  return answer
}

/** A value of a wrong type, or none of those that are allowed, is told as that alone. */
const fitsRules = (rules: Rules, value: Json, place: Place, run: Run): boolean => {
  if (!fitsType(rules, value, place, run) || !fitsChoices(rules, value, place, run)) return false
  const looksAtRest = rules.unevaluatedItems !== undefined || rules.unevaluatedProperties !== undefined
  const own = looksAtRest ? { ...run, seen: new Seen() } : run
  const isKindRight = fitsKind(rules, value, place, own)
  if (!isKindRight && run.problems === undefined) return false
  // What is left over can't be told when it is not known which schemas looked at the value.
  if (!fitsCombinations(fits, rules, value, place, own)) return false
  if (!looksAtRest) return isKindRight
  const isRestRight = fitsRest(rules, value, place, own)
  takeOver(run, own)
  return isKindRight && isRestRight
}

const fitsKind = (rules: Rules, value: Json, place: Place, run: Run): boolean => {
  if (typeof value === "string") return fitsString(rules, value, place, run)
  if (typeof value === "number") return fitsNumber(rules, value, place, run)
  if (Array.isArray(value)) return fitsArray(fits, rules, value, place, run)
  return !isObject(value) || fitsObject(fits, rules, value, place, run)
}

const fitsRest = (rules: Rules, value: Json, place: Place, run: Run): boolean =>
  Array.isArray(value)
    ? fitsUnevaluatedItems(fits, rules, value, place, run)
    : !isObject(value) || fitsUnevaluatedProperties(fits, rules, value, place, run)
