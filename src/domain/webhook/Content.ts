import { Result } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import type { Values } from "../Delivery.ts"
import { hasFiniteNumbers, isObject, nestsDeeper } from "../Json.ts"
import { Limits } from "../Limits.ts"

/** What a body is by its media type. A request may come without one, and then without a type. */
export type ContentKind = "json" | "form" | "text" | "empty"

const jsonType = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json$/
const charset = /;\s*charset\s*=\s*"?([^";\s]*)"?/i

/** The kind of a body by its media type; undefined: one that the service does not read. */
export const contentKind = (contentType: string | undefined, isEmpty: boolean): ContentKind | undefined => {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? ""
  if (type === "") return isEmpty ? "empty" : undefined
  if (!/^(?:utf-?8|us-ascii)$/i.test(charset.exec(contentType ?? "")?.[1] ?? "utf-8")) return undefined
  return jsonType.test(type)
    ? "json"
    : type === "application/x-www-form-urlencoded"
    ? "form"
    : type.startsWith("text/")
    ? "text"
    : undefined
}

/** What a body says; fails with what is wrong with it. */
export const readContent = (kind: ContentKind, body: string): Result.Result<Json, string> =>
  kind === "json"
    ? readJson(body)
    : Result.succeed(kind === "form" ? valuesOf(body) : kind === "text" ? body : {})

/** Texts by name, from a form or a query. */
export const valuesOf = (encoded: string): Values => {
  const values = new Map<string, string | ReadonlyArray<string>>()
  for (const [name, value] of new URLSearchParams(encoded)) {
    const known = values.get(name)
    values.set(name, known === undefined ? value : [...(typeof known === "string" ? [known] : known), value])
  }
  return Object.fromEntries(values)
}

/** The inputs of an execution for which a workflow has no expression. */
export const defaultInputs = (content: Json): JsonObject => isObject(content) ? content : { body: content }

const readJson = (body: string): Result.Result<Json, string> => {
  if (nestsDeeper(body, Limits.jsonDepth)) {
    return Result.fail(`The body nests deeper than ${Limits.jsonDepth} levels`)
  }
  return Result.flatMap(
    Result.try({ try: (): Json => JSON.parse(body), catch: () => "The body is not valid JSON" }),
    (value) => hasFiniteNumbers(value) ? Result.succeed(value) : Result.fail("The body has a number that is too large")
  )
}
