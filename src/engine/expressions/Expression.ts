import { Result } from "effect"
import type { Json } from "effect/Schema"
import { Evaluator } from "./Evaluate.ts"
import { ExpressionLimits as Limits } from "./ExpressionLimits.ts"
import { Frame } from "./Frame.ts"
import { library } from "./functions/Library.ts"
import { parse } from "./Jsonata.ts"
import type { SyntaxIssue } from "./Lower.ts"
import { lower } from "./Lower.ts"
import type { References } from "./References.ts"
import { referencesOf } from "./References.ts"
import { refusal } from "./Scanner.ts"
import type { Session } from "./Session.ts"
import type { Members, Run, Value } from "./Values.ts"
import { emptyMembers, isMembers } from "./Values.ts"

/** What an expression sees: its root names and their values. Nothing in it is changed. */
export type ExpressionScope = Readonly<Record<string, Json>>

/** A compiled expression. It has no state: it may be evaluated by many fibers at the same time. */
export interface Expression {
  readonly source: string
  readonly references: References
  /** Throws an `ExpressionFailure`. */
  readonly run: (session: Session, scope: ExpressionScope) => Run<Value>
}

/** Compiles JSONata. The last ones are kept, whoever compiled them. */
export const compile = (source: string): Result.Result<Expression, SyntaxIssue> => {
  const known = cache.get(source)
  if (known !== undefined) {
    cache.delete(source)
    cache.set(source, known)
    return known
  }
  const made = make(source)
  if (source.length <= Limits.textCharacters) cache.set(source, made)
  const [oldest] = cache.keys()
  if (cache.size > Limits.cachedExpressions && oldest !== undefined) cache.delete(oldest)
  return made
}

/** From the one used longest ago to the newest. */
const cache = new Map<string, Result.Result<Expression, SyntaxIssue>>()

const make = (source: string): Result.Result<Expression, SyntaxIssue> => {
  const refused = refusal(source)
  if (refused !== undefined) return Result.fail({ message: refused, position: 0 })
  const parsed = parse(source)
  if ("problem" in parsed) {
    const { message, position, token } = parsed.problem
    const start = token !== undefined && source.slice(position - token.length, position) === token
      ? position - token.length
      : position
    return Result.fail({ message, position: Math.min(start, source.length) })
  }
  return Result.flatMap(lower(parsed.tree, source), (node) => {
    const references = referencesOf(node)
    const [issue] = references.issues
    if (issue !== undefined) return Result.fail(issue)
    return Result.succeed({
      source,
      references,
      run: ({ meter, now, random }, scope) => {
        const root = rootOf(scope, references)
        return new Evaluator(meter, now, random).evaluate(
          node,
          root,
          new Frame(library, new Map<string, Value>([["$", root]]))
        )
      }
    })
  })
}

/** The members of the scope that the expression may read, and of the secrets those that it names. */
const rootOf = (scope: ExpressionScope, { roots, secrets, whole }: References): Members => {
  const root = emptyMembers()
  for (const name of whole ? Object.keys(scope) : roots) {
    if (name !== "secrets" && Object.hasOwn(scope, name)) root[name] = scope[name]
  }
  if (secrets.size === 0) return root
  const known: Value = Object.hasOwn(scope, "secrets") ? scope["secrets"] : undefined
  const named = emptyMembers()
  if (isMembers(known)) { for (const name of secrets) if (Object.hasOwn(known, name)) named[name] = known[name] }
  root["secrets"] = named
  return root
}
