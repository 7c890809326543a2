import type { Evaluation, Implementation, RunningImplementation } from "../Evaluation.ts"
import { failWith } from "../ExpressionFailure.ts"
import { append, deepEquals, truth } from "../Operators.ts"
import { mergeSort } from "../Sorting.ts"
import type { Run, Value } from "../Values.ts"
import { Fn, isArray, Sequence } from "../Values.ts"

const count: Implementation = (_, [values]) => isArray(values) ? values.length : 0

const reverse: Implementation = ({ meter }, [values]) => {
  if (!isArray(values) || values.length <= 1) return values
  meter.array(values.length)
  return values.toReversed()
}

const shuffle: Implementation = ({ meter, random }, [values]) => {
  if (!isArray(values) || values.length <= 1) return values
  meter.array(values.length)
  const result = [...values]
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    const kept = result[index]
    result[index] = result[other]
    result[other] = kept
  }
  return result
}

const zip: Implementation = ({ meter }, args) => {
  const length = Math.min(...args.map((values) => isArray(values) ? values.length : 0))
  meter.array(length)
  return Array.from({ length }, (_, index) => {
    meter.array(args.length)
    return args.map((values) => isArray(values) ? values[index] : undefined)
  })
}

const distinct: Implementation = ({ meter }, [values]) => {
  if (!isArray(values) || values.length <= 1) return values
  const results: Array<Value> = values instanceof Sequence ? new Sequence() : []
  const plain = new Set<Value>()
  const others: Array<Value> = []
  for (const value of values) {
    if (typeof value === "string") meter.read(value.length)
    const isPlain = typeof value !== "object" || value === null
    if (isPlain ? plain.has(value) : others.some((other) => deepEquals(value, other, meter))) continue
    meter.array(results.length + 1, 1)
    if (isPlain) plain.add(value)
    else others.push(value)
    results.push(value)
  }
  return results
}

/** The arguments for a function that may take less than three. */
const argsFor = (fn: Fn, value: Value, place: Value, whole: Value): ReadonlyArray<Value> =>
  [value, place, whole].slice(0, Math.max(1, fn.arity))

const map: RunningImplementation = function*(evaluation, [values, fn]) {
  if (!isArray(values) || !(fn instanceof Fn)) return undefined
  const results = new Sequence()
  for (let index = 0; index < values.length; index++) {
    const result = yield* evaluation.call(fn, argsFor(fn, values[index], index, values), null)
    if (result === undefined) continue
    evaluation.meter.array(results.length + 1, 1)
    results.push(result)
  }
  return results
}

function* fits(evaluation: Evaluation, fn: Value, value: Value, place: Value, whole: Value): Run<boolean> {
  if (!(fn instanceof Fn)) return true
  return truth(yield* evaluation.call(fn, argsFor(fn, value, place, whole), null), evaluation.meter)
}

const filter: RunningImplementation = function*(evaluation, [values, fn]) {
  if (!isArray(values)) return undefined
  const results = new Sequence()
  for (let index = 0; index < values.length; index++) {
    if (!(yield* fits(evaluation, fn, values[index], index, values))) continue
    evaluation.meter.array(results.length + 1, 1)
    results.push(values[index])
  }
  return results
}

const single: RunningImplementation = function*(evaluation, [values, fn]) {
  if (!isArray(values)) return undefined
  evaluation.meter.work(values.length)
  let found: { readonly value: Value } | undefined
  for (let index = 0; index < values.length; index++) {
    if (!(yield* fits(evaluation, fn, values[index], index, values))) continue
    if (found !== undefined) throw failWith("D3138")
    found = { value: values[index] }
  }
  if (found === undefined) throw failWith("D3139")
  return found.value
}

const reduce: RunningImplementation = function*(evaluation, [values, fn, initial]) {
  if (!isArray(values) || !(fn instanceof Fn)) return undefined
  if (fn.arity < 2) throw failWith("D3050")
  let index = initial === undefined && values.length > 0 ? 1 : 0
  let result = index === 1 ? values[0] : initial
  for (; index < values.length; index++) {
    result = yield* evaluation.call(fn, [result, values[index], index, values].slice(0, fn.arity), null)
  }
  return result
}

const sort: RunningImplementation = function*(evaluation, [values, fn]) {
  if (!isArray(values) || values.length <= 1) return values
  if (fn instanceof Fn) {
    return yield* mergeSort(evaluation, values, function*(left, right) {
      return Boolean(yield* evaluation.call(fn, [left, right], null))
    })
  }
  evaluation.meter.work(values.length)
  const numbers = values.every((value) => typeof value === "number")
  if (!numbers && !values.every((value) => typeof value === "string")) throw failWith("D3070")
  evaluation.meter.array(values.length)
  evaluation.meter.work(values.length * Math.log2(values.length) * 4)
  for (const value of values) if (typeof value === "string") evaluation.meter.read(value.length)
  // SAFETY: all are numbers, or all are texts: both compare with `<`.
  return [...values as ReadonlyArray<string>].sort((left, right) => left < right ? -1 : left > right ? 1 : 0)
}

/** Functions of arrays, by name. */
export const lists: Readonly<Record<string, Implementation>> = {
  count,
  reverse,
  shuffle,
  zip,
  distinct,
  append: ({ meter }, [left, right]) => append(left, right, meter)
}

/** Functions of arrays that call a function, by name, with the number of their arguments. */
export const listRuns: Readonly<Record<string, readonly [RunningImplementation, arity: number]>> = {
  map: [map, 2],
  filter: [filter, 2],
  single: [single, 2],
  reduce: [reduce, 3],
  sort: [sort, 2]
}
