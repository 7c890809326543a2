import { Option, Schema } from "effect"
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
    onSome: ({ inputSchema }) => validator.check(inputSchema).map(under("inputSchema"))
  })

/** What is wrong with the inputs of an execution of this workflow. */
export const inputIssues = (
  validator: SchemaValidator["Service"],
  { inputSchema }: Workflow,
  inputs: Inputs
): ReadonlyArray<Issue> => inputSchema === undefined ? [] : validator.validate(inputSchema, inputs).map(under("inputs"))

const decodeInputSchema = Schema.decodeUnknownOption(Schema.Struct({ inputSchema: Schema.JsonObject }))

const under = (member: string) => (issue: Issue): Issue => ({ ...issue, path: [member, ...issue.path] })
