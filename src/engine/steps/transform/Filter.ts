import type { Json } from "effect/Schema"
import { RE2JS } from "re2js"
import { readPath } from "../../../domain/FieldPath.ts"
import { canonical } from "../../../domain/Json.ts"
import type { FilterOperator, TransformConfig } from "../../../domain/steps/Transform.ts"
import type { TransformResult } from "./Result.ts"
import { TransformError } from "./Result.ts"

type FilterConfig = Extract<TransformConfig, { readonly operation: "filter" }>

/** The items whose field passes the test. A field that is not there passes only `ne` and `exists: false`. */
export const filter = (items: ReadonlyArray<Json>, config: FilterConfig): TransformResult => {
  const { field } = config
  if (field === undefined) return new TransformError("expected a \"field\" or \"where\"")
  const test = makeTest(config.operator ?? "eq", config.value ?? null, config.value === undefined)
  return test instanceof TransformError ? test : items.filter((item) => test(readPath(item, field)))
}

type Test = (actual: Json | undefined) => boolean

const makeTest = (operator: FilterOperator, value: Json, unset: boolean): Test | TransformError => {
  switch (operator) {
    case "eq":
      return isEqualTo(value)
    case "ne": {
      const isEqual = isEqualTo(value)
      return (actual) => !isEqual(actual)
    }
    case "gt":
      return compares(value, (order) => order > 0)
    case "gte":
      return compares(value, (order) => order >= 0)
    case "lt":
      return compares(value, (order) => order < 0)
    case "lte":
      return compares(value, (order) => order <= 0)
    case "in": {
      const allowed = new Set((Array.isArray(value) ? value : [value]).map(canonical))
      return (actual) => actual !== undefined && allowed.has(canonical(actual))
    }
    case "contains":
      return contains(value)
    case "exists": {
      const expected = unset || value !== false
      return (actual) => (actual !== undefined) === expected
    }
    case "matches":
      return matches(value)
  }
}

const isEqualTo = (value: Json): Test => {
  if (typeof value !== "object" || value === null) return (actual) => actual === value
  const text = canonical(value)
  return (actual) => actual !== undefined && canonical(actual) === text
}

/** Numbers compare with numbers and texts with texts, by code unit; nothing else compares. */
const compares = (value: Json, accept: (order: number) => boolean): Test => (actual) =>
  (typeof actual === "number" && typeof value === "number") || (typeof actual === "string" && typeof value === "string")
    ? accept(actual < value ? -1 : actual > value ? 1 : 0)
    : false

const contains = (value: Json): Test => {
  const isEqual = isEqualTo(value)
  return (actual) =>
    typeof actual === "string"
      ? typeof value === "string" && actual.includes(value)
      : Array.isArray(actual) && actual.some(isEqual)
}

/** Patterns run on an engine whose time is linear in the text, whatever the pattern. */
const matches = (value: Json): Test | TransformError => {
  try {
    const pattern = RE2JS.compile(String(value))
    return (actual) => typeof actual === "string" && pattern.matcher(actual).find()
  } catch (cause) {
    return new TransformError(`"value" is not a pattern: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}
