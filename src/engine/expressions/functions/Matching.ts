import type { Evaluation, RunningImplementation } from "../Evaluation.ts"
import { failWith } from "../ExpressionFailure.ts"
import type { PatternMatch } from "../Pattern.ts"
import { matchValue } from "../Regexes.ts"
import type { FoundMatch, Run, Value } from "../Values.ts"
import { emptyMembers, Fn, isArray, isMembers, Matcher, Sequence } from "../Values.ts"

/** Finds one match after the other: of a regular expression, or of a function that gives matches as one does. */
const matchesOf = (evaluation: Evaluation, matcher: Fn, text: string): () => Run<PatternMatch | undefined> => {
  if (matcher instanceof Matcher) return matchesOfPattern(evaluation, matcher, text)
  let next: (() => Run<PatternMatch | undefined>) | undefined
  function* found(fn: Fn, args: ReadonlyArray<Value>): Run<PatternMatch | undefined> {
    const result = yield* evaluation.call(fn, args, null)
    const following = isMembers(result) ? result["next"] : undefined
    next = following instanceof Fn ? () => found(following, []) : undefined
    return result === undefined || result === null ? undefined : toMatch(result)
  }
  next = () => found(matcher, [text])
  return function*() {
    return next === undefined ? undefined : yield* next()
  }
}

const matchesOfPattern = (
  { meter }: Evaluation,
  matcher: Matcher,
  text: string
): () => Run<PatternMatch | undefined> => {
  let next: (() => FoundMatch | undefined) | undefined = () => matcher.find(text)
  return function*() {
    if (meter.enter()) yield
    const match: FoundMatch | undefined = next?.()
    next = match?.next
    meter.leave()
    return match
  }
}

const toMatch = (value: Value): PatternMatch => {
  if (!isMembers(value)) throw failWith("T1010")
  const { end, groups, match, start } = {
    end: value["end"],
    groups: value["groups"],
    match: value["match"],
    start: value["start"]
  }
  if (typeof match !== "string" || typeof start !== "number" || typeof end !== "number" || !isArray(groups)) {
    throw failWith("T1010")
  }
  return {
    text: match,
    start,
    end,
    groups: groups.map((group) => typeof group === "string" ? group : undefined)
  }
}

const limitOf = (limit: Value, code: string): number => {
  if (typeof limit !== "number") return Infinity
  if (limit < 0) throw failWith(code)
  return limit
}

const contains: RunningImplementation = function*(evaluation, [text, token]) {
  if (typeof text !== "string" || token === undefined) return undefined
  if (token instanceof Fn) return (yield* matchesOf(evaluation, token, text)()) !== undefined
  evaluation.meter.read(text.length)
  return text.includes(String(token))
}

const match: RunningImplementation = function*(evaluation, [text, pattern, limit]) {
  if (typeof text !== "string" || !(pattern instanceof Fn)) return undefined
  const most = limitOf(limit, "D3040")
  const results = new Sequence()
  const take = matchesOf(evaluation, pattern, text)
  while (results.length < most) {
    const found = yield* take()
    if (found === undefined) break
    evaluation.meter.array(results.length + 1, 1)
    evaluation.meter.object(3 + found.groups.length)
    results.push(Object.assign(emptyMembers(), { match: found.text, index: found.start, groups: [...found.groups] }))
  }
  return results
}

const split: RunningImplementation = function*(evaluation, [text, separator, limit]) {
  if (typeof text !== "string") return undefined
  const { meter } = evaluation
  const most = limitOf(limit, "D3020")
  if (typeof separator === "string") {
    meter.read(text.length)
    const parts = separator === "" ? text.length : text.split(separator).length
    meter.array(Math.min(parts, Math.trunc(most)))
    return text.split(separator, Number.isFinite(most) ? most : undefined)
  }
  const results: Array<Value> = []
  if (!(separator instanceof Fn)) return results
  const take = matchesOf(evaluation, separator, text)
  let start = 0
  while (results.length < most) {
    const found = yield* take()
    meter.array(results.length + 1, 1)
    if (found === undefined) {
      results.push(text.slice(start))
      break
    }
    results.push(text.slice(start, found.start))
    start = found.end
  }
  return results
}

const replace: RunningImplementation = function*(evaluation, [text, pattern, replacement, limit]) {
  if (typeof text !== "string") return undefined
  if (pattern === "") throw failWith("D3010")
  const { meter } = evaluation
  const most = limitOf(limit, "D3011")
  let result = ""
  const add = (part: string) => {
    meter.joined(result.length + part.length)
    result += part
  }
  let position = 0
  if (typeof pattern === "string") {
    meter.read(text.length)
    for (let count = 0; count < most; count++) {
      const place = text.indexOf(pattern, position)
      if (place < 0) break
      add(text.slice(position, place))
      add(String(replacement))
      position = place + pattern.length
    }
  } else if (pattern instanceof Fn) {
    const take = matchesOf(evaluation, pattern, text)
    for (let count = 0; count < most; count++) {
      const found = yield* take()
      if (found === undefined) break
      add(text.slice(position, found.start))
      const made = typeof replacement === "string"
        ? substitute(replacement, found)
        : replacement instanceof Fn
        ? yield* evaluation.call(replacement, [matchValue(found)], null)
        : undefined
      if (typeof made !== "string") throw failWith("D3012")
      add(made)
      position = found.start + found.text.length
    }
  }
  add(text.slice(position))
  return result
}

/** A replacement with `$0`, `$1` … put in; `$$` is a dollar. */
const substitute = (replacement: string, { groups, text }: PatternMatch): string =>
  replacement.replace(/\$(\$|\d+)?/g, (whole: string, mark: string | undefined) => {
    if (mark === undefined) return whole
    if (mark === "$") return "$"
    if (mark.startsWith("0")) return text + mark.slice(1)
    let digits = groups.length === 0 ? 1 : Math.floor(Math.log10(groups.length)) + 1
    if (digits > 1 && Number(mark.slice(0, digits)) > groups.length) digits--
    const number = String(Number(mark.slice(0, digits)))
    return (groups[Number(number) - 1] ?? "") + mark.slice(number.length)
  })

/** Functions that take a regular expression, by name, with the number of their arguments. */
export const matching: Readonly<Record<string, readonly [RunningImplementation, arity: number]>> = {
  contains: [contains, 2],
  match: [match, 3],
  split: [split, 3],
  replace: [replace, 4]
}
