import type { JsonObject } from "effect/Schema"
import { isObject, isSame, ownMember } from "./Json.ts"
import { Limits } from "./Limits.ts"

/** How deep into a value its members are named. */
const deepest = 4

/** A name that can stand in a path without being taken for something else. */
const plainName = /^[A-Za-z0-9_$-]{1,64}$/

/**
 * The paths of the members that differ (`config.headers.accept`), as deep as they are few enough to be named; never
 * fewer than those of the values themselves. A list counts as a whole.
 */
export const differingMembers = (before: JsonObject, after: JsonObject): ReadonlyArray<string> => {
  for (let depth = deepest; depth > 1; depth--) {
    const paths = pathsOf(before, after, depth).take(Limits.changedMembers + 1).toArray()
    if (paths.length <= Limits.changedMembers) return paths
  }
  return pathsOf(before, after, 1).toArray()
}

function* pathsOf(before: JsonObject, after: JsonObject, depth: number, within = ""): Generator<string, void> {
  for (const name of namesOf(before, after)) {
    const [was, is] = [ownMember(before, name), ownMember(after, name)]
    if (isSame(was, is)) continue
    const path = `${within}${name}`
    if (depth > 1 && isObject(was) && isObject(is) && hasPlainNames(was) && hasPlainNames(is)) {
      yield* pathsOf(was, is, depth - 1, `${path}.`)
    } else yield path
  }
}

function* namesOf(before: JsonObject, after: JsonObject): Generator<string, void> {
  yield* Object.keys(before)
  for (const name of Object.keys(after)) if (!Object.hasOwn(before, name)) yield name
}

const hasPlainNames = (value: JsonObject): boolean => Object.keys(value).every((name) => plainName.test(name))
