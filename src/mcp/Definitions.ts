import { Schema } from "effect"
import { summaryOf } from "./JsonSchema.ts"

/**
 * A definition as an argument: clients see in short what the schema says, down to `depth`; whether it holds is told by
 * the service, with every problem.
 */
export const definitionOf = (schema: Schema.Constraint, depth: number, description: string) =>
  Schema.JsonObject
    .check(Schema.makeFilter(() => undefined, { toJsonSchema: () => summaryOf(schema, depth) }))
    .annotateKey({ description })
