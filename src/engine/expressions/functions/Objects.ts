import type { Implementation, RunningImplementation } from "../Evaluation.ts"
import { ExpressionFailure } from "../ExpressionFailure.ts"
import { ExpressionLimits as Limits } from "../ExpressionLimits.ts"
import { lookup, pushAll } from "../Lookup.ts"
import type { Meter } from "../Meter.ts"
import { over } from "../Meter.ts"
import { isNumber, truth } from "../Operators.ts"
import { copy } from "../Transforms.ts"
import type { Value } from "../Values.ts"
import { emptyMembers, Fn, isArray, isMembers, Sequence } from "../Values.ts"

const namesOf = (value: Value, meter: Meter): ReadonlyArray<string> => {
  if (!isMembers(value)) return []
  const names = Object.keys(value)
  meter.work(names.length)
  return names
}

const keys: Implementation = ({ meter }, [value]) => {
  const found = new Set<string>()
  collectNames(value, found, meter, 0)
  const names = new Sequence()
  for (const name of found) pushAll(names, name, meter)
  return names
}

const collectNames = (value: Value, into: Set<string>, meter: Meter, depth: number): void => {
  if (depth > Limits.valueDepth) {
    throw over("value-depth", `works on a value that nests deeper than ${Limits.valueDepth}`)
  }
  if (isArray(value)) { for (const item of value) collectNames(item, into, meter, depth + 1) }
  else for (const name of namesOf(value, meter)) into.add(name)
  meter.work(1)
}

const spread: Implementation = ({ meter }, [value]) => {
  if (!isArray(value) && !isMembers(value)) return value instanceof Fn ? undefined : value
  const parts = new Sequence()
  spreadInto(value, parts, meter, 0)
  return parts
}

const spreadInto = (value: Value, into: Sequence, meter: Meter, depth: number): void => {
  if (depth > Limits.valueDepth) {
    throw over("value-depth", `works on a value that nests deeper than ${Limits.valueDepth}`)
  }
  if (isArray(value)) {
    for (const item of value) spreadInto(item, into, meter, depth + 1)
  } else if (isMembers(value)) {
    for (const name of namesOf(value, meter)) {
      meter.object(1)
      const part = emptyMembers()
      part[name] = value[name]
      pushAll(into, part, meter)
    }
  } else pushAll(into, value, meter)
}

const merge: Implementation = ({ meter }, [values]) => {
  if (!isArray(values)) return undefined
  meter.work(values.length)
  const merged = emptyMembers()
  for (const value of values) {
    if (!isMembers(value)) continue
    const names = namesOf(value, meter)
    meter.object(names.length)
    for (const name of names) merged[name] = value[name]
  }
  return merged
}

const each: RunningImplementation = function*(evaluation, [value, fn]) {
  const results = new Sequence()
  if (!isMembers(value) || !(fn instanceof Fn)) return results
  for (const name of namesOf(value, evaluation.meter)) {
    const args = [value[name], name, value].slice(0, Math.max(1, fn.arity))
    const result = yield* evaluation.call(fn, args, null)
    if (result === undefined) continue
    evaluation.meter.array(results.length + 1, 1)
    results.push(result)
  }
  return results
}

const sift: RunningImplementation = function*(evaluation, [value, fn]) {
  if (!isMembers(value)) return undefined
  const kept = emptyMembers()
  let any = false
  for (const name of namesOf(value, evaluation.meter)) {
    if (fn instanceof Fn) {
      const args = [value[name], name, value].slice(0, Math.max(1, fn.arity))
      if (!truth(yield* evaluation.call(fn, args, null), evaluation.meter)) continue
    }
    evaluation.meter.object(1)
    kept[name] = value[name]
    any = true
  }
  return any ? kept : undefined
}

const type: Implementation = (_, [value]) => {
  if (value === undefined) return undefined
  if (value === null) return "null"
  if (isNumber(value)) return "number"
  if (isArray(value)) return "array"
  return value instanceof Fn ? "function" : typeof value
}

const stop = (code: string, fallback: string) => (message: Value): never => {
  throw new ExpressionFailure({
    code,
    message: typeof message === "string" && message !== "" ? message : fallback
  })
}

const fail = stop("D3137", "$error() was called")
const failAssert = stop("D3141", "$assert() failed")

/** Functions of any value, by name. */
export const objects: Readonly<Record<string, Implementation>> = {
  keys,
  lookup: ({ meter }, [value, name]) => typeof name === "string" ? lookup(value, name, meter) : undefined,
  spread,
  merge,
  type,
  exists: (_, [value]) => value !== undefined,
  boolean: ({ meter }, [value]) => value === undefined ? undefined : truth(value, meter),
  not: ({ meter }, [value]) => value === undefined ? undefined : !truth(value, meter),
  clone: ({ meter }, [value]) => value === undefined ? undefined : copy(value, meter),
  error: (_, [message]) => fail(message),
  assert: (_, [condition, message]) => condition === true ? undefined : failAssert(message),
  random: ({ random }) => random()
}

/** Functions of objects that call a function, by name, with the number of their arguments. */
export const objectRuns: Readonly<Record<string, readonly [RunningImplementation, arity: number]>> = {
  each: [each, 2],
  sift: [sift, 2]
}
