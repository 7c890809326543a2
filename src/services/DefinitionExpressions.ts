import type { Json } from "effect/Schema"
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

/** Every expression of a definition: what is wrong with it, and the secrets that it names. */
export const checkExpressions = (
  checker: Checker,
  definition: Pick<Definition, "steps"> & Partial<Pick<Definition, "outputs" | "settings" | "triggers">>
): CheckedExpressions =>
  together([
    ...definition.steps.flatMap((step, index) => ofStep(checker, step, ["steps", index])),
    ...Object.entries(definition.outputs ?? {}).map(([name, value]) => ofValue(checker, value, ["outputs", name])),
    ...ofKey(checker, definition.settings?.concurrency?.key),
    ...(definition.triggers ?? []).map((trigger, index) => ofWebhook(checker, trigger, index))
  ])

const ofKey = (checker: Checker, key: string | undefined): ReadonlyArray<CheckedExpressions> => {
  if (key === undefined) return []
  // A secret among what it names is refused like any other name that it doesn't see.
  const { issues } = checker.checkExpression(key, ["settings", "concurrency", "key"], keyNames)
  return [{ issues, secrets: [] }]
}

/** The expression of a webhook's inputs sees no secrets either. */
const ofWebhook = (checker: Checker, trigger: Trigger, index: number): CheckedExpressions => {
  const inputs = webhookOf([trigger])?.inputs
  if (inputs === undefined) return { issues: [], secrets: [] }
  return { issues: checker.checkExpression(inputs, ["triggers", index, "inputs"], webhookNames).issues, secrets: [] }
}

const ofStep = (checker: Checker, step: Step, path: Path): ReadonlyArray<CheckedExpressions> => [
  ...ofWork(checker, step, path),
  ...(step.undo === undefined ? [] : ofWork(checker, step.undo, [...path, "undo"]))
]

/** What a step and its undo have in common. */
const ofWork = (checker: Checker, step: Step | Undo, path: Path): ReadonlyArray<CheckedExpressions> => [
  ...(step.when === undefined ? [] : [checker.checkExpression(step.when, [...path, "when"])]),
  ...ofConfig(checker, step, [...path, "config"]),
  ...branchesOf(step).flatMap((branch) =>
    branch.steps.flatMap((inner, index) => ofStep(checker, inner, [...path, ...branch.path, index]))
  )
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

const together = (parts: ReadonlyArray<CheckedExpressions>): CheckedExpressions => ({
  issues: parts.flatMap(({ issues }) => issues),
  secrets: parts.flatMap(({ secrets }) => secrets)
})
