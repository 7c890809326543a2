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
  if (!isObject(value)) return { omittedBytes: bytes }
  const [name, size] = largestMember(value)
  if (size <= smallBytes) return { omittedBytes: bytes }
  const room = size - (bytes - limit)
  const smaller = room > smallBytes ? boundedTo(room, value[name] ?? null) : { omittedBytes: size }
  return boundedTo(limit, { ...value, [name]: smaller })
}

/** What stands in place of a value of this size would take as much. */
const smallBytes = 100

const largestMember = (members: JsonObject): readonly [name: string, bytes: number] =>
  Object.entries(members)
    .map(([name, value]) => [name, jsonBytes(value)] as const)
    .reduce((largest, member) => member[1] > largest[1] ? member : largest, ["", 0])

const firstOf = (limit: number, values: ReadonlyArray<Json>): Json => {
  let bytes = "[]".length - ",".length
  const end = values.findIndex((value) => (bytes += jsonBytes(value) + 1) > limit)
  return values.slice(0, end < 0 ? values.length : end)
}
