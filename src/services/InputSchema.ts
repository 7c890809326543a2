import { Option, Schema } from "effect"
import type { JsonObject } from "effect/Schema"
import type { Inputs } from "../domain/Execution.ts"
import type { Issue } from "../domain/Issues.ts"
import type { Workflow } from "../domain/Workflow.ts"
import type { SchemaValidator } from "./SchemaValidator.ts"

/** What keeps a definition's input schema from being used; nothing where it has none. */
export const inputSchemaIssues = (
  validator: SchemaValidator["Service"],
  definition: unknown
): ReadonlyArray<Issue> =>
  Option.match(decodeInputSchema(definition), {
    onNone: () => [],
    onSome: ({ inputSchema }) => {
      const issues = validator.check(inputSchema)
      return (issues.length > 0 ? issues : kindIssues(inputSchema)).map(under("inputSchema"))
    }
  })

/** The inputs of an execution are an object: nothing else can fit. */
const kindIssues = ({ type }: JsonObject): ReadonlyArray<Issue> =>
  (typeof type === "string" && type !== "object") || (Array.isArray(type) && !type.includes("object"))
    ? [{ path: ["type"], message: "must admit an object: inputs are one" }]
    : []

/** What is wrong with the inputs of an execution of this workflow. */
export const inputIssues = (
  validator: SchemaValidator["Service"],
  { inputSchema }: Workflow,
  inputs: Inputs
): ReadonlyArray<Issue> => inputSchema === undefined ? [] : validator.validate(inputSchema, inputs).map(under("inputs"))

const decodeInputSchema = Schema.decodeUnknownOption(Schema.Struct({ inputSchema: Schema.JsonObject }))

const under = (member: string) => (issue: Issue): Issue => ({ ...issue, path: [member, ...issue.path] })
