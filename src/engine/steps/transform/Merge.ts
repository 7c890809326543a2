import type { Json, JsonObject } from "effect/Schema"
import { isObject, kindOf } from "../../../domain/Json.ts"
import type { TransformResult } from "./Result.ts"
import { TransformError } from "./Result.ts"

/** Two objects deeply, the second winning; two arrays one after the other. */
export const merge = (value: Json, other: Json): TransformResult => {
  if (Array.isArray(value) && Array.isArray(other)) return [...value, ...other]
  if (isObject(value) && isObject(other)) return mergeObjects(value, other)
  return new TransformError(`expected two objects or two arrays, got ${kindOf(value)} and ${kindOf(other)}`)
}

const mergeObjects = (value: JsonObject, other: JsonObject): JsonObject => ({
  ...value,
  ...Object.fromEntries(
    Object.entries(other).map(([name, member]) => {
      const own = Object.hasOwn(value, name) ? value[name] : undefined
      return [name, isObject(own) && isObject(member) ? mergeObjects(own, member) : member]
    })
  )
})
