import type { Evaluation } from "./Evaluation.ts"
import { Frame } from "./Frame.ts"
import { sortBy } from "./Sorting.ts"
import type { Node } from "./Syntax.ts"
import type { Run, Value } from "./Values.ts"
import { isArray, Tuple, Tuples } from "./Values.ts"

/** The names of a tuple, over those around. */
export const frameOf = (tuple: Tuple, frame: Frame): Frame => new Frame(frame, tuple.names)

type Filter = (evaluation: Evaluation, predicate: Node, input: Value, frame: Frame) => Run<Value>

/** A step whose results keep the names that were bound on the way: `@$name`, `#$name`, and the parents that `%` asks for. */
export function* evaluateTupleStep(
  evaluation: Evaluation,
  step: Node,
  items: ReadonlyArray<Value>,
  known: Tuples | undefined,
  frame: Frame,
  filter: Filter
): Run<Tuples> {
  if (step.kind === "sort") {
    if (known !== undefined) {
      return yield* stagesOf(
        evaluation,
        step,
        asTuples(yield* sortBy(evaluation, step.terms, known, frame)),
        frame,
        filter
      )
    }
    const sorted = yield* sortBy(evaluation, step.terms, items, frame)
    const tuples = new Tuples()
    for (const [index, item] of sorted.entries()) {
      evaluation.meter.object(2)
      tuples.push(new Tuple(item, new Map(step.index === null ? [] : [[step.index, index]])))
    }
    return yield* stagesOf(evaluation, step, tuples, frame, filter)
  }
  const before = known ?? asTuples(items)
  const results = new Tuples()
  for (const tuple of before) {
    const result = yield* evaluation.evaluate(step, tuple.context, frameOf(tuple, frame))
    if (result === undefined) continue
    const found = isArray(result) ? result : [result]
    for (const [index, item] of found.entries()) {
      evaluation.meter.array(results.length + 1, 1)
      evaluation.meter.object(tuple.names.size + 2)
      const names = new Map(tuple.names)
      if (item instanceof Tuple) {
        for (const [name, value] of item.names) names.set(name, value)
        results.push(new Tuple(item.context, names))
        continue
      }
      if (step.focus !== null) names.set(step.focus, item)
      if (step.index !== null) names.set(step.index, index)
      if (step.ancestor !== null) names.set(step.ancestor, tuple.context)
      results.push(new Tuple(step.focus === null ? item : tuple.context, names))
    }
  }
  return yield* stagesOf(evaluation, step, results, frame, filter)
}

function* stagesOf(evaluation: Evaluation, step: Node, tuples: Tuples, frame: Frame, filter: Filter): Run<Tuples> {
  let result = tuples
  for (const stage of step.stages) {
    if (stage.kind === "filter") {
      result = asTuples(yield* filter(evaluation, stage.predicate, result, frame))
    } else {
      evaluation.meter.work(result.length)
      for (const [index, tuple] of result.entries()) tuple.names.set(stage.name, index)
    }
  }
  return result
}

const asTuples = (value: Value): Tuples => {
  if (value instanceof Tuples) return value
  const tuples = new Tuples()
  for (const item of isArray(value) ? value : [value]) {
    tuples.push(item instanceof Tuple ? item : new Tuple(item, new Map()))
  }
  return tuples
}
