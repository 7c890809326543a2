import type { Json } from "effect/Schema"
import { isObject } from "../../domain/Json.ts"
import { closest } from "./Closest.ts"
import type { Fits } from "./Fits.ts"
import type { Place, Problem } from "./Problems.ts"
import type { Node, Rules } from "./Rules.ts"
import type { Run } from "./Run.ts"
import { forBranch, forQuestion, refuse, takeOver } from "./Run.ts"

/** The keywords that apply other schemas to the same value. */
export const fitsCombinations = (fits: Fits, rules: Rules, value: Json, place: Place, run: Run): boolean => {
  let answer = true
  for (const node of applied(fits, rules, value, place, run)) {
    answer = fits(node, value, place, run) && answer
    if (!answer && run.problems === undefined) return false
  }
  if (rules.anyOf !== undefined) {
    answer = fitsSome(fits, rules.anyOf, 1, value, place, run) && answer
    if (!answer && run.problems === undefined) return false
  }
  if (rules.oneOf !== undefined) {
    answer = fitsSome(fits, rules.oneOf, 2, value, place, run) && answer
    if (!answer && run.problems === undefined) return false
  }
  // What `not` has looked at does not count: a schema that does not fit leaves nothing behind.
  if (rules.not !== undefined && fits(rules.not, value, place, { ...forQuestion(run), seen: undefined })) {
    answer = refuse(run, place, "must not be what \"not\" describes")
  }
  return answer
}

/** The schemas that the value must fit, one after the other. */
function* applied(fits: Fits, rules: Rules, value: Json, place: Place, run: Run): Generator<Node> {
  for (const { target } of rules.references) yield target
  yield* rules.allOf ?? []
  if (rules.if !== undefined) {
    const question = forQuestion(run)
    const holds = fits(rules.if, value, place, question)
    if (holds) takeOver(run, question)
    const next = holds ? rules.then : rules.else
    if (next !== undefined) yield next
  }
  if (rules.dependentSchemas !== undefined && isObject(value)) {
    for (const [name, node] of rules.dependentSchemas) {
      run.work.spend(1)
      if (Object.hasOwn(value, name)) yield node
    }
  }
}

/** At least one fits, and fewer than `tooMany` (`anyOf` has no such number: 1 ends the search). */
const fitsSome = (
  fits: Fits,
  nodes: ReadonlyArray<Node>,
  enough: 1 | 2,
  value: Json,
  place: Place,
  run: Run
): boolean => {
  const told: Array<ReadonlyArray<Problem>> = []
  let fitting = 0
  for (const node of nodes) {
    const branch = forBranch(run)
    if (fits(node, value, place, branch)) {
      fitting += 1
      takeOver(run, branch)
      if (fitting === enough && (enough === 2 || run.seen === undefined)) break
    } else if (branch.problems !== undefined) told.push(branch.problems.all)
  }
  if (fitting === 0) {
    for (const problem of closest(told, place)) run.problems?.tell(problem)
    return false
  }
  return enough === 1 || fitting === 1 || refuse(run, place, "fits more than one of its forms")
}
