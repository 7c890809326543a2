import { Schema } from "effect"
import { FieldPath } from "../FieldPath.ts"
import { isTemplate, TemplateString } from "../Template.ts"
import { stepInput } from "./Input.ts"

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

const common = {
  path: Schema.optionalKey(FieldPath).annotateKey({
    description: "What it works on, in the step's input: all of it by default",
    examples: ["data.items"]
  }),
  input: stepInput
}

/** Fields of the items that an operation works on. */
const ofItems = (description: string) => FieldPath.annotateKey({ description, examples: ["customer.city"] })
const ofItemsOrNone = (description: string) => Schema.optionalKey(FieldPath).annotateKey({ description })

const operation = <const Name extends string, const Fields extends Schema.Struct.Fields>(
  name: Name,
  description: string,
  fields: Fields
) => Schema.Struct({ operation: Schema.Literal(name), ...common, ...fields }).annotate({ title: name, description })

const Filter = operation("filter", "Keeps the items that pass", {
  field: ofItemsOrNone("The field that is compared; or `where`"),
  operator: Schema.optionalKey(FilterOperator).annotateKey({
    description: "How it is compared; `matches` takes a regular expression in RE2 syntax",
    default: "eq"
  }),
  value: Schema.optionalKey(Schema.Json).annotateKey({ description: "What it is compared with; not with `exists`" }),
  where: Schema.optionalKey(Schema.NonEmptyString).annotateKey({
    description: "An expression over `item` instead of a field",
    examples: ["item.total > 100"]
  })
}).check(Schema.makeFilter((filter) => {
  if (filter.where !== undefined) {
    return filter.field === undefined ? undefined : { path: ["where"], issue: "can't stand beside \"field\"" }
  }
  if (filter.field === undefined) return { path: ["field"], issue: "is required" }
  if (filter.value === undefined) {
    return filter.operator === "exists"
      ? undefined
      : { path: ["value"], issue: "is required" }
  }
  if (isTemplate(filter.value)) return undefined
  if (filter.operator === "in" && !Array.isArray(filter.value)) {
    return { path: ["value"], issue: "must be an array with operator \"in\"" }
  }
  return filter.operator === "matches" && typeof filter.value !== "string"
    ? { path: ["value"], issue: "must be a pattern with operator \"matches\"" }
    : undefined
}, {
  toJsonSchema: () => ({
    oneOf: [
      { required: ["where"] },
      {
        required: ["field"],
        anyOf: [{ required: ["value"] }, { required: ["operator"], properties: { operator: { enum: ["exists"] } } }]
      }
    ]
  })
}))

/** Reshapes the step's input, or what stands at `path` in it; the output is the new value. */
export const TransformConfig = Schema.Union([
  Filter,
  operation("map", "Picks members of the items, or renames them", {
    fields: Schema.Union([
      Schema.Array(FieldPath).check(Schema.isMinLength(1)),
      Schema.Record(
        Schema.String.check(Schema.isMinLength(1, { message: "must have a name" })),
        Schema.Union([FieldPath, TemplateString])
      )
    ]).annotateKey({
      description:
        "Names to pick, or new names with what stands there: a field, or an expression over `item` in {{ … }}",
      examples: [["id", "name"], { city: "address.city" }]
    })
  }),
  operation("sort", "Sorts the items; equal ones keep their order", {
    field: ofItems("What it sorts by"),
    direction: Schema.optionalKey(Schema.Literals(["asc", "desc"])).annotateKey({
      description: "Smallest or largest first",
      default: "asc"
    })
  }),
  operation("limit", "Takes so many items", {
    count: NonNegative.annotateKey({ description: "How many", examples: [10] }),
    offset: Schema.optionalKey(NonNegative).annotateKey({ description: "How many it leaves out before", default: 0 })
  }),
  operation("unique", "Keeps the first of equal items", {
    field: ofItemsOrNone("What makes them equal: the whole item by default")
  }),
  operation("group", "Makes an object of arrays", { field: ofItems("What names the groups") }),
  operation("aggregate", "Folds the items, all of them or each group, into numbers", {
    operations: Schema.Array(
      Schema.Struct({
        as: Schema.NonEmptyString.annotateKey({ description: "The name of the result", examples: ["total"] }),
        function: AggregateFunction.annotateKey({ description: "How the items are folded" }),
        field: ofItemsOrNone("What is folded; only `count` needs none")
      }).check(Schema.makeFilter((aggregate) =>
        aggregate.function === "count" || aggregate.field !== undefined
          ? undefined
          : { path: ["field"], issue: "is required" }, {
        toJsonSchema: () => ({ anyOf: [{ properties: { function: { enum: ["count"] } } }, { required: ["field"] }] })
      }))
    ).check(Schema.isMinLength(1)).annotateKey({ description: "What is computed" }),
    by: ofItemsOrNone("What names the groups: one group of all items by default")
  }),
  operation("flatten", "Takes the items out of inner arrays", {
    depth: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))).annotateKey({
      description: "How many levels",
      default: 1
    })
  }),
  operation("merge", "Merges objects deeply, or puts arrays one after the other", {
    with: Schema.Json.annotateKey({ description: "An object, an array, or an expression in {{ … }}" })
  }),
  operation("set", "Lays an object over the input", {
    values: Schema.JsonObject.annotateKey({ description: "The members that it sets" })
  }),
  operation("expression", "Evaluates any JSONata", {
    expression: Schema.NonEmptyString.annotateKey({
      description: "JSONata, bare or in {{ … }}",
      examples: ["$sum(input.total)"]
    })
  })
]).annotate({
  identifier: "TransformConfig",
  description: "Reshapes the step's input, or what stands at `path` in it; the output is the new value"
})
export type TransformConfig = typeof TransformConfig.Type
