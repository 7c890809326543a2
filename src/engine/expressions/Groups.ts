import type { Evaluation } from "./Evaluation.ts"
import { failWith, locate } from "./ExpressionFailure.ts"
import { Frame } from "./Frame.ts"
import type { Meter } from "./Meter.ts"
import type { Group, Node } from "./Syntax.ts"
import type { Run, Value } from "./Values.ts"
import { emptyMembers, isArray, Tuple, Tuples } from "./Values.ts"

/** An object: each item's key, and the value of all items that have it. */
export function* makeGroup(evaluation: Evaluation, group: Group, input: Value, frame: Frame): Run<Value> {
  const { meter } = evaluation
  const groups = new Map<string, { readonly value: Node; readonly items: Array<Value> }>()
  const given = isArray(input) ? input : [input]
  const items = given.length === 0 && !(input instanceof Tuples) ? [undefined] : given
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    const [context, names] = item instanceof Tuple ? [item.context, new Frame(frame, item.names)] : [item, frame]
    for (const [keyNode, value] of group.pairs) {
      const key = yield* evaluation.evaluate(keyNode, context, names)
      if (key === undefined) continue
      if (typeof key !== "string") throw locate(failWith("T1003"), group.position)
      meter.read(key.length)
      const known = groups.get(key)
      if (known === undefined) {
        meter.object(4)
        groups.set(key, { value, items: [item] })
      } else {
        if (known.value !== value) throw locate(failWith("D1009"), group.position)
        addTo(known.items, item, meter)
      }
    }
  }
  meter.object(groups.size)
  const result = emptyMembers()
  for (const [key, { items, value }] of groups) {
    const [only] = items
    const member = only instanceof Tuple
      ? yield* ofTuples(evaluation, value, items, frame)
      : yield* evaluation.evaluate(value, items.length === 1 ? only : items, frame)
    if (member !== undefined) result[key] = member
  }
  return result
}

/** Adds an item to those of the same key; arrays become one. */
const addTo = (items: Array<Value>, item: Value, meter: Meter): void => {
  const [only] = items
  if (items.length === 1 && isArray(only)) {
    meter.array(only.length)
    items.length = 0
    for (const inner of only) items.push(inner)
  }
  const more = isArray(item) ? item : [item]
  meter.array(items.length + more.length, more.length)
  for (const inner of more) items.push(inner)
}

/** The tuples of one key as one: each name has the values of all. */
function* ofTuples(evaluation: Evaluation, node: Node, tuples: ReadonlyArray<Value>, frame: Frame): Run<Value> {
  const contexts: Array<Value> = []
  const names = new Map<string, Array<Value>>()
  for (const tuple of tuples) {
    if (!(tuple instanceof Tuple)) continue
    collect(contexts, tuple.context, evaluation.meter)
    for (const [name, value] of tuple.names) {
      const values = names.get(name) ?? []
      collect(values, value, evaluation.meter)
      names.set(name, values)
    }
  }
  const single = (values: Array<Value>): Value => values.length === 1 ? values[0] : values
  const merged = new Map([...names].map(([name, values]) => [name, single(values)]))
  return yield* evaluation.evaluate(node, single(contexts), new Frame(frame, merged))
}

const collect = (into: Array<Value>, value: Value, meter: Meter): void => {
  if (value === undefined) return
  if (into.length === 0) {
    meter.array(1)
    into.push(value)
  } else addTo(into, value, meter)
}
