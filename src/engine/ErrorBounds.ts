import type { Json, JsonObject } from "effect/Schema"
import type { Issue } from "../domain/Issues.ts"
import { isObject, jsonBytes } from "../domain/Json.ts"
import { Limits } from "../domain/Limits.ts"
import { cut } from "../domain/Text.ts"

/** An error that the row of an execution has room for, whatever an upstream or a child has put into it. */
export const bounded = <Error extends { readonly message: string; readonly details?: Json }>(error: Error): Error => ({
  ...error,
  message: cut(error.message, Limits.errorMessageCharacters),
  ...(error.details === undefined ? {} : { details: boundedDetails(error.details) })
})

/** Details without their largest members, as many as must go; how large each was stands in its place. */
const boundedDetails = (details: Json): Json => {
  const bytes = jsonBytes(details)
  if (bytes <= Limits.errorDetailsBytes) return details
  if (!isObject(details)) return { omittedBytes: bytes }
  const [name, omittedBytes] = largestMember(details)
  return omittedBytes > smallBytes ? boundedDetails({ ...details, [name]: { omittedBytes } }) : { omittedBytes: bytes }
}

/** Leaving out a member of this size would gain nothing. */
const smallBytes = 100

const largestMember = (members: JsonObject): readonly [name: string, bytes: number] =>
  Object.entries(members)
    .map(([name, value]) => [name, jsonBytes(value)] as const)
    .reduce((largest, member) => member[1] > largest[1] ? member : largest, ["", 0])

/** The first issues, as many as an error's details have room for. */
export const boundedIssues = (issues: ReadonlyArray<Issue>): ReadonlyArray<Issue> => {
  let bytes = jsonBytes({ issues: [] })
  const end = issues.findIndex((issue) => (bytes += jsonBytes(issue) + 1) > Limits.errorDetailsBytes + 1)
  return end < 0 ? issues : issues.slice(0, end)
}
