import type { Evaluation } from "./Evaluation.ts"
import { locate } from "./ExpressionFailure.ts"
import type { Frame } from "./Frame.ts"
import { lookup } from "./Lookup.ts"
import { operate } from "./Operators.ts"
import type { Node, NodeMarks, NodeParts } from "./Syntax.ts"
import type { Value } from "./Values.ts"
import { isArray, Sequence } from "./Values.ts"

/** The answer of `direct` to what it does not evaluate. */
export const later = Symbol("later")

/** Whether a node may be evaluated without a turn of the event loop: plain names, variables, literals, and operators on those. */
export const isDirect = (node: NodeMarks & NodeParts): boolean => {
  if (node.predicates.length > 0 || node.stages.length > 0 || node.group !== null || node.keepArray || node.tuple) {
    return false
  }
  switch (node.kind) {
    case "literal":
    case "name":
    case "variable":
      return true
    case "path":
      return !node.keepSingleton &&
        node.steps.every((step, index) =>
          step.direct && (step.kind === "name" || (index === 0 && step.kind === "variable"))
        )
    case "binary":
      return node.operator !== "and" && node.operator !== "or" && node.left.direct && node.right.direct
    default:
      return false
  }
}

/** The value of a node that needs no turn; most nodes of most expressions don't. A path through an array does. */
export const direct = (evaluation: Evaluation, node: Node, input: Value, frame: Frame): Value | typeof later => {
  if (!node.direct) return later
  const { meter } = evaluation
  meter.count()
  switch (node.kind) {
    case "literal":
      return node.value
    case "variable":
      return single(node.name === "" ? input : frame.lookup(node.name))
    case "name":
      return single(lookup(input, node.name, meter))
    case "path": {
      let value = input
      for (const step of node.steps) {
        if (isArray(value) && step.kind !== "variable") return later
        const next = direct(evaluation, step, value, frame)
        if (next === undefined || next === later) return next
        value = next
      }
      return value instanceof Sequence ? later : value
    }
    case "binary": {
      const left = direct(evaluation, node.left, input, frame)
      if (left === later) return later
      const right = direct(evaluation, node.right, input, frame)
      if (right === later || node.operator === "and" || node.operator === "or") return later
      try {
        return operate(left, node.operator, right, meter)
      } catch (thrown) {
        throw locate(thrown, node.position, node.operator)
      }
    }
    default:
      return later
  }
}

const single = (value: Value): Value =>
  !(value instanceof Sequence) || value.length > 1 || value.keepSingleton ? value : value[0]
