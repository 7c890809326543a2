import type { SchemaAST, SchemaIssue } from "effect"
import { Result, Schema } from "effect"
import { kindOf } from "./Json.ts"
import { notATemplate, TemplateString } from "./Template.ts"

/** One problem of a client's data: where it is, and what is wrong there. */
export const Issue = Schema.Struct({
  path: Schema.Array(Schema.Union([Schema.String, Schema.Int])),
  message: Schema.String
}).annotate({ identifier: "Issue" })
export type Issue = typeof Issue.Type

/** A problem, and whether it is that something required is missing. */
export interface FoundIssue extends Issue {
  readonly missing: boolean
}

type Path = ReadonlyArray<string | number>

/** The members that tell one kind of object from another in a union. */
const discriminators = ["type", "operation"] as const

/** Every problem that a schema found in `input`, in the order of the input. */
export const fromSchemaIssue = (issue: SchemaIssue.Issue, input: unknown): ReadonlyArray<FoundIssue> =>
  collect(issue, [], input)

const collect = (issue: SchemaIssue.Issue, path: Path, input: unknown): ReadonlyArray<FoundIssue> => {
  switch (issue._tag) {
    case "Pointer":
      return collect(issue.issue, [...path, ...issue.path.map(toSegment)], issue.path.reduce(memberOf, input))
    case "Composite":
      return issue.issues.flatMap((inner) => collect(inner, path, input))
    case "Filter":
      return collect(issue.issue, path, input).map((found) => ({
        ...found,
        missing: found.message === "is required",
        message: found.message === invalid ? expectation(issue.filter.annotations) ?? invalid : found.message
      }))
    case "Encoding":
      return collect(issue.issue, path, input)
    case "AnyOf":
      return unionIssues(issue, path, input)
    case "MissingKey":
      return [{ path, message: "is required", missing: true }]
    case "UnexpectedKey":
      return unexpectedKey(issue.ast, path)
    case "InvalidType":
      return [mismatch(issue.ast, path, input)]
    case "InvalidValue":
    case "Forbidden":
      return [{ path, message: expectation(issue.annotations) ?? invalid, missing: false }]
    case "OneOf":
      return [{ path, message: "fits more than one of its forms", missing: false }]
  }
}

const invalid = "is not valid"

const expectation = (annotations: Schema.Annotations.Annotations | undefined): string | undefined => {
  const message = annotations?.["message"]
  if (typeof message === "string") return message
  const expected = annotations?.["expected"]
  if (typeof expected === "string") return `must be ${expected}`
  const description = annotations?.["description"]
  return typeof description === "string" ? description : undefined
}

/** Where a template may stand instead of a value, what is wrong with the value is told. */
const unionIssues = (issue: SchemaIssue.AnyOf, path: Path, input: unknown): ReadonlyArray<FoundIssue> => {
  const found = issue.issues
    .flatMap((inner) => collect(inner, path, input))
    .filter(({ message }) => message !== notATemplate)
  return found.length > 0 ? found : [unionIssue(issue.ast, path, input)]
}

/** A name that its object does not have, or that is no name for a member of its record. */
const unexpectedKey = (ast: SchemaAST.AST, path: Path): ReadonlyArray<FoundIssue> => {
  const [signature] = ast._tag === "Objects" ? ast.indexSignatures : []
  const name = path.at(-1)
  const checked = signature === undefined
    ? undefined
    : Schema.decodeUnknownResult(Schema.make<Schema.Codec<string>>(signature.parameter))(name)
  return checked === undefined || Result.isSuccess(checked)
    ? [{ path, message: "is not known here", missing: false }]
    : collect(checked.failure.issue, path, name)
}

/** A value of another kind than expected; of the same kind, only what it must be is told. */
const mismatch = (ast: SchemaAST.AST, path: Path, input: unknown): FoundIssue => {
  const admitted = ast._tag === "Union" ? ast.types : [ast]
  const isKindRight = admitted.some((type) => type._tag === "Literal" && typeof type.literal === typeof input)
  const message = `must be ${typeName(ast)}`
  return { path, message: isKindRight ? message : `${message}, not ${kindOf(input)}`, missing: false }
}

const unionIssue = (union: SchemaAST.Union, path: Path, input: unknown): FoundIssue => {
  const members = union.types.flatMap((type) => type._tag === "Objects" ? type.propertySignatures : [])
  const key = discriminators.find((name) => members.some((member) => member.name === name))
  if (key === undefined || typeof input !== "object" || input === null || Array.isArray(input)) {
    return mismatch(union, path, input)
  }
  if (!Object.hasOwn(input, key)) return { path: [...path, key], message: "is required", missing: true }
  const known = members.filter((member) => member.name === key).map((member) => typeName(member.type))
  return { path: [...path, key], message: `must be one of ${known.join(", ")}`, missing: false }
}

const typeName = (ast: SchemaAST.AST): string => {
  switch (ast._tag) {
    case "Literal":
      return JSON.stringify(ast.literal)
    case "Union":
      return [...new Set(ast.types.filter((type) => type !== TemplateString.ast).map(typeName))].join(" or ")
    case "Objects":
      return "an object"
    case "Arrays":
      return "an array"
    case "String":
      return "a string"
    case "Number":
      return "a number"
    case "Boolean":
      return "a boolean"
    case "Null":
      return "null"
    default:
      return "a valid value"
  }
}

const toSegment = (key: PropertyKey): string | number => typeof key === "number" ? key : String(key)

const memberOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined

/** A path as people write it: `steps[1].config.field`. */
export const formatPath = (path: Path): string =>
  path.reduce<string>(
    (text, segment) =>
      typeof segment === "number" ? `${text}[${segment}]` : text === "" ? segment : `${text}.${segment}`,
    ""
  )

/** Every problem in one line; `under`: where the value stands that their paths begin at. */
export const formatIssues = (issues: ReadonlyArray<Issue>, under: Path = []): string =>
  issues.map(({ message, path }) => `${formatPath([...under, ...path])} ${message}`).join("; ")

/** The problems in one sentence: the first, and how many more there are. */
export const summarize = (issues: ReadonlyArray<Issue>): string => {
  const [first, ...others] = issues
  if (first === undefined) return "The data is not valid"
  const place = formatPath(first.path)
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`
  return `${place === "" ? "The body" : place} ${first.message}${more}`
}
