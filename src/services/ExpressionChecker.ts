import { Context } from "effect"
import type { Json } from "effect/Schema"
import type { Issue } from "../domain/Issues.ts"

/** What is found in expressions before they are ever evaluated. */
export interface CheckedExpressions {
  readonly issues: ReadonlyArray<Issue>
  /** The secrets that they name, and where. */
  readonly secrets: ReadonlyArray<{ readonly name: string; readonly path: Issue["path"] }>
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
