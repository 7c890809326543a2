import type { Evaluation } from "./Evaluation.ts"
import { Builtin } from "./Evaluation.ts"
import { ExpressionFailure, failWith, locate } from "./ExpressionFailure.ts"
import { ExpressionLimits as Limits } from "./ExpressionLimits.ts"
import type { Frame } from "./Frame.ts"
import type { Meter } from "./Meter.ts"
import { over } from "./Meter.ts"
import type { Node } from "./Syntax.ts"
import type { Fn, Run, Value } from "./Values.ts"
import { emptyMembers, isArray, isMembers } from "./Values.ts"

type TransformNode = Extract<Node, { readonly kind: "transform" }>

/** `| pattern | update, delete |`: a function that changes a copy of its argument. */
export const transformer = (evaluation: Evaluation, node: TransformNode, frame: Frame): Fn =>
  new Builtin({
    name: "transform",
    arity: 1,
    validate: (args) => {
      const [value] = args
      if (value !== undefined && (typeof value !== "object" || value === null)) throw failWith("T0410", { index: 1 })
      return args
    },
    run: (_, [value]) => transform(evaluation, node, value, frame)
  })

function* transform(evaluation: Evaluation, node: TransformNode, value: Value, frame: Frame): Run<Value> {
  if (value === undefined) return undefined
  const own = new Map<Value, Record<string, Value>>()
  const result = copy(value, evaluation.meter, own)
  const found = yield* evaluation.evaluate(node.pattern, result, frame)
  const matches = found === undefined ? [] : isArray(found) ? [...found] : [found]
  for (const match of matches) {
    const update = yield* evaluation.evaluate(node.update, match, frame)
    const target = own.get(match)
    if (update !== undefined) {
      if (!isMembers(update)) throw locate(failWith("T2011"), node.update.position)
      const names = Object.keys(update)
      evaluation.meter.object(names.length)
      if (target === undefined && isMembers(match)) throw locate(notItsOwn, node.pattern.position)
      if (target !== undefined) { for (const name of names) target[name] = copy(update[name], evaluation.meter) }
    }
    if (node.remove !== null && target !== undefined) {
      const removed = yield* evaluation.evaluate(node.remove, match, frame)
      const names = removed === undefined ? [] : isArray(removed) ? removed : [removed]
      for (const name of names) {
        if (typeof name !== "string") throw locate(failWith("T2012"), node.remove.position)
        delete target[name]
      }
    }
  }
  return result
}

/** A pattern may reach data that is not in the copy: that must stay as it is. */
const notItsOwn = new ExpressionFailure({
  code: "forbidden",
  message: "Only what is in the transformed value can be changed"
})

/** A copy of a value, functions as empty texts. `objects` is filled with the objects made. */
export const copy = (value: Value, meter: Meter, objects?: Map<Value, Record<string, Value>>, depth = 0): Value => {
  meter.work(1)
  if (depth > Limits.valueDepth) throw over("value-depth", `copies a value that nests deeper than ${Limits.valueDepth}`)
  if (isArray(value)) {
    meter.array(value.length)
    return value.map((item) => copy(item, meter, objects, depth + 1) ?? null)
  }
  if (isMembers(value)) {
    const entries = Object.entries(value)
    meter.object(entries.length)
    const made = emptyMembers()
    for (const [name, member] of entries) if (member !== undefined) made[name] = copy(member, meter, objects, depth + 1)
    objects?.set(made, made)
    return made
  }
  return typeof value === "object" && value !== null ? "" : value
}
