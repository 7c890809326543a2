import { Layer } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import type { Issue } from "../domain/Issues.ts"
import { SchemaValidator } from "../services/SchemaValidator.ts"
import { fits } from "./jsonSchema/Fits.ts"
import { Problems, toIssues } from "./jsonSchema/Problems.ts"
import { readSchema } from "./jsonSchema/Read.ts"
import { TooMuchWork, Work } from "./jsonSchema/Work.ts"

/** Evaluates schemas here: nothing of a schema is compiled to code, and each step is counted. */
export const layer = Layer.succeed(SchemaValidator, {
  check: (schema: JsonObject) => bounded((work) => toIssues(readSchema(schema, work).problems)),
  validate: (schema: JsonObject, value: Json) =>
    bounded((work) => {
      const { problems: unusable, root } = readSchema(schema, work)
      if (unusable.length > 0) return [{ path: [], message: "can't be checked: the schema is not valid" }]
      const problems = new Problems(work)
      return fits(root, value, undefined, { work, problems, seen: undefined }) ? [] : toIssues(problems.all)
    })
})

const bounded = (check: (work: Work) => ReadonlyArray<Issue>): ReadonlyArray<Issue> => {
  try {
    return check(new Work())
  } catch (error) {
    if (error instanceof TooMuchWork) return [{ path: [], message: error.message }]
    throw error
  }
}
