import { Context } from "effect"
import type { Json } from "effect/Schema"
import type { Issue } from "../domain/Issues.ts"

/** What an expression names, and where the expression stands. */
export interface Named {
  readonly name: string
  readonly path: Issue["path"]
}

/** What is found in expressions before they are ever evaluated. */
export interface CheckedExpressions {
  readonly issues: ReadonlyArray<Issue>
  readonly secrets: ReadonlyArray<Named>
  /** The steps that they name; whether there are such is for their level to say. */
  readonly steps: ReadonlyArray<Named>
}

/** Checks the expressions of a definition. The paths in its answers begin with `basePath`. */
export class ExpressionChecker extends Context.Service<ExpressionChecker, {
  /** All templates in a value. */
  readonly check: (value: Json, basePath: Issue["path"]) => CheckedExpressions
  /** One expression, bare or in `{{ … }}`; `visible` names what it sees, all there is by default. */
  readonly checkExpression: (
    text: string,
    basePath: Issue["path"],
    visible?: ReadonlyArray<string>
  ) => CheckedExpressions
}>()("atlasit/services/ExpressionChecker") {}
