import type { Json, JsonObject } from "effect/Schema"
import { isObject, jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import { cut } from "../domain/Text.ts"

/** An error that the row of an execution has room for, whatever an upstream or a child has put into it. */
export const bounded = <Error extends { readonly message: string; readonly details?: Json }>(error: Error): Error => ({
  ...error,
  message: cut(error.message, Limits.errorMessageCharacters),
  ...(error.details === undefined ? {} : { details: boundedTo(Limits.errorDetailsBytes, error.details) })
})

/** A value of at most so many bytes: its largest parts give way. Lists lose their last members. */
const boundedTo = (limit: number, value: Json): Json => {
  const bytes = jsonBytes(value)
  if (bytes <= limit) return value
  if (Array.isArray(value)) return firstOf(limit, value)
  return isObject(value) ? withoutLargest(limit, value, bytes) : { omittedBytes: bytes }
}

/** What stands in place of a value of this size would take as much. */
const smallBytes = 100

/** An object of so many bytes, with its largest members smaller: the last of those as little as need be. */
const withoutLargest = (limit: number, members: JsonObject, bytes: number): Json => {
  const sizes = Object.entries(members).map(([name, value]) => ({ name, value, size: jsonBytes(value) }))
  const smaller = new Map<string, Json>()
  let left = bytes - limit
  for (const { name, size, value } of sizes.toSorted((a, b) => b.size - a.size)) {
    if (left <= 0) break
    if (size <= smallBytes) return { omittedBytes: bytes }
    const part = size - left > smallBytes ? boundedTo(size - left, value) : { omittedBytes: size }
    smaller.set(name, part)
    left -= size - jsonBytes(part)
  }
  return left > 0
    ? { omittedBytes: bytes }
    : Object.fromEntries(sizes.map(({ name, value }) => [name, smaller.get(name) ?? value]))
}

const firstOf = (limit: number, values: ReadonlyArray<Json>): Json => {
  let bytes = "[]".length - ",".length
  const end = values.findIndex((value) => (bytes += jsonBytes(value) + 1) > limit)
  return values.slice(0, end < 0 ? values.length : end)
}
