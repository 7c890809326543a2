import type { Frame } from "./Frame.ts"
import type { Meter } from "./Meter.ts"
import type { Node } from "./Syntax.ts"
import type { Fn, Run, Value } from "./Values.ts"
import { Fn as AnyFunction } from "./Values.ts"

/** One evaluation of one expression: all that its parts share. */
export interface Evaluation {
  readonly meter: Meter
  /** The time that the expression sees, in milliseconds since 1970. */
  readonly now: number
  /** The next random number from 0 on, below 1. */
  readonly random: () => number
  readonly evaluate: (node: Node, input: Value, frame: Frame) => Run<Value>
  readonly call: (fn: Fn, args: ReadonlyArray<Value>, input: Value) => Run<Value>
}

/** What a built-in function does. `input` is the context that it is called in. */
export type Implementation = (evaluation: Evaluation, args: ReadonlyArray<Value>, input: Value) => Value
export type RunningImplementation = (evaluation: Evaluation, args: ReadonlyArray<Value>) => Run<Value>

/** A function of the language. */
export class Builtin extends AnyFunction {
  readonly name: string
  readonly arity: number
  readonly validate: (args: ReadonlyArray<unknown>, context: unknown) => ReadonlyArray<unknown>
  readonly apply: Implementation | undefined
  readonly run: RunningImplementation | undefined

  constructor(definition: {
    readonly name: string
    readonly arity: number
    readonly validate: (args: ReadonlyArray<unknown>, context: unknown) => ReadonlyArray<unknown>
    readonly apply?: Implementation
    readonly run?: RunningImplementation
  }) {
    super()
    this.name = definition.name
    this.arity = definition.arity
    this.validate = definition.validate
    this.apply = definition.apply
    this.run = definition.run
  }
}
