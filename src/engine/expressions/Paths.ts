import { direct, later } from "./Direct.ts"
import type { Evaluation } from "./Evaluation.ts"
import type { Frame } from "./Frame.ts"
import { makeGroup } from "./Groups.ts"
import { pushAll } from "./Lookup.ts"
import { isNumber, truth } from "./Operators.ts"
import { sortBy } from "./Sorting.ts"
import type { Node } from "./Syntax.ts"
import { evaluateTupleStep, frameOf } from "./TuplePaths.ts"
import type { Run, Value } from "./Values.ts"
import { ConstructedArray, isArray, Sequence, sequenceOf, Tuple, Tuples } from "./Values.ts"

type PathNode = Extract<Node, { readonly kind: "path" }>

/** Evaluates each step for each result of the step before it. */
export function* evaluatePath(evaluation: Evaluation, path: PathNode, input: Value, frame: Frame): Run<Value> {
  const first = path.steps[0]
  let items: ReadonlyArray<Value> = isArray(input) && first?.kind !== "variable" ? input : sequenceOf(input)
  let results: Value = items
  let tuples: Tuples | undefined
  let bindsNames = false
  for (const [index, step] of path.steps.entries()) {
    bindsNames ||= step.tuple
    if (index === 0 && step.constructsArray) {
      results = yield* evaluation.evaluate(step, items, frame)
    } else if (bindsNames) {
      tuples = yield* evaluateTupleStep(evaluation, step, items, tuples, frame, filter)
    } else {
      results = yield* evaluateStep(evaluation, step, items, frame, index === path.steps.length - 1)
    }
    if (!bindsNames && (!isArray(results) || results.length === 0)) break
    if (step.focus === null && isArray(results)) items = results
  }
  if (tuples !== undefined) {
    if (path.group !== null) return yield* makeGroup(evaluation, path.group, tuples, frame)
    if (path.tuple) return tuples
    results = sequenceOf(...tuples.map((tuple) => tuple.context))
  }
  if (path.keepSingleton) {
    if (results instanceof ConstructedArray) results = sequenceOf(results)
    if (results instanceof Sequence) results.keepSingleton = true
  }
  return path.group === null ? results : yield* makeGroup(evaluation, path.group, results, frame)
}

function* evaluateStep(
  evaluation: Evaluation,
  step: Node,
  items: ReadonlyArray<Value>,
  frame: Frame,
  isLast: boolean
): Run<Value> {
  const { meter } = evaluation
  if (step.kind === "sort") {
    let sorted: Value = yield* sortBy(evaluation, step.terms, items, frame)
    for (const stage of step.stages) {
      if (stage.kind === "filter") sorted = yield* filter(evaluation, stage.predicate, sorted, frame)
    }
    return sorted
  }
  const results: Array<Value> = []
  for (const item of items) {
    const known = direct(evaluation, step, item, frame)
    let result = known === later ? yield* evaluation.evaluate(step, item, frame) : known
    if (meter.isTurnDue()) yield
    for (const stage of step.stages) {
      if (stage.kind === "filter") result = yield* filter(evaluation, stage.predicate, result, frame)
    }
    if (result === undefined) continue
    meter.array(results.length + 1, 1)
    results.push(result)
  }
  const [only] = results
  if (isLast && results.length === 1 && isArray(only) && !(only instanceof Sequence)) return only
  const sequence = new Sequence()
  for (const result of results) {
    if (result instanceof ConstructedArray) sequence.push(result)
    else pushAll(sequence, result, meter)
  }
  return sequence
}

/** The items for which the predicate is true, or those whose number it gives. */
export function* filter(evaluation: Evaluation, predicate: Node, input: Value, frame: Frame): Run<Value> {
  const { meter } = evaluation
  const results: Array<Value> = input instanceof Tuples ? [] : new Sequence()
  const items = isArray(input) ? input : sequenceOf(input)
  if (predicate.kind === "literal" && typeof predicate.value === "number" && predicate.predicates.length === 0) {
    const item = items.at(Math.floor(predicate.value))
    if (isArray(item)) return item
    if (item !== undefined) results.push(item)
    return tuplesOr(input, results)
  }
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    const [context, names] = item instanceof Tuple ? [item.context, frameOf(item, frame)] : [item, frame]
    const known = direct(evaluation, predicate, context, names)
    const result = known === later ? yield* evaluation.evaluate(predicate, context, names) : known
    if (meter.isTurnDue()) yield
    const places = isNumber(result) ? [result] : isArray(result) ? result : undefined
    if (places !== undefined) meter.work(places.length)
    if (places !== undefined && places.every(isNumber)) {
      for (const place of places) {
        const floor = Math.floor(place)
        if ((floor < 0 ? items.length + floor : floor) !== index) continue
        meter.array(results.length + 1, 1)
        results.push(item)
      }
    } else if (truth(result, meter)) {
      meter.array(results.length + 1, 1)
      results.push(item)
    }
  }
  return tuplesOr(input, results)
}

/** What is left of tuples is tuples. */
const tuplesOr = (input: Value, results: Array<Value>): Value => {
  if (!(input instanceof Tuples)) return results
  const tuples = new Tuples()
  for (const result of results) if (result instanceof Tuple) tuples.push(result)
  return tuples
}
