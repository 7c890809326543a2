import type { SyntaxIssue } from "./Lower.ts"
import type { Group, Node } from "./Syntax.ts"

/** What an expression reads of its scope, as far as its text tells. */
export interface References {
  /** The members of the scope that it names. */
  readonly roots: ReadonlySet<string>
  /** It may read any member of the scope besides: `$$` alone, `*`, `**`. Secrets are never among them. */
  readonly whole: boolean
  /** The secrets that it names. */
  readonly secrets: ReadonlySet<string>
  /** The steps that it names; it may read others besides (`steps.*`). */
  readonly steps: ReadonlySet<string>
  /** Texts that stand in brackets behind `steps`, as other languages have it: to JSONata they select no step. */
  readonly indexed: ReadonlySet<string>
  /** Uses of `secrets` that don't name one. */
  readonly issues: ReadonlyArray<SyntaxIssue>
  /** It asks for random numbers. */
  readonly random: boolean
}

/** Walks an expression for what it refers to. */
export const referencesOf = (node: Node): References => {
  const walk = new Walk()
  walk.visit(node, true)
  return walk
}

class Walk implements References {
  readonly roots = new Set<string>()
  readonly secrets = new Set<string>()
  readonly steps = new Set<string>()
  readonly indexed = new Set<string>()
  readonly issues: Array<SyntaxIssue> = []
  whole = false
  random = false

  /** `atRoot`: names are looked up in the scope itself, not in an item of a path. */
  visit(node: Node, atRoot: boolean): void {
    this.marks(node)
    switch (node.kind) {
      case "path":
        return this.path(node.steps, atRoot)
      case "name":
        return this.root([node], atRoot)
      case "variable":
        if (node.name === "$" || (node.name === "" && atRoot)) this.whole = true
        if (node.name === "random" || node.name === "shuffle") this.random = true
        return
      case "wildcard":
      case "descendants":
        if (atRoot) this.whole = true
        return
      case "binary":
      case "apply":
        this.visit(node.left, atRoot)
        return this.visit(node.right, atRoot)
      case "negate":
        return this.visit(node.operand, atRoot)
      case "array":
        return this.all(node.items, atRoot)
      case "object":
        return this.group(node.pairs, atRoot)
      case "condition":
        return this.all(
          node.otherwise === null ? [node.condition, node.then] : [node.condition, node.then, node.otherwise],
          atRoot
        )
      case "block":
        return this.all(node.expressions, atRoot)
      case "bind":
        return this.visit(node.value, atRoot)
      case "call":
      case "partial":
        this.visit(node.callee, atRoot)
        return this.all(node.args.flatMap((argument) => argument === null ? [] : [argument]), atRoot)
      case "lambda":
        return this.visit(node.body, atRoot)
      case "sort":
        return this.all(node.terms.map((term) => term.expression), false)
      case "transform":
        this.visit(node.pattern, false)
        this.visit(node.update, false)
        if (node.remove !== null) this.visit(node.remove, false)
        return
      case "literal":
      case "parent":
      case "regex":
        return
    }
  }

  /** What follows a node is looked up in its results. */
  private marks(node: Node): void {
    for (const predicate of node.predicates) this.visit(predicate, false)
    for (const stage of node.stages) if (stage.kind === "filter") this.visit(stage.predicate, false)
    if (node.group !== null) this.group(node.group, false)
  }

  private all(nodes: ReadonlyArray<Node>, atRoot: boolean): void {
    for (const node of nodes) this.visit(node, atRoot)
  }

  private group({ pairs }: Group, atRoot: boolean): void {
    for (const [key, value] of pairs) this.all([key, value], atRoot)
  }

  private path(steps: ReadonlyArray<Node>, atRoot: boolean): void {
    const [first, ...rest] = steps
    if (first === undefined) return
    const isScope = first.kind === "variable" && (first.name === "$" || (first.name === "" && atRoot)) &&
      first.predicates.length === 0 && first.stages.length === 0
    const [next] = rest
    if (isScope && next !== undefined && next.kind === "name") this.root(rest, true)
    else if (first.kind === "name") {
      this.marks(first)
      this.root(steps, atRoot)
    } else {
      this.visit(first, atRoot)
      if (isScope && next !== undefined) {
        this.visit(next, true)
        for (const step of rest.slice(1)) this.visit(step, false)
        return
      }
    }
    for (const step of rest) this.visit(step, false)
  }

  /** Steps from the scope on. */
  private root([first, second]: ReadonlyArray<Node>, atRoot: boolean): void {
    if (first?.kind !== "name" || !atRoot) return
    this.roots.add(first.name)
    const isPlain = first.predicates.length === 0 && first.stages.length === 0 && first.group === null && !first.tuple
    const member = isPlain && second?.kind === "name" ? second.name : undefined
    if (first.name === "steps") {
      if (member !== undefined) this.steps.add(member)
      const id = textBehind(first)
      if (id !== undefined) this.indexed.add(id)
    }
    if (first.name !== "secrets") return
    if (member !== undefined) this.secrets.add(member)
    else this.issues.push({ message: "A secret must be named: write secrets.NAME", position: first.position })
  }
}

/** The text that stands in brackets right behind a node. */
const textBehind = ({ predicates, stages }: Node): string | undefined => {
  const [stage] = stages
  const first = predicates[0] ?? (stage?.kind === "filter" ? stage.predicate : undefined)
  return first?.kind === "literal" && typeof first.value === "string" ? first.value : undefined
}
