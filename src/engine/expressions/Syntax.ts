import type { Pattern } from "./Pattern.ts"

/** What may follow a step of a path: a predicate, or a name for the place of each item. */
export type Stage = { readonly kind: "filter"; readonly predicate: Node } | {
  readonly kind: "index"
  readonly name: string
}

/** Pairs of expressions that make an object: a key and a value each. */
export interface Group {
  readonly pairs: ReadonlyArray<readonly [key: Node, value: Node]>
  readonly position: number
}

/** One term of `^( … )`. */
export interface SortTerm {
  readonly expression: Node
  readonly descending: boolean
}

/** What any node may carry besides its own parts. */
export interface NodeMarks {
  /** Where it stands in the expression's text, from 0 on. */
  readonly position: number
  readonly predicates: ReadonlyArray<Node>
  readonly group: Group | null
  /** `[]`: a single result stays an array. */
  readonly keepArray: boolean
  /** An array that a path must not flatten. */
  readonly constructsArray: boolean
  readonly stages: ReadonlyArray<Stage>
  /** The step gives tuples: it has a parent that is asked for, or binds a name to its items or their places. */
  readonly tuple: boolean
  readonly focus: string | null
  readonly index: string | null
  readonly ancestor: string | null
}

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "&"
  | ".."
  | "in"
  | "and"
  | "or"

/** The parts of each kind of node. */
export type NodeParts =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "wildcard" }
  | { readonly kind: "descendants" }
  | { readonly kind: "parent"; readonly label: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "regex"; readonly pattern: Pattern }
  | { readonly kind: "path"; readonly steps: ReadonlyArray<Node>; readonly keepSingleton: boolean }
  | { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Node; readonly right: Node }
  | { readonly kind: "negate"; readonly operand: Node }
  | { readonly kind: "array"; readonly items: ReadonlyArray<Node> }
  | { readonly kind: "object"; readonly pairs: Group }
  | { readonly kind: "condition"; readonly condition: Node; readonly then: Node; readonly otherwise: Node | null }
  | { readonly kind: "block"; readonly expressions: ReadonlyArray<Node> }
  | { readonly kind: "bind"; readonly name: string; readonly value: Node }
  | CallParts
  | { readonly kind: "partial"; readonly callee: Node; readonly args: ReadonlyArray<Node | null> }
  | {
    readonly kind: "lambda"
    readonly parameters: ReadonlyArray<string>
    readonly signature: Signature | null
    readonly body: Node
    /** A call in tail position: it is made by the caller, so that it takes no depth. */
    readonly tailCall: boolean
  }
  | { readonly kind: "apply"; readonly left: Node; readonly right: Node }
  | { readonly kind: "sort"; readonly terms: ReadonlyArray<SortTerm> }
  | { readonly kind: "transform"; readonly pattern: Node; readonly update: Node; readonly remove: Node | null }

export interface CallParts {
  readonly kind: "call"
  readonly callee: Node
  readonly args: ReadonlyArray<Node>
}

/** An expression, as it is evaluated. */
export type Node = NodeMarks & NodeParts & {
  /** It needs no turn of the event loop. */
  readonly direct: boolean
}

/** Checks arguments, and puts the context in for one that is missing. Throws JSONata's error. */
export interface Signature {
  readonly validate: (args: ReadonlyArray<unknown>, context: unknown) => ReadonlyArray<unknown>
}
