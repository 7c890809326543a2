import type { Json } from "effect/Schema"
import type { CheckedExpressions } from "../../services/ExpressionChecker.ts"
import type { Findings } from "./Filling.ts"
import { compileConfig, compileExpression } from "./Filling.ts"

/** What an expression can see; `item` and `index` inside a loop alone. */
export const rootNames: ReadonlySet<string> = new Set([
  "input",
  "inputs",
  "steps",
  "trigger",
  "execution",
  "workflow",
  "secrets",
  "item",
  "index"
])

type Path = ReadonlyArray<string | number>

/** Every problem of the templates in a value, and the secrets that they name. */
export const check = (value: Json, basePath: Path): CheckedExpressions =>
  checked((findings) => compileConfig(value, basePath, findings))

/** The same of one expression, bare or in `{{ … }}`. */
export const checkExpression = (text: string, basePath: Path): CheckedExpressions =>
  checked((findings) => compileExpression(text, basePath, findings))

const checked = (compile: (findings: Findings) => unknown): CheckedExpressions => {
  const findings: Findings = { issues: [], expressions: [] }
  compile(findings)
  const unknown = findings.expressions.flatMap(({ expression, path }) =>
    [...expression.references.roots].filter((name) => !rootNames.has(name)).map((name) => ({
      path,
      message: `names "${name}", but an expression sees only ${[...rootNames].join(", ")}`
    }))
  )
  return {
    issues: [...findings.issues, ...unknown],
    secrets: findings.expressions.flatMap(({ expression, path }) =>
      [...expression.references.secrets].map((name) => ({ name, path }))
    )
  }
}
