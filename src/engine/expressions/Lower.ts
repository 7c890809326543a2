import { Result } from "effect"
import { isDirect } from "./Direct.ts"
import { ExpressionLimits as Limits } from "./ExpressionLimits.ts"
import { Pattern } from "./Pattern.ts"
import type { BinaryOperator, Group, Node, NodeMarks, NodeParts, Signature, Stage } from "./Syntax.ts"

/** What is wrong with an expression, and where in its text. */
export interface SyntaxIssue {
  readonly message: string
  /** From 0 on. */
  readonly position: number
}

/** Makes the parser's tree into the one that is evaluated, and refuses what can't be evaluated within bounds. */
export const lower = (tree: unknown, text: string): Result.Result<Node, SyntaxIssue> => {
  try {
    return Result.succeed(new Lowering(text).node(tree, 0))
  } catch (thrown) {
    if (thrown instanceof Refused) return Result.fail(thrown.issue)
    throw thrown
  }
}

class Refused {
  readonly issue: SyntaxIssue
  constructor(message: string, position: number) {
    this.issue = { message, position }
  }
}

type Raw = Readonly<Record<string, unknown>>

class Lowering {
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  node(value: unknown, depth: number): Node {
    const raw = toRaw(value)
    const position = this.positionOf(raw)
    if (depth > Limits.syntaxDepth) throw new Refused("The expression nests too deeply", position)
    const node = { ...this.marks(raw, position, depth + 1), ...this.parts(raw, position, depth + 1) }
    return { ...node, direct: isDirect(node) }
  }

  private list(value: unknown, depth: number): ReadonlyArray<Node> {
    return toList(value).map((item) => this.node(item, depth))
  }

  private marks(raw: Raw, position: number, depth: number): NodeMarks {
    return {
      position,
      predicates: toList(raw["predicate"]).map((predicate) => this.node(toRaw(predicate)["expr"], depth)),
      group: raw["group"] === undefined ? null : this.group(toRaw(raw["group"]), depth),
      keepArray: raw["keepArray"] === true,
      constructsArray: raw["consarray"] === true && raw["type"] === "unary",
      stages: toList(raw["stages"]).map((stage) => this.stage(toRaw(stage), depth)),
      tuple: raw["tuple"] === true,
      focus: textOrNull(raw["focus"]),
      index: textOrNull(raw["index"]),
      ancestor: raw["ancestor"] === undefined ? null : textOrNull(toRaw(raw["ancestor"])["label"])
    }
  }

  private parts(raw: Raw, position: number, depth: number): NodeParts {
    const inner = (name: string) => this.node(raw[name], depth)
    const optional = (name: string) => raw[name] === undefined ? null : inner(name)
    const value = raw["value"]
    switch (raw["type"]) {
      case "string":
      case "number":
      case "value":
        return {
          kind: "literal",
          value: typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null
        }
      case "name":
        return { kind: "name", name: String(value) }
      case "variable":
        if (value === "eval") throw new Refused("$eval is not allowed", position)
        return { kind: "variable", name: String(value) }
      case "wildcard":
        return { kind: "wildcard" }
      case "descendant":
        return { kind: "descendants" }
      case "parent":
        return { kind: "parent", label: String(toRaw(raw["slot"])["label"]) }
      case "regex":
        return { kind: "regex", pattern: patternOf(value, position) }
      case "path":
        return {
          kind: "path",
          steps: this.list(raw["steps"], depth),
          keepSingleton: raw["keepSingletonArray"] === true
        }
      case "binary":
        return { kind: "binary", operator: operatorOf(value, position), left: inner("lhs"), right: inner("rhs") }
      case "unary":
        return value === "["
          ? { kind: "array", items: this.list(raw["expressions"], depth) }
          : value === "{"
          ? { kind: "object", pairs: this.group(raw, depth) }
          : { kind: "negate", operand: inner("expression") }
      case "condition":
        return { kind: "condition", condition: inner("condition"), then: inner("then"), otherwise: optional("else") }
      case "block":
        return { kind: "block", expressions: this.list(raw["expressions"], depth) }
      case "bind":
        return { kind: "bind", name: String(toRaw(raw["lhs"])["value"]), value: inner("rhs") }
      case "function":
        return { kind: "call", callee: inner("procedure"), args: this.list(raw["arguments"], depth) }
      case "partial":
        return {
          kind: "partial",
          callee: inner("procedure"),
          args: toList(raw["arguments"]).map((argument) => isPlaceholder(argument) ? null : this.node(argument, depth))
        }
      case "lambda":
        return this.lambda(raw, position, depth)
      case "apply":
        return { kind: "apply", left: inner("lhs"), right: inner("rhs") }
      case "sort":
        return {
          kind: "sort",
          terms: toList(raw["terms"]).map(toRaw).map((term) => ({
            expression: this.node(term["expression"], depth),
            descending: term["descending"] === true
          }))
        }
      case "transform":
        return { kind: "transform", pattern: inner("pattern"), update: inner("update"), remove: optional("delete") }
      default:
        throw new Refused("The expression can't be read", position)
    }
  }

  private lambda(raw: Raw, position: number, depth: number): NodeParts {
    const tailCall = raw["thunk"] === true
    const body = this.node(raw["body"], depth)
    const parameters = toList(raw["arguments"]).map((parameter) => String(toRaw(parameter)["value"]))
    // What groups the result of a call is not made by the caller.
    if (tailCall && body.group !== null) return body
    return { kind: "lambda", parameters, signature: signatureOf(raw["signature"], position), body, tailCall }
  }

  private group(raw: Raw, depth: number): Group {
    return {
      pairs: toList(raw["lhs"]).map(toList).map(([key, value]) =>
        [this.node(key, depth), this.node(value, depth)] as const
      ),
      position: this.positionOf(raw)
    }
  }

  private stage(raw: Raw, depth: number): Stage {
    return raw["type"] === "index"
      ? { kind: "index", name: String(raw["value"]) }
      : { kind: "filter", predicate: this.node(raw["expr"], depth) }
  }

  /** Where a token begins: the parser knows where it ends. */
  private positionOf(raw: Raw): number {
    const steps = toList(raw["steps"])
    if (steps.length > 0) return this.positionOf(toRaw(steps[0]))
    const end = typeof raw["position"] === "number" ? raw["position"] : 0
    const token = raw["type"] === "variable" ? `$${String(raw["value"])}` : String(raw["value"] ?? "")
    return this.text.slice(end - token.length, end) === token ? end - token.length : Math.max(0, end - 1)
  }
}

const toRaw = (value: unknown): Raw => {
  if (typeof value !== "object" || value === null) throw new Refused("The expression can't be read", 0)
  // SAFETY: any object may be read by names; what is read is unknown.
  return value as Raw
}

const toList = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []

const textOrNull = (value: unknown): string | null => typeof value === "string" ? value : null

const isPlaceholder = (value: unknown): boolean => toRaw(value)["type"] === "operator" && toRaw(value)["value"] === "?"

const binaryOperators: ReadonlyArray<BinaryOperator> = [
  "+",
  "-",
  "*",
  "/",
  "%",
  "=",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "&",
  "..",
  "in",
  "and",
  "or"
]

const operatorOf = (value: unknown, position: number): BinaryOperator => {
  const operator = binaryOperators.find((known) => known === value)
  if (operator === undefined) throw new Refused("The expression can't be read", position)
  return operator
}

const patternOf = (value: unknown, position: number): Pattern => {
  if (!(value instanceof RegExp)) {
    throw new Refused("A regular expression can't stand to the left of \"?:\" or \"??\"", position)
  }
  const pattern = Pattern.compile(value)
  if (Result.isFailure(pattern)) throw new Refused(pattern.failure, Math.max(0, position - value.source.length))
  return pattern.success
}

/** JSONata checks arguments by a regular expression made of the signature: one that could take long is refused. */
const signatureOf = (value: unknown, position: number): Signature | null => {
  if (value === undefined) return null
  const { definition, validate } = toRaw(value)
  const text = String(definition)
  if (
    text.length > 64 || (text.match(/[?+-]/g)?.length ?? 0) > 8 || (text.match(/\+/g)?.length ?? 0) > 1 ||
    typeof validate !== "function"
  ) {
    throw new Refused("The function's signature is too long", position)
  }
  return { validate: (args, context) => toList(validate.call(value, args, context)) }
}
