import type { Frame } from "./Frame.ts"
import type { PatternMatch } from "./Pattern.ts"
import type { Node, Signature } from "./Syntax.ts"

/** What an evaluation works on: JSON, `undefined` for nothing, functions, and the tuples of a path. */
export type Value = undefined | null | boolean | number | string | Fn | Tuple | ReadonlyArray<Value> | Members

/** An object of named values. */
export interface Members {
  readonly [name: string]: Value
}

/** A computation that gives the event loop a turn at each `yield`. */
export type Run<A> = Generator<void, A, void>

/** Several results of one expression: none of them is nothing, and one of them is itself. */
export class Sequence extends Array<Value> {
  static override get [Symbol.species]() {
    return Array
  }
  /** A single result stays an array. */
  keepSingleton = false
}

/** An array written out in a path: the path doesn't flatten it. */
export class ConstructedArray extends Array<Value> {
  static override get [Symbol.species]() {
    return Array
  }
}

/** The results of a step that binds names, each with its names. */
export class Tuples extends Array<Tuple> {
  static override get [Symbol.species]() {
    return Array
  }
}

/** One result and the names bound with it. */
export class Tuple {
  readonly context: Value
  readonly names: Map<string, Value>

  constructor(context: Value, names: Map<string, Value>) {
    this.context = context
    this.names = names
  }
}

/** A function. JSONata's check of arguments knows one by `_jsonata_lambda`. */
export abstract class Fn {
  readonly _jsonata_lambda = true
  /** How many arguments it takes. */
  abstract readonly arity: number
}

/** A function written in the expression; it sees the names around it. */
export class Lambda extends Fn {
  readonly parameters: ReadonlyArray<string>
  readonly signature: Signature | null
  readonly body: Node
  readonly input: Value
  readonly frame: Frame
  readonly tailCall: boolean

  constructor(node: Extract<Node, { readonly kind: "lambda" }>, input: Value, frame: Frame) {
    super()
    this.parameters = node.parameters
    this.signature = node.signature
    this.body = node.body
    this.tailCall = node.tailCall
    this.input = input
    this.frame = frame
  }

  get arity(): number {
    return this.parameters.length
  }
}

/** A function with some of its arguments given; `undefined` in `given` is one that is still to come. */
export class Partial extends Fn {
  readonly target: Fn
  readonly given: ReadonlyArray<{ readonly value: Value } | undefined>

  constructor(target: Fn, given: ReadonlyArray<{ readonly value: Value } | undefined>) {
    super()
    this.target = target
    this.given = given
  }

  get arity(): number {
    return this.given.filter((argument) => argument === undefined).length
  }
}

/** Two functions, one after the other. */
export class Chain extends Fn {
  readonly arity = 1
  readonly first: Fn
  readonly second: Fn

  constructor(first: Fn, second: Fn) {
    super()
    this.first = first
    this.second = second
  }
}

/** A regular expression, or the search for the next match of one. */
export class Matcher extends Fn {
  readonly arity = 1
  /** The first match in the text; of a continued search the next one, whatever the text. */
  readonly find: (text: string | undefined) => FoundMatch | undefined

  constructor(find: (text: string | undefined) => FoundMatch | undefined) {
    super()
    this.find = find
  }
}

/** A match, and how to find the one after it. */
export interface FoundMatch extends PatternMatch {
  readonly next: () => FoundMatch | undefined
}

/** Whether a value is an array. */
export const isArray = (value: Value): value is ReadonlyArray<Value> => Array.isArray(value)

/** Whether a value is an object of named values. */
export const isMembers = (value: Value): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Fn) &&
  !(value instanceof Tuple)

/** An object without any inherited member. */
export const emptyMembers = (): Record<string, Value> => {
  // SAFETY: an object without a prototype and without members is a record of anything.
  return Object.create(null) as Record<string, Value>
}

/** A sequence of these values. */
export const sequenceOf = (...values: ReadonlyArray<Value>): Sequence => {
  const sequence = new Sequence()
  for (const value of values) sequence.push(value)
  return sequence
}
