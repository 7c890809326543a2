import { Result } from "effect"
import type { Json } from "effect/Schema"
import type { Issue } from "../../domain/Issues.ts"
import { isObject } from "../../domain/Json.ts"
import type { Expression, ExpressionScope } from "./Expression.ts"
import { compile } from "./Expression.ts"
import { toText } from "./Operators.ts"
import { toJson } from "./Output.ts"
import type { Session } from "./Session.ts"
import { parseTemplate } from "./Template.ts"
import type { Run, Value } from "./Values.ts"

/** A JSON value whose templates are compiled. */
export type Filling =
  | { readonly kind: "json"; readonly value: Json }
  /** One expression: its value, typed. */
  | { readonly kind: "expression"; readonly expression: Expression }
  /** Expressions and texts: a text. */
  | { readonly kind: "text"; readonly parts: ReadonlyArray<string | Expression> }
  | { readonly kind: "array"; readonly items: ReadonlyArray<Filling> }
  | { readonly kind: "object"; readonly members: ReadonlyArray<readonly [string, Filling]> }

type Path = ReadonlyArray<string | number>

/** What is found while a value is compiled. */
export interface Findings {
  readonly issues: Array<Issue>
  /** Each expression, and where it stands. */
  readonly expressions: Array<{ readonly expression: Expression; readonly path: Path }>
}

/** Compiles every template in a value. The members named `own` at its top are left as they are. */
export const compileConfig = (
  value: Json,
  path: Path,
  findings: Findings,
  own: ReadonlyArray<string> = []
): Filling => {
  if (typeof value === "string") return compileTemplate(value, path, findings)
  if (Array.isArray(value)) {
    const items = value.map((item: Json, index) => compileConfig(item, [...path, index], findings))
    return items.every(isJson) ? { kind: "json", value } : { kind: "array", items }
  }
  if (!isObject(value)) return { kind: "json", value }
  const members = Object.entries(value).map(([name, member]) =>
    [
      name,
      own.includes(name) ? { kind: "json", value: member } as const : compileConfig(member, [...path, name], findings)
    ] as const
  )
  return members.every(([, member]) => isJson(member)) ? { kind: "json", value } : { kind: "object", members }
}

/** An expression without braces, or a template. */
export const compileExpression = (text: string, path: Path, findings: Findings): Filling => {
  if (text.includes("{{")) return compileTemplate(text, path, findings)
  const expression = compileAt(text, 0, path, findings)
  return expression === undefined ? nothing : { kind: "expression", expression }
}

const compileTemplate = (template: string, path: Path, findings: Findings): Filling => {
  if (!template.includes("{{")) return { kind: "json", value: template }
  const { parts, unclosed } = parseTemplate(template)
  if (unclosed !== undefined) {
    findings.issues.push({ path, message: `has a {{ at position ${unclosed} that no }} closes` })
  }
  const compiled = parts.flatMap((part): ReadonlyArray<string | Expression> => {
    if (part.kind === "text") return [part.text]
    const expression = compileAt(part.source, part.position, path, findings)
    return expression === undefined ? [] : [expression]
  })
  const [only] = compiled
  if (compiled.length !== 1 || only === undefined) return { kind: "text", parts: compiled }
  return typeof only === "string" ? { kind: "json", value: only } : { kind: "expression", expression: only }
}

const compileAt = (source: string, offset: number, path: Path, findings: Findings): Expression | undefined => {
  const compiled = source.trim() === ""
    ? Result.fail({ message: "The expression is empty", position: 0 })
    : compile(source)
  if (Result.isSuccess(compiled)) {
    findings.expressions.push({ expression: compiled.success, path })
    return compiled.success
  }
  const { message, position } = compiled.failure
  const id = dashedStepAt(source, position)
  const hint = id === undefined ? "" : `; an id with a "-" needs backticks: steps.\`${id}\``
  findings.issues.push({
    path,
    message: `is not a valid expression at position ${offset + position}: ${message}${hint}`
  })
  return undefined
}

/** The id of a step that is written without backticks at this place, though it is no name. */
const dashedStepAt = (source: string, position: number): string | undefined => {
  for (const { 0: text, 1: id, index } of source.matchAll(/(?<![\w.'"`])steps\.(\w+(?:-\w+)+)/g)) {
    if (index <= position && position <= index + text.length) return id
  }
  return undefined
}

/** The value with its templates filled in. Throws an `ExpressionFailure`. */
export function* fill(filling: Filling, session: Session, scope: ExpressionScope): Run<Json> {
  switch (filling.kind) {
    case "json":
      return filling.value
    case "expression":
      return toJson(yield* filling.expression.run(session, scope), session.meter)
    case "text": {
      let text = ""
      for (const part of filling.parts) {
        const added = typeof part === "string" ? part : textOf(yield* part.run(session, scope), session)
        session.meter.joined(text.length + added.length)
        text += added
      }
      return text
    }
    case "array": {
      const items: Array<Json> = []
      for (const item of filling.items) items.push(yield* fill(item, session, scope))
      return items
    }
    case "object": {
      const members: Array<readonly [string, Json]> = []
      for (const [name, member] of filling.members) members.push([name, yield* fill(member, session, scope)])
      return Object.fromEntries(members)
    }
  }
}

/** A value inside a text: texts as they are, nothing and null as nothing, the rest as JSON. */
const textOf = (value: Value, { meter }: Session): string => {
  const json = toJson(value, meter)
  return json === null ? "" : toText(json, meter)
}

/** Whether any of its expressions asks for random numbers. */
export const isRandom = (filling: Filling): boolean => {
  switch (filling.kind) {
    case "json":
      return false
    case "expression":
      return filling.expression.references.random
    case "text":
      return filling.parts.some((part) => typeof part !== "string" && part.references.random)
    case "array":
      return filling.items.some(isRandom)
    case "object":
      return filling.members.some(([, member]) => isRandom(member))
  }
}

const isJson = (filling: Filling): boolean =>
  filling.kind === "json" && (typeof filling.value !== "string" || !filling.value.includes("{{"))

const nothing: Filling = { kind: "json", value: null }
