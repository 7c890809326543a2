import type { JsonObject } from "effect/Schema"
import type { Fits } from "./Fits.ts"
import { matches } from "./Pattern.ts"
import type { Place } from "./Problems.ts"
import { count, Problems, within } from "./Problems.ts"
import type { Node, Rules } from "./Rules.ts"
import type { Run } from "./Run.ts"
import { forMember, refuse } from "./Run.ts"

/** The keywords of objects. */
export const fitsObject = (fits: Fits, rules: Rules, value: JsonObject, place: Place, run: Run): boolean => {
  const checks = [fitsCount, fitsRequired, fitsNames, fitsMembers]
  let answer = true
  for (const check of checks) {
    answer = check(fits, rules, value, place, run) && answer
    if (!answer && run.problems === undefined) return false
  }
  return answer
}

const fitsCount: Check = (_, { maxProperties, minProperties }, value, place, run) => {
  if (maxProperties === undefined && minProperties === undefined) return true
  const members = Object.keys(value).length
  run.work.spend(members)
  if (members < (minProperties ?? 0)) {
    return refuse(run, place, `must have at least ${count(minProperties ?? 0, "member")}`)
  }
  return members <= (maxProperties ?? Infinity) ||
    refuse(run, place, `must have at most ${count(maxProperties ?? 0, "member")}`)
}

const fitsRequired: Check = (_, { dependentRequired, required }, value, place, run) => {
  let answer = hasAll(required ?? [], "is required", value, place, run)
  for (const [name, others] of dependentRequired ?? []) {
    run.work.spend(1)
    if (!Object.hasOwn(value, name)) continue
    answer = hasAll(others, `is required where "${name}" is there`, value, place, run) && answer
  }
  return answer
}

const hasAll = (names: ReadonlyArray<string>, message: string, value: JsonObject, place: Place, run: Run): boolean => {
  run.work.spend(names.length)
  const missing = names.filter((name) => !Object.hasOwn(value, name))
  for (const name of missing) refuse(run, within(place, name), message)
  return missing.length === 0
}

const fitsNames: Check = (fits, { propertyNames: node }, value, place, run) => {
  if (node === undefined) return true
  let answer = true
  for (const name of Object.keys(value)) {
    const problems = run.problems === undefined ? undefined : new Problems(run.work)
    const at = within(place, name)
    if (fits(node, name, at, { work: run.work, problems, seen: undefined })) continue
    answer = false
    if (problems === undefined) return false
    for (const { message } of problems.all) refuse(run, at, `as a name ${message}`)
  }
  return answer
}

const fitsMembers: Check = (fits, rules, value, place, run) => {
  const { additionalProperties, patternProperties = [], properties } = rules
  if (properties === undefined && patternProperties.length === 0 && additionalProperties === undefined) return true
  const own = forMember(run)
  let answer = true
  for (const [name, member] of Object.entries(value)) {
    run.work.spend(1)
    const nodes = nodesFor(name, properties, patternProperties, run)
    if (nodes.length > 0 || additionalProperties !== undefined) run.seen?.names.add(name)
    if (nodes.length === 0 && additionalProperties === false) {
      answer = refuse(run, within(place, name), "is not known here")
    } else if (nodes.length === 0 && additionalProperties !== undefined) nodes.push(additionalProperties)
    for (const node of nodes) answer = fits(node, member, within(place, name), own) && answer
    if (!answer && run.problems === undefined) return false
  }
  return answer
}

const nodesFor = (
  name: string,
  properties: ReadonlyMap<string, Node> | undefined,
  patternProperties: Exclude<Rules["patternProperties"], undefined>,
  run: Run
): Array<Node> => {
  const property = properties?.get(name)
  const nodes = property === undefined ? [] : [property]
  for (const [pattern, node] of patternProperties) if (matches(pattern, name, run.work)) nodes.push(node)
  return nodes
}

/** The members that no other keyword has looked at. */
export const fitsUnevaluatedProperties: Check = (fits, { unevaluatedProperties: node }, value, place, run) => {
  if (node === undefined || run.seen === undefined) return true
  let answer = true
  for (const [name, member] of Object.entries(value)) {
    run.work.spend(1)
    if (run.seen.names.has(name)) continue
    run.seen.names.add(name)
    answer = (node === false
      ? refuse(run, within(place, name), "is not known here")
      : fits(node, member, within(place, name), forMember(run))) && answer
    if (!answer && run.problems === undefined) return false
  }
  return answer
}

type Check = (fits: Fits, rules: Rules, value: JsonObject, place: Place, run: Run) => boolean
