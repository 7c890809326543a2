import type { Json, JsonObject } from "effect/Schema"
import type { FieldPath } from "../../../domain/FieldPath.ts"
import { readPath } from "../../../domain/FieldPath.ts"
import { canonical, isObject } from "../../../domain/Json.ts"

/** Of each item the named fields, where they stood; a field that is not there is left out. */
export const pick = (items: ReadonlyArray<Json>, fields: ReadonlyArray<FieldPath>): Json =>
  items.map((item) =>
    fields.reduce<JsonObject>((picked, field) => place(picked, field.split("."), readPath(item, field)), {})
  )

const place = (target: JsonObject, path: ReadonlyArray<string>, value: Json | undefined): JsonObject => {
  const [name, ...rest] = path
  if (value === undefined || name === undefined) return target
  const inner = Object.hasOwn(target, name) ? target[name] : undefined
  return { ...target, [name]: rest.length === 0 ? value : place(isObject(inner) ? inner : {}, rest, value) }
}

/** Of each item an object of new names; a field that is not there is left out. */
export const rename = (items: ReadonlyArray<Json>, fields: Readonly<Record<string, FieldPath>>): Json =>
  items.map((item) => Object.fromEntries(Object.entries(fields).flatMap(([name, path]) => fieldOf(item, name, path))))

/** A field under a new name, or nothing. */
export const fieldOf = (item: Json, name: string, path: FieldPath): ReadonlyArray<readonly [string, Json]> => {
  const value = readPath(item, path)
  return value === undefined ? [] : [[name, value]]
}

/** By a field: numbers, then texts, then other values; items without the field come last. Equal items keep their order. */
export const sort = (items: ReadonlyArray<Json>, field: FieldPath, direction: "asc" | "desc"): Json => {
  const sign = direction === "asc" ? 1 : -1
  return items
    .map((item) => ({ item, key: readPath(item, field) ?? null }))
    .sort((a, b) => a.key === null || b.key === null ? rank(a.key) - rank(b.key) : sign * compare(a.key, b.key))
    .map(({ item }) => item)
}

const compare = (a: Json, b: Json): number => {
  if (typeof a === "number" && typeof b === "number") return a - b
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0
  return rank(a) - rank(b)
}

const rank = (value: Json): number =>
  value === null ? 3 : typeof value === "number" ? 0 : typeof value === "string" ? 1 : 2

/** `count` items from `offset` on. */
export const limit = (items: ReadonlyArray<Json>, count: number, offset: number): Json =>
  items.slice(offset, offset + count)

/** The first item of each value, or of each value of a field. */
export const unique = (items: ReadonlyArray<Json>, field: FieldPath | undefined): Json => {
  const seen = new Set<string>()
  return items.filter((item) => {
    const value = field === undefined ? item : readPath(item, field)
    const key = value === undefined ? "" : canonical(value)
    return !seen.has(key) && seen.add(key) !== undefined
  })
}

/** Arrays inside the array replaced by their items, `depth` levels down. */
export const flatten = (items: ReadonlyArray<Json>, depth: number): Json => flattened(items, depth)

const flattened = (items: ReadonlyArray<Json>, depth: number): ReadonlyArray<Json> =>
  items.flatMap((item) => !Array.isArray(item) ? [item] : depth === 1 ? item : flattened(item, depth - 1))
