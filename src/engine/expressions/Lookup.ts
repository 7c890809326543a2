import { ExpressionLimits as Limits } from "./ExpressionLimits.ts"
import type { Meter } from "./Meter.ts"
import { over } from "./Meter.ts"
import type { Value } from "./Values.ts"
import { isArray, isMembers, Sequence, sequenceOf } from "./Values.ts"

/** The member of an object, or those of all objects in an array. Only a value's own members are seen. */
export const lookup = (input: Value, name: string, meter: Meter, depth = 0): Value => {
  if (isArray(input)) {
    if (depth > Limits.valueDepth) {
      throw over("value-depth", `works on a value that nests deeper than ${Limits.valueDepth}`)
    }
    meter.work(input.length)
    const found = new Sequence()
    for (const item of input) pushAll(found, lookup(item, name, meter, depth + 1), meter)
    return found
  }
  return isMembers(input) && Object.hasOwn(input, name) ? input[name] : undefined
}

/** Adds a value, or all items of an array, to a sequence; nothing is left out. */
export const pushAll = (sequence: Array<Value>, value: Value, meter: Meter): void => {
  if (value === undefined) return
  if (!isArray(value)) {
    meter.array(sequence.length + 1, 1)
    sequence.push(value)
    return
  }
  meter.array(sequence.length + value.length, value.length)
  for (const item of value) sequence.push(item)
}

/** The values of an object's members, arrays among them flattened. */
export const members = (input: Value, meter: Meter): Value => {
  if (!isMembers(input)) return new Sequence()
  const names = Object.keys(input)
  meter.work(names.length)
  const values = names.map((name) => input[name])
  const found: Array<Value> = values.some(isArray) ? [] : new Sequence()
  for (const value of values) {
    if (isArray(value)) flatten(value, found, meter, 0)
    else {
      meter.array(found.length + 1, 1)
      found.push(value)
    }
  }
  return found
}

const flatten = (value: Value, into: Array<Value>, meter: Meter, depth: number): void => {
  if (depth > Limits.valueDepth) {
    throw over("value-depth", `works on a value that nests deeper than ${Limits.valueDepth}`)
  }
  if (isArray(value)) {
    meter.work(value.length)
    for (const item of value) flatten(item, into, meter, depth + 1)
  } else {
    meter.array(into.length + 1, 1)
    into.push(value)
  }
}

/** A value and all that hangs on it, arrays flattened. */
export const descendants = (input: Value, meter: Meter): Value => {
  if (input === undefined) return undefined
  const found = sequenceOf()
  descend(input, found, meter, 0)
  return found.length === 1 ? found[0] : found
}

const descend = (value: Value, into: Array<Value>, meter: Meter, depth: number): void => {
  if (depth > Limits.valueDepth) {
    throw over("value-depth", `works on a value that nests deeper than ${Limits.valueDepth}`)
  }
  if (isArray(value)) {
    meter.work(value.length)
    for (const item of value) descend(item, into, meter, depth + 1)
    return
  }
  meter.array(into.length + 1, 1)
  into.push(value)
  if (!isMembers(value)) return
  for (const name of Object.keys(value)) descend(value[name], into, meter, depth + 1)
}
