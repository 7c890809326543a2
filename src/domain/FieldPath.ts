import { Schema } from "effect"
import type { Json } from "effect/Schema"

/** A path into a value: names and indexes with dots between them (`customer.address.city`, `items.0.id`). */
export const FieldPath = Schema.String
  .check(Schema.isPattern(/^[^.]+(\.[^.]+)*$/u, { message: "must be a path such as \"customer.address.city\"" }))
  .check(Schema.isMaxLength(256))
  .annotate({ identifier: "FieldPath", description: "A path such as `customer.address.city`" })
export type FieldPath = typeof FieldPath.Type

/** What stands at a path; `undefined` where nothing does. Only a value's own members are seen. */
export const readPath = (value: Json, path: FieldPath): Json | undefined => {
  let current: Json | undefined = value
  for (const name of path.split(".")) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, name)) return undefined
    if (Array.isArray(current) && name === "length") return undefined
    // SAFETY: `name` is an own member of a JSON array or object, so what it names is JSON.
    current = (current as Readonly<Record<string, Json>>)[name]
  }
  return current
}
