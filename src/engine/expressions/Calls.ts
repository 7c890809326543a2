import type { Evaluation } from "./Evaluation.ts"
import { Builtin } from "./Evaluation.ts"
import { failWith, locate } from "./ExpressionFailure.ts"
import { Frame } from "./Frame.ts"
import { foundMatch } from "./Regexes.ts"
import type { Node } from "./Syntax.ts"
import type { Run, Value } from "./Values.ts"
import { Chain, Fn, Lambda, Matcher, Partial } from "./Values.ts"

type NodeOf<Kind extends Node["kind"]> = Extract<Node, { readonly kind: Kind }>

/** Evaluates a call: the function, then its arguments. `piped` is the value before `~>`. */
export function* callOf(
  evaluation: Evaluation,
  node: NodeOf<"call">,
  input: Value,
  frame: Frame,
  piped?: { readonly value: Value }
): Run<Value> {
  const callee = yield* evaluation.evaluate(node.callee, input, frame)
  const token = nameOf(node.callee)
  if (callee === undefined && isMistaken(node.callee, frame)) {
    throw locate(failWith("T1005"), node.callee.position, token)
  }
  const args: Array<Value> = piped === undefined ? [] : [piped.value]
  for (const argument of node.args) args.push(yield* evaluation.evaluate(argument, input, frame))
  try {
    if (!(callee instanceof Fn)) throw failWith("T1006", token === undefined ? {} : { token })
    return yield* call(evaluation, callee, args, input)
  } catch (thrown) {
    throw locate(thrown, node.callee.position, token)
  }
}

/** Calls a function. Calls in tail position are made here one after the other, and take no depth. */
export function* call(evaluation: Evaluation, fn: Fn, args: ReadonlyArray<Value>, input: Value): Run<Value> {
  let result = yield* callOnce(evaluation, fn, args, input)
  while (result instanceof Lambda && result.tailCall && result.body.kind === "call") {
    const { body, frame, input: context } = result
    const next: Value = yield* evaluation.evaluate(body.callee, context, frame)
    const nextArgs: Array<Value> = []
    for (const argument of body.args) nextArgs.push(yield* evaluation.evaluate(argument, context, frame))
    try {
      if (!(next instanceof Fn)) throw failWith("T1006")
      result = yield* callOnce(evaluation, next, nextArgs, input)
    } catch (thrown) {
      throw locate(thrown, body.callee.position, nameOf(body.callee))
    }
  }
  return result
}

function* callOnce(evaluation: Evaluation, fn: Fn, args: ReadonlyArray<Value>, input: Value): Run<Value> {
  if (evaluation.meter.enter()) yield
  const result = yield* bodyOf(evaluation, fn, args, input)
  evaluation.meter.leave()
  return result
}

function* bodyOf(evaluation: Evaluation, fn: Fn, args: ReadonlyArray<Value>, input: Value): Run<Value> {
  const { meter } = evaluation
  if (fn instanceof Lambda) {
    const checked = fn.signature === null ? args : checkedBy(fn.signature.validate, args, input, meter)
    meter.object(fn.parameters.length)
    const frame = new Frame(fn.frame)
    fn.parameters.forEach((name, index) => frame.bind(name, checked[index]))
    return yield* evaluation.evaluate(fn.body, fn.input, frame)
  }
  if (fn instanceof Builtin) {
    const checked = checkedBy(fn.validate, args, input, meter)
    return fn.run === undefined ? fn.apply?.(evaluation, checked, input) : yield* fn.run(evaluation, checked)
  }
  if (fn instanceof Partial) {
    let next = 0
    return yield* call(
      evaluation,
      fn.target,
      fn.given.map((argument) => argument === undefined ? args[next++] : argument.value),
      input
    )
  }
  if (fn instanceof Chain) {
    return yield* call(evaluation, fn.second, [yield* call(evaluation, fn.first, [args[0]], null)], null)
  }
  const [text] = args
  if (!(fn instanceof Matcher) || (text !== undefined && typeof text !== "string")) {
    throw failWith("T0410", { index: 1 })
  }
  return foundMatch(fn.find(text))
}

const checkedBy = (
  validate: (args: ReadonlyArray<unknown>, context: unknown) => ReadonlyArray<unknown>,
  args: ReadonlyArray<Value>,
  context: Value,
  meter: Evaluation["meter"]
): ReadonlyArray<Value> => {
  for (const argument of args) if (Array.isArray(argument)) meter.work(argument.length)
  // SAFETY: the check answers the arguments, arrays of one of them, or the context.
  return validate(args, context) as ReadonlyArray<Value>
}

/** A function with some arguments given. */
export function* partially(evaluation: Evaluation, node: NodeOf<"partial">, input: Value, frame: Frame): Run<Value> {
  const given: Array<{ readonly value: Value } | undefined> = []
  for (const argument of node.args) {
    given.push(argument === null ? undefined : { value: yield* evaluation.evaluate(argument, input, frame) })
  }
  const target = yield* evaluation.evaluate(node.callee, input, frame)
  if (target instanceof Fn) {
    evaluation.meter.object(given.length)
    return new Partial(target, given)
  }
  const mistaken = target === undefined && isMistaken(node.callee, frame)
  throw locate(failWith(mistaken ? "T1007" : "T1008"), node.callee.position, nameOf(node.callee))
}

/** `value ~> function`, or two functions made one. */
export function* chain(evaluation: Evaluation, node: NodeOf<"apply">, input: Value, frame: Frame): Run<Value> {
  const value = yield* evaluation.evaluate(node.left, input, frame)
  if (node.right.kind === "call") return yield* callOf(evaluation, node.right, input, frame, { value })
  const fn = yield* evaluation.evaluate(node.right, input, frame)
  if (!(fn instanceof Fn)) throw locate(failWith("T2006", { token: "~>" }), node.position)
  return value instanceof Fn ? new Chain(value, fn) : yield* call(evaluation, fn, [value], null)
}

const nameOf = (callee: Node): string | undefined => {
  const node = callee.kind === "path" ? callee.steps[0] : callee
  return node?.kind === "variable" || node?.kind === "name" ? node.name : undefined
}

/** Whether a function was called without its `$`. */
const isMistaken = (callee: Node, frame: Frame): boolean =>
  callee.kind === "path" && callee.steps[0]?.kind === "name" && frame.lookup(callee.steps[0].name) !== undefined
