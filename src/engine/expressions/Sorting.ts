import type { Evaluation } from "./Evaluation.ts"
import { failWith } from "./ExpressionFailure.ts"
import { Frame } from "./Frame.ts"
import type { SortTerm } from "./Syntax.ts"
import type { Run, Value } from "./Values.ts"
import { Tuple, Tuples } from "./Values.ts"

/** Sorts by the terms of `^( … )`; what has no value comes last. */
export function* sortBy(
  evaluation: Evaluation,
  terms: ReadonlyArray<SortTerm>,
  items: ReadonlyArray<Value>,
  frame: Frame
): Run<ReadonlyArray<Value>> {
  const valueOf = (term: SortTerm, item: Value): Run<Value> =>
    item instanceof Tuple
      ? evaluation.evaluate(term.expression, item.context, new Frame(frame, item.names))
      : evaluation.evaluate(term.expression, item, frame)
  const sorted = yield* mergeSort(evaluation, items, function*(left, right) {
    for (const term of terms) {
      const first = yield* valueOf(term, left)
      const second = yield* valueOf(term, right)
      const order = orderOf(first, second)
      if (order !== 0) return (first === undefined || second === undefined || !term.descending ? order : -order) > 0
    }
    return false
  })
  if (!(items instanceof Tuples)) return sorted
  const tuples = new Tuples()
  for (const tuple of sorted) if (tuple instanceof Tuple) tuples.push(tuple)
  return tuples
}

const orderOf = (left: Value, right: Value): number => {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? 1 : -1
  const comparable = (value: Value) => typeof value === "string" || typeof value === "number"
  if (!comparable(left) || !comparable(right)) throw failWith("T2008")
  if (typeof left !== typeof right) throw failWith("T2007")
  return left === right ? 0 : left < right ? -1 : 1
}

/** Sorts, stable; `isAfter` says whether the left one belongs after the right one. It need not make sense. */
export function* mergeSort(
  evaluation: Evaluation,
  items: ReadonlyArray<Value>,
  isAfter: (left: Value, right: Value) => Run<boolean>
): Run<ReadonlyArray<Value>> {
  if (items.length <= 1) return items
  let from = [...items]
  evaluation.meter.array(items.length)
  for (let width = 1; width < items.length; width *= 2) {
    evaluation.meter.array(items.length)
    const into: Array<Value> = []
    for (let start = 0; start < items.length; start += 2 * width) {
      const middle = Math.min(start + width, items.length)
      const end = Math.min(start + 2 * width, items.length)
      let left = start
      let right = middle
      while (left < middle && right < end) {
        evaluation.meter.work(1)
        into.push((yield* isAfter(from[left], from[right])) ? from[right++] : from[left++])
      }
      while (left < middle) into.push(from[left++])
      while (right < end) into.push(from[right++])
    }
    from = into
  }
  return from
}
