import type { Json, JsonObject } from "effect/Schema"
import type { FieldPath } from "../../../domain/FieldPath.ts"
import { readPath } from "../../../domain/FieldPath.ts"
import { canonical, kindOf } from "../../../domain/Json.ts"
import type { AggregateFunction, TransformConfig } from "../../../domain/steps/Transform.ts"
import type { TransformResult } from "./Result.ts"
import { TransformError } from "./Result.ts"

type Aggregates = Extract<TransformConfig, { readonly operation: "aggregate" }>["operations"]

/** An object of arrays: the items by the text of a field's value. Items without the field stand under `null`. */
export const group = (items: ReadonlyArray<Json>, field: FieldPath): Json =>
  Object.fromEntries(Map.groupBy(items, (item) => nameOf(readPath(item, field) ?? null)))

const nameOf = (value: Json): string => typeof value === "object" ? canonical(value) : String(value)

/** One object of results, or with `by` an array of them: one for each value of that field, in order of appearance. */
export const aggregate = (
  items: ReadonlyArray<Json>,
  operations: Aggregates,
  by: FieldPath | undefined
): TransformResult => {
  if (by === undefined) return fold(items, operations)
  const groups = Map.groupBy(items, (item) => canonical(readPath(item, by) ?? null))
  const rows: Array<Json> = []
  for (const [, members] of groups) {
    const row = fold(members, operations)
    if (row instanceof TransformError) return row
    const key = members[0] === undefined ? null : readPath(members[0], by) ?? null
    rows.push({ [by]: key, ...row })
  }
  return rows
}

const fold = (items: ReadonlyArray<Json>, operations: Aggregates): JsonObject | TransformError => {
  const results: Array<[string, Json]> = []
  for (const { as, field, function: name } of operations) {
    const values = field === undefined ? items : presentValues(items, field)
    const result = name === "count" ? values.length : foldNumbers(name, values, field)
    if (result instanceof TransformError) return result
    results.push([as, result])
  }
  return Object.fromEntries(results)
}

const presentValues = (items: ReadonlyArray<Json>, field: FieldPath): ReadonlyArray<Json> =>
  items.map((item) => readPath(item, field) ?? null).filter((value) => value !== null)

/** Of no values the sum is 0 and the others are null. */
const foldNumbers = (
  name: Exclude<AggregateFunction, "count">,
  values: ReadonlyArray<Json>,
  field: FieldPath | undefined
): number | null | TransformError => {
  const numbers: Array<number> = []
  for (const value of values) {
    if (typeof value !== "number") {
      return new TransformError(`${name} expected numbers in "${field}", got ${kindOf(value)}`)
    }
    numbers.push(value)
  }
  const sum = numbers.reduce((total, value) => total + value, 0)
  switch (name) {
    case "sum":
      return sum
    case "avg":
      return numbers.length === 0 ? null : sum / numbers.length
    case "min":
      return numbers.length === 0 ? null : numbers.reduce((least, value) => Math.min(least, value))
    case "max":
      return numbers.length === 0 ? null : numbers.reduce((most, value) => Math.max(most, value))
  }
}
