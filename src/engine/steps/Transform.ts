import { Effect } from "effect"
import type { Json } from "effect/Schema"
import type { FieldPath } from "../../domain/FieldPath.ts"
import { readPath } from "../../domain/FieldPath.ts"
import { isObject, kindOf } from "../../domain/Json.ts"
import type { TransformConfig } from "../../domain/steps/Transform.ts"
import type { StepHandler } from "../StepHandler.ts"
import { StepFailure } from "../StepHandler.ts"
import { filter } from "./transform/Filter.ts"
import { aggregate, group } from "./transform/Groups.ts"
import { flatten, limit, pick, rename, sort, unique } from "./transform/Lists.ts"
import { merge } from "./transform/Merge.ts"
import type { TransformResult } from "./transform/Result.ts"
import { TransformError } from "./transform/Result.ts"

/** Reshapes the input. Pure: the same input gives the same output. */
export const transform: StepHandler<"transform"> = {
  run: (config, context) => {
    const result = apply(config, context.input)
    return result instanceof TransformError
      ? Effect.fail(new StepFailure({ code: "invalid-input", message: `${config.operation}: ${result.message}` }))
      : Effect.succeed(result)
  }
}

const apply = (config: TransformConfig, input: Json): TransformResult => {
  const value = config.path === undefined ? input : readPath(input, config.path)
  if (value === undefined) return new TransformError(`expected a value at "${config.path}", got nothing`)
  switch (config.operation) {
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

type ListConfig = Exclude<TransformConfig, { readonly operation: "merge" | "set" }>

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
