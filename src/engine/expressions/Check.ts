import type { Json } from "effect/Schema"
import type { CheckedExpressions } from "../../services/ExpressionChecker.ts"
import type { Findings } from "./Filling.ts"
import { compileConfig, compileExpression } from "./Filling.ts"

/** What an expression can see; `item` and `index` inside a loop alone. */
export const rootNames: ReadonlyArray<string> = [
  "input",
  "inputs",
  "steps",
  "trigger",
  "execution",
  "workflow",
  "secrets",
  "item",
  "index"
]

type Path = ReadonlyArray<string | number>

/** Every problem of the templates in a value, and the secrets and the steps that they name. */
export const check = (value: Json, basePath: Path): CheckedExpressions =>
  checked((findings) => compileConfig(value, basePath, findings))

/** The same of one expression, bare or in `{{ … }}`. */
export const checkExpression = (text: string, basePath: Path, visible?: ReadonlyArray<string>): CheckedExpressions =>
  checked((findings) => compileExpression(text, basePath, findings), visible)

const checked = (
  compile: (findings: Findings) => unknown,
  visible: ReadonlyArray<string> = rootNames
): CheckedExpressions => {
  const findings: Findings = { issues: [], expressions: [] }
  compile(findings)
  const unknown = findings.expressions.flatMap(({ expression, path }) =>
    [...expression.references.roots].filter((name) => !visible.includes(name)).map((name) => ({
      path,
      message: `names "${name}", but an expression sees only ${visible.join(", ")}`
    }))
  )
  const indexed = findings.expressions.flatMap(({ expression, path }) =>
    [...(visible.includes("steps") ? expression.references.indexed : [])].map((id) => ({
      path,
      message: `has steps[${JSON.stringify(id)}], which does not select a step; write steps.\`${id}\``
    }))
  )
  const named = (member: "secrets" | "steps") =>
    findings.expressions.flatMap(({ expression, path }) =>
      [...expression.references[member]].map((name) => ({ name, path }))
    )
  return { issues: [...findings.issues, ...unknown, ...indexed], secrets: named("secrets"), steps: named("steps") }
}
