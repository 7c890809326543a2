import type { Json, JsonObject } from "effect/Schema"
import { keyNames } from "../domain/Concurrency.ts"
import type { Issue } from "../domain/Issues.ts"
import { isObject } from "../domain/Json.ts"
import type { Step, Undo } from "../domain/Step.ts"
import { branchesOf } from "../domain/StepTree.ts"
import type { Trigger } from "../domain/Trigger.ts"
import { webhookNames, webhookOf } from "../domain/Trigger.ts"
import type { Definition } from "../domain/Workflow.ts"
import type { CheckedExpressions, ExpressionChecker } from "./ExpressionChecker.ts"

type Path = Issue["path"]
type Checker = ExpressionChecker["Service"]

/** The members of a configuration that are expressions without braces. */
const expressionMembers: Readonly<Partial<Record<Step["type"], ReadonlyArray<string>>>> = {
  transform: ["where", "expression"],
  condition: ["if"],
  "for-each": ["items"]
}

/** The members of a configuration in which no expression is looked for: steps are looked at as steps, schemas hold none. */
const plainMembers: Readonly<Partial<Record<Step["type"], ReadonlyArray<string>>>> = {
  condition: ["then", "else"],
  "for-each": ["steps"],
  "wait-for-event": ["schema"]
}

/** What the expressions of a definition have wrong, and the secrets that they name. */
type Findings = Pick<CheckedExpressions, "issues" | "secrets">

/** The ids of the steps that an expression sees; null: not all of them are known. */
type Visible = ReadonlySet<string> | null

/** Every expression of a definition: what is wrong with it, and the secrets that it names. */
export const checkExpressions = (
  checker: Checker,
  definition: Pick<Definition, "steps"> & Partial<Pick<Definition, "outputs" | "settings" | "triggers">>
): Findings => {
  const visible = idsOf(definition.steps)
  return together([
    ...definition.steps.flatMap((step, index) => ofStep(checker, step, ["steps", index], visible)),
    ...ofOutputs(checker, definition.outputs ?? {}, visible),
    ...ofKey(checker, definition.settings?.concurrency?.key),
    ...(definition.triggers ?? []).map((trigger, index) => ofWebhook(checker, trigger, index))
  ])
}

/** What can be read of a definition that is none: some of its steps, and the values of its outputs. */
interface Parts {
  readonly steps: ReadonlyArray<{ readonly index: number; readonly step: Step }>
  /** No step is missing among them. */
  readonly areAll: boolean
  readonly outputs: JsonObject
}

/** What is wrong with the expressions of these parts. Where not all steps can be read, any may be among the others. */
export const checkExpressionsOfParts = (
  checker: Checker,
  { areAll, outputs, steps }: Parts
): CheckedExpressions["issues"] => {
  const visible = areAll ? idsOf(steps.map(({ step }) => step)) : null
  return together([
    ...steps.flatMap(({ index, step }) => ofStep(checker, step, ["steps", index], visible)),
    ...ofOutputs(checker, outputs, visible)
  ]).issues
}

const ofOutputs = (checker: Checker, outputs: JsonObject, visible: Visible): ReadonlyArray<Findings> =>
  Object.entries(outputs).map(([name, value]) => known(ofValue(checker, value, ["outputs", name]), visible))

const idsOf = (steps: ReadonlyArray<Step>): ReadonlySet<string> => new Set(steps.map(({ id }) => id))

/** Steps that an expression names have to be there. */
const known = ({ issues, secrets, steps }: CheckedExpressions, visible: Visible): Findings => ({
  issues: [
    ...issues,
    ...steps.flatMap(({ name, path }) =>
      visible === null || visible.has(name) ? [] : [{ path, message: unknownStep(name, [...visible]) }]
    )
  ],
  secrets
})

const unknownStep = (name: string, visible: ReadonlyArray<string>): string => {
  // Without backticks the name ends at the first sign that is none of a name.
  const meant = visible.filter((id) => id.startsWith(`${name}-`)).slice(0, shownIds).map((id) => `steps.\`${id}\``)
  const hint = meant.length === 0 ? "" : `; an id with a "-" needs backticks: ${meant.join(" or ")}`
  const further = visible.length > shownIds ? ` and ${visible.length - shownIds} more` : ""
  return `names the step "${name}", but an expression here sees only ${
    visible.slice(0, shownIds).join(", ")
  }${further}${hint}`
}

/** An issue names no more steps than this. */
const shownIds = 20

const ofKey = (checker: Checker, key: string | undefined): ReadonlyArray<Findings> => {
  if (key === undefined) return []
  // A secret among what it names is refused like any other name that it doesn't see.
  const { issues } = checker.checkExpression(key, ["settings", "concurrency", "key"], keyNames)
  return [{ issues, secrets: [] }]
}

/** The expression of a webhook's inputs sees no secrets either. */
const ofWebhook = (checker: Checker, trigger: Trigger, index: number): Findings => {
  const inputs = webhookOf([trigger])?.inputs
  if (inputs === undefined) return { issues: [], secrets: [] }
  return { issues: checker.checkExpression(inputs, ["triggers", index, "inputs"], webhookNames).issues, secrets: [] }
}

const ofStep = (checker: Checker, step: Step, path: Path, visible: Visible): ReadonlyArray<Findings> => [
  ...ofWork(checker, step, path, visible),
  ...(step.undo === undefined ? [] : ofWork(checker, step.undo, [...path, "undo"], visible))
]

/** What a step and its undo have in common. */
const ofWork = (checker: Checker, step: Step | Undo, path: Path, visible: Visible): ReadonlyArray<Findings> => [
  ...(step.when === undefined ? [] : [known(checker.checkExpression(step.when, [...path, "when"]), visible)]),
  ...ofConfig(checker, step, [...path, "config"]).map((found) => known(found, visible)),
  ...branchesOf(step).flatMap((branch) => {
    const inside = visible === null ? null : new Set([...visible, ...idsOf(branch.steps)])
    return branch.steps.flatMap((inner, index) => ofStep(checker, inner, [...path, ...branch.path, index], inside))
  })
]

const ofConfig = (checker: Checker, { config, type }: Step | Undo, path: Path): ReadonlyArray<CheckedExpressions> => {
  const bare = ["input", ...(expressionMembers[type] ?? [])]
  const plain = plainMembers[type] ?? []
  return Object.entries(isRecord(config) ? config : {}).flatMap(([name, value]) =>
    plain.includes(name)
      ? []
      : [bare.includes(name) ? ofValue(checker, value, [...path, name]) : checker.check(value, [...path, name])]
  )
}

/** A text is an expression; anything else may hold templates. */
const ofValue = (checker: Checker, value: Json, path: Path): CheckedExpressions =>
  typeof value === "string" ? checker.checkExpression(value, path) : checker.check(value, path)

const isRecord = (config: Step["config"]): config is Readonly<Record<string, Json>> =>
  // SAFETY: a configuration is JSON; only the lists of steps in it have a type of their own.
  isObject(config as Json)

const together = (parts: ReadonlyArray<Findings>): Findings => ({
  issues: parts.flatMap(({ issues }) => issues),
  secrets: parts.flatMap(({ secrets }) => secrets)
})
