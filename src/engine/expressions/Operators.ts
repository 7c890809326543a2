import { failWith } from "./ExpressionFailure.ts"
import { ExpressionLimits as Limits } from "./ExpressionLimits.ts"
import type { Meter } from "./Meter.ts"
import { over } from "./Meter.ts"
import type { BinaryOperator } from "./Syntax.ts"
import type { Value } from "./Values.ts"
import { Fn, isArray, isMembers, Sequence } from "./Values.ts"

/** Whether a value is a number; an infinite one is refused. */
export const isNumber = (value: Value): value is number => {
  if (typeof value !== "number" || Number.isNaN(value)) return false
  if (!Number.isFinite(value)) throw failWith("D1001")
  return true
}

export const arithmetic = (left: Value, operator: "+" | "-" | "*" | "/" | "%", right: Value): Value => {
  if (left !== undefined && !isNumber(left)) throw failWith("T2001", { token: operator })
  if (right !== undefined && !isNumber(right)) throw failWith("T2002", { token: operator })
  if (left === undefined || right === undefined) return undefined
  switch (operator) {
    case "+":
      return left + right
    case "-":
      return left - right
    case "*":
      return left * right
    case "/":
      return left / right
    case "%":
      return left % right
  }
}

export const compare = (left: Value, operator: "<" | "<=" | ">" | ">=", right: Value, meter: Meter): Value => {
  if (!isComparable(left) || !isComparable(right)) throw failWith("T2010", { token: operator })
  if (left === undefined || right === undefined) return undefined
  if (typeof left !== typeof right) throw failWith("T2009", { token: operator })
  if (typeof left === "string" && typeof right === "string") meter.read(Math.min(left.length, right.length))
  switch (operator) {
    case "<":
      return left < right
    case "<=":
      return left <= right
    case ">":
      return left > right
    case ">=":
      return left >= right
  }
}

const isComparable = (value: Value): value is undefined | string | number =>
  value === undefined || typeof value === "string" || typeof value === "number"

/** Whether two values are the same, members and items included. */
export const deepEquals = (left: Value, right: Value, meter: Meter, depth = 0): boolean => {
  meter.work(1)
  if (typeof left === "string" && typeof right === "string") {
    if (left.length === right.length) meter.read(left.length)
    return left === right
  }
  if (left === right) return true
  if (depth > Limits.valueDepth) throw tooDeep()
  if (isArray(left) && isArray(right)) {
    return left.length === right.length && left.every((item, index) => deepEquals(item, right[index], meter, depth + 1))
  }
  if (!isMembers(left) || !isMembers(right)) return false
  const names = Object.keys(left)
  const others = Object.keys(right)
  meter.work(names.length + others.length)
  return names.length === others.length &&
    names.every((name) => Object.hasOwn(right, name) && deepEquals(left[name], right[name], meter, depth + 1))
}

/** JSONata's boolean cast; `undefined` is nothing, which is false. */
export const truth = (value: Value, meter: Meter, depth = 0): boolean => {
  if (isArray(value)) {
    if (depth > Limits.valueDepth) throw tooDeep()
    meter.work(value.length)
    return value.some((item) => truth(item, meter, depth + 1))
  }
  if (typeof value === "string") return value.length > 0
  if (typeof value === "number") return isNumber(value) && value !== 0
  if (isMembers(value)) {
    for (const name in value) if (Object.hasOwn(value, name)) return true
    return false
  }
  return value === true
}

/** Whole numbers from `left` to `right`. */
export const range = (left: Value, right: Value, meter: Meter): Value => {
  if (left !== undefined && !Number.isInteger(left)) throw failWith("T2003", { token: ".." })
  if (right !== undefined && !Number.isInteger(right)) throw failWith("T2004", { token: ".." })
  if (typeof left !== "number" || typeof right !== "number" || left > right) return undefined
  const size = right - left + 1
  meter.array(size)
  const sequence = new Sequence()
  for (let index = 0; index < size; index++) sequence.push(left + index)
  return sequence
}

/** Whether `left` is one of the items of `right`. */
export const includes = (left: Value, right: Value, meter: Meter): boolean => {
  if (left === undefined || right === undefined) return false
  const items = isArray(right) ? right : [right]
  meter.work(items.length)
  if (typeof left === "string") {
    for (const item of items) if (typeof item === "string" && item.length === left.length) meter.read(item.length)
  }
  return items.includes(left)
}

/** A value as text: texts as they are, the rest as JSON with 15 digits at most; functions are empty. */
export const toText = (value: Value, meter: Meter, indent = 0): string => {
  if (typeof value === "string") return value
  if (value === undefined || value instanceof Fn) return ""
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw failWith("D3001")
    return String(Number.isInteger(value) ? value : Number(value.toPrecision(15)))
  }
  if (typeof value === "boolean" || value === null) return String(value)
  weigh(value, meter, indent)
  const text = JSON.stringify(value, (_, member: Value) => {
    if (typeof member === "number") {
      return isNumber(member) && !Number.isInteger(member)
        ? Number(member.toPrecision(15))
        : member
    }
    return member instanceof Fn ? "" : member
  }, indent)
  meter.text(text.length)
  return text
}

/** Counts all that hangs on a value before it is printed; also ends where a value holds itself. */
export const weigh = (value: Value, meter: Meter, indent = 0, depth = 0): void => {
  meter.work(1 + indent * depth / 8)
  if (typeof value === "string") meter.text(value.length)
  if (typeof value !== "object" || value === null || value instanceof Fn) return
  if (depth > Limits.valueDepth) throw tooDeep()
  if (isArray(value)) {
    for (const item of value) weigh(item, meter, indent, depth + 1)
  } else if (isMembers(value)) {
    for (const [name, member] of Object.entries(value)) {
      meter.text(name.length)
      weigh(member, meter, indent, depth + 1)
    }
  }
}

/** One array of both; nothing is left out. */
export const append = (left: Value, right: Value, meter: Meter): Value => {
  if (left === undefined) return right
  if (right === undefined) return left
  const first = isArray(left) ? left : [left]
  const second = isArray(right) ? right : [right]
  meter.array(first.length + second.length)
  return [...first, ...second]
}

const tooDeep = () => over("value-depth", `works on a value that nests deeper than ${Limits.valueDepth}`)

/** Applies an operator to two values. */
export const operate = (
  left: Value,
  operator: Exclude<BinaryOperator, "and" | "or">,
  right: Value,
  meter: Meter
): Value => {
  switch (operator) {
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(left, operator, right)
    case "=":
      return left !== undefined && right !== undefined && deepEquals(left, right, meter)
    case "!=":
      return left !== undefined && right !== undefined && !deepEquals(left, right, meter)
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compare(left, operator, right, meter)
    case "&": {
      const [first, second] = [toText(left, meter), toText(right, meter)]
      meter.joined(first.length + second.length)
      return first + second
    }
    case "..":
      return range(left, right, meter)
    case "in":
      return includes(left, right, meter)
  }
}
