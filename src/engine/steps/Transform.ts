import { Effect } from "effect"
import type { Json } from "effect/Schema"
import type { FieldPath } from "../../domain/FieldPath.ts"
import { readPath } from "../../domain/FieldPath.ts"
import { isObject, kindOf } from "../../domain/Json.ts"
import type { TransformConfig } from "../../domain/steps/Transform.ts"
import { isTemplate } from "../../domain/Template.ts"
import { Expressions } from "../Expressions.ts"
import type { Scope } from "../Scope.ts"
import type { StepContext, StepHandler } from "../StepHandler.ts"
import { StepFailure } from "../StepHandler.ts"
import { filter } from "./transform/Filter.ts"
import { aggregate, group } from "./transform/Groups.ts"
import { fieldOf, flatten, limit, pick, rename, sort, unique } from "./transform/Lists.ts"
import { merge } from "./transform/Merge.ts"
import type { TransformResult } from "./transform/Result.ts"
import { TransformError } from "./transform/Result.ts"

/** The members whose expressions are evaluated for each item, or by the operation itself. */
export const ownMembers = ["where", "fields", "expression"]

/** Reshapes the input: the same input gives the same output. */
export const makeTransform = Effect.gen(function*() {
  const expressions = yield* Expressions

  const keep = (where: string, items: ReadonlyArray<Json>, scope: Scope) =>
    Effect.map(
      expressions.testEach(where, scope, items),
      (tests) => items.filter((_, index) => tests[index])
    )

  const evaluateFields = (fields: Readonly<Record<string, string>>, items: ReadonlyArray<Json>, scope: Scope) => {
    const templates = Object.entries(fields).filter(([, value]) => isTemplate(value))
    return Effect.map(
      expressions.evaluateEach(templates.map(([, template]) => template), scope, items),
      (evaluated) =>
        items.map((item, index) => {
          const values = evaluated[index]
          const found = new Map(templates.map(([name], place) => [name, Array.isArray(values) ? values[place] : null]))
          return Object.fromEntries(
            Object.entries(fields).flatMap(([name, path]): ReadonlyArray<readonly [string, Json]> => {
              const value = found.get(name)
              return value === undefined ? fieldOf(item, name, path) : [[name, value]]
            })
          )
        })
    )
  }

  const evaluate = (config: TransformConfig, value: Json, context: StepContext) => {
    if (config.operation === "expression") {
      return expressions.evaluate(config.expression, { ...context.scope, input: value })
    }
    if (!Array.isArray(value)) return undefined
    // SAFETY: the items of a JSON array are JSON.
    const items = value as ReadonlyArray<Json>
    // The scope is read once for all items: it puts members together when they are read.
    if (config.operation === "filter" && config.where !== undefined) {
      return keep(config.where, items, { ...context.scope })
    }
    if (config.operation === "map" && !isPaths(config.fields) && Object.values(config.fields).some(isTemplate)) {
      return evaluateFields(config.fields, items, { ...context.scope })
    }
    return undefined
  }

  const run = (config: TransformConfig, context: StepContext): Effect.Effect<Json, StepFailure> => {
    const value = config.path === undefined ? context.input : readPath(context.input, config.path)
    const result = value === undefined
      ? new TransformError(`expected a value at "${config.path}", got nothing`)
      : evaluate(config, value, context) ?? apply(config, value)
    return result instanceof TransformError
      ? Effect.fail(new StepFailure({ code: "invalid-input", message: `${config.operation}: ${result.message}` }))
      : Effect.isEffect(result)
      ? result
      : Effect.succeed(result)
  }

  return { run } satisfies StepHandler<TransformConfig>
})

const apply = (config: TransformConfig, value: Json): TransformResult => {
  switch (config.operation) {
    case "expression":
      return value
    case "merge":
      return merge(value, config.with)
    case "set":
      return isObject(value)
        ? { ...value, ...config.values }
        : new TransformError(`expected an object${at(config.path)}, got ${kindOf(value)}`)
    default:
      return Array.isArray(value)
        ? applyToList(config, value)
        : new TransformError(`expected an array${at(config.path)}, got ${kindOf(value)}`)
  }
}

type ListConfig = Exclude<TransformConfig, { readonly operation: "merge" | "set" | "expression" }>

const applyToList = (config: ListConfig, items: ReadonlyArray<Json>): TransformResult => {
  switch (config.operation) {
    case "filter":
      return filter(items, config)
    case "map":
      return isPaths(config.fields) ? pick(items, config.fields) : rename(items, config.fields)
    case "sort":
      return sort(items, config.field, config.direction ?? "asc")
    case "limit":
      return limit(items, config.count, config.offset ?? 0)
    case "unique":
      return unique(items, config.field)
    case "group":
      return group(items, config.field)
    case "aggregate":
      return aggregate(items, config.operations, config.by)
    case "flatten":
      return flatten(items, config.depth ?? 1)
  }
}

const isPaths = (
  fields: Extract<TransformConfig, { readonly operation: "map" }>["fields"]
): fields is ReadonlyArray<FieldPath> => Array.isArray(fields)

const at = (path: FieldPath | undefined): string => path === undefined ? "" : ` at "${path}"`
