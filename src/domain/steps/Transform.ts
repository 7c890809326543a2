import { Schema } from "effect"
import { FieldPath } from "../FieldPath.ts"

const NonNegative = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** How `filter` compares a field with its value. */
export const FilterOperator = Schema.Literals([
  "eq",
  "ne",
  "gt",
  "gte",
  "lt",
  "lte",
  "in",
  "contains",
  "exists",
  "matches"
])
export type FilterOperator = typeof FilterOperator.Type

/** How `aggregate` folds the items of a group. */
export const AggregateFunction = Schema.Literals(["count", "sum", "avg", "min", "max"])
export type AggregateFunction = typeof AggregateFunction.Type

const operation = <const Name extends string, const Fields extends Schema.Struct.Fields>(name: Name, fields: Fields) =>
  Schema.Struct({ operation: Schema.Literal(name), path: Schema.optionalKey(FieldPath), ...fields })

const Filter = Schema.Struct({
  operation: Schema.Literal("filter"),
  path: Schema.optionalKey(FieldPath),
  field: FieldPath,
  operator: Schema.optionalKey(FilterOperator),
  value: Schema.optionalKey(Schema.Json)
}).check(Schema.makeFilter((filter) =>
  filter.operator === "exists" || filter.value !== undefined
    ? filter.operator === "in" && !Array.isArray(filter.value)
      ? { path: ["value"], issue: "must be an array with operator \"in\"" }
      : filter.operator === "matches" && typeof filter.value !== "string"
      ? { path: ["value"], issue: "must be a pattern with operator \"matches\"" }
      : undefined
    : { path: ["value"], issue: "is required" }
))

/** Reshapes the step's input, or what stands at `path` in it; the output is the new value. */
export const TransformConfig = Schema.Union([
  Filter,
  operation("map", {
    fields: Schema.Union([
      Schema.Array(FieldPath).check(Schema.isMinLength(1)),
      Schema.Record(Schema.String.check(Schema.isMinLength(1, { message: "must have a name" })), FieldPath)
    ])
  }),
  operation("sort", { field: FieldPath, direction: Schema.optionalKey(Schema.Literals(["asc", "desc"])) }),
  operation("limit", { count: NonNegative, offset: Schema.optionalKey(NonNegative) }),
  operation("unique", { field: Schema.optionalKey(FieldPath) }),
  operation("group", { field: FieldPath }),
  operation("aggregate", {
    operations: Schema.Array(
      Schema.Struct({
        as: Schema.NonEmptyString,
        function: AggregateFunction,
        field: Schema.optionalKey(FieldPath)
      }).check(Schema.makeFilter((aggregate) =>
        aggregate.function === "count" || aggregate.field !== undefined
          ? undefined
          : { path: ["field"], issue: "is required" }
      ))
    ).check(Schema.isMinLength(1)),
    by: Schema.optionalKey(FieldPath)
  }),
  operation("flatten", {
    depth: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
  }),
  operation("merge", { with: Schema.Json }),
  operation("set", { values: Schema.JsonObject })
]).annotate({ identifier: "TransformConfig" })
export type TransformConfig = typeof TransformConfig.Type
