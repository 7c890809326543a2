import { call, callOf, chain, partially } from "./Calls.ts"
import { direct, later } from "./Direct.ts"
import type { Evaluation } from "./Evaluation.ts"
import { failWith, locate } from "./ExpressionFailure.ts"
import type { Frame } from "./Frame.ts"
import { Frame as NewFrame } from "./Frame.ts"
import { makeGroup } from "./Groups.ts"
import { descendants, lookup, members } from "./Lookup.ts"
import type { Meter } from "./Meter.ts"
import { isNumber, operate, truth } from "./Operators.ts"
import { evaluatePath, filter } from "./Paths.ts"
import { regexOf } from "./Regexes.ts"
import type { Node } from "./Syntax.ts"
import { transformer } from "./Transforms.ts"
import type { Fn, Run, Value } from "./Values.ts"
import { ConstructedArray, Lambda, Sequence } from "./Values.ts"

/**
 * Evaluates expressions as JSONata does, but counts all that they cost and gives turns to the event loop. JSONata's own
 * evaluator can't be bounded from outside, changes the data it reads in some cases, and takes a promise for each node.
 */
export class Evaluator implements Evaluation {
  readonly meter: Meter
  readonly now: number
  readonly random: () => number

  constructor(meter: Meter, now: number, random: () => number) {
    this.meter = meter
    this.now = now
    this.random = random
  }

  *evaluate(node: Node, input: Value, frame: Frame): Run<Value> {
    const known = direct(this, node, input, frame)
    if (known !== later) {
      if (this.meter.isTurnDue()) yield
      return known
    }
    if (this.meter.enter()) yield
    let result = yield* this.parts(node, input, frame)
    for (const predicate of node.predicates) result = yield* filter(this, predicate, result, frame)
    if (node.group !== null && node.kind !== "path") result = yield* makeGroup(this, node.group, result, frame)
    this.meter.leave()
    if (!(result instanceof Sequence)) return result
    if (node.keepArray) result.keepSingleton = true
    return result.length === 0 ? undefined : result.length === 1 && !result.keepSingleton ? result[0] : result
  }

  /** What a node gives by its kind alone. */
  private *parts(node: Node, input: Value, frame: Frame): Run<Value> {
    switch (node.kind) {
      case "literal":
        return node.value
      case "name":
        return lookup(input, node.name, this.meter)
      case "variable":
        return node.name === "" ? input : frame.lookup(node.name)
      case "path":
        return yield* evaluatePath(this, node, input, frame)
      case "binary":
        return yield* binary(this, node, input, frame)
      case "call":
        return yield* callOf(this, node, input, frame)
      case "condition": {
        const condition = yield* this.evaluate(node.condition, input, frame)
        const branch = truth(condition, this.meter) ? node.then : node.otherwise
        return branch === null ? undefined : yield* this.evaluate(branch, input, frame)
      }
      case "block": {
        const inner = new NewFrame(frame)
        let result: Value = undefined
        for (const expression of node.expressions) result = yield* this.evaluate(expression, input, inner)
        return result
      }
      case "bind": {
        const value = yield* this.evaluate(node.value, input, frame)
        frame.bind(node.name, value)
        return value
      }
      case "lambda":
        this.meter.object(8)
        return new Lambda(node, input, frame)
      case "partial":
        return yield* partially(this, node, input, frame)
      case "apply":
        return yield* chain(this, node, input, frame)
      case "array":
        return yield* arrayOf(this, node, input, frame)
      case "object":
        return yield* makeGroup(this, node.pairs, input, frame)
      case "negate": {
        const operand = yield* this.evaluate(node.operand, input, frame)
        if (operand === undefined) return undefined
        if (!isNumber(operand)) throw locate(failWith("D1002"), node.position)
        return -operand
      }
      case "wildcard":
        return members(input, this.meter)
      case "descendants":
        return descendants(input, this.meter)
      case "parent":
        return frame.lookup(node.label)
      case "regex":
        return regexOf(node.pattern, this.meter)
      case "transform":
        return transformer(this, node, frame)
      case "sort":
        return undefined
    }
  }

  call(fn: Fn, args: ReadonlyArray<Value>, input: Value): Run<Value> {
    return call(this, fn, args, input)
  }
}

function* arrayOf(
  evaluation: Evaluation,
  node: Extract<Node, { readonly kind: "array" }>,
  input: Value,
  frame: Frame
): Run<Value> {
  const result = node.constructsArray ? new ConstructedArray() : []
  for (const item of node.items) {
    const value = yield* evaluation.evaluate(item, input, frame)
    if (value === undefined) continue
    if (Array.isArray(value) && item.kind !== "array") {
      evaluation.meter.array(result.length + value.length, value.length)
      for (const inner of value) result.push(inner)
    } else {
      evaluation.meter.array(result.length + 1, 1)
      result.push(value)
    }
  }
  return result
}

function* binary(
  evaluation: Evaluation,
  node: Extract<Node, { readonly kind: "binary" }>,
  input: Value,
  frame: Frame
): Run<Value> {
  const left = yield* evaluation.evaluate(node.left, input, frame)
  if (node.operator === "and" || node.operator === "or") {
    if (truth(left, evaluation.meter) === (node.operator === "or")) return node.operator === "or"
    return truth(yield* evaluation.evaluate(node.right, input, frame), evaluation.meter)
  }
  const right = yield* evaluation.evaluate(node.right, input, frame)
  try {
    return operate(left, node.operator, right, evaluation.meter)
  } catch (thrown) {
    throw locate(thrown, node.position, node.operator)
  }
}
