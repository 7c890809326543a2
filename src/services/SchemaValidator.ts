import { Context } from "effect"
import type { Json, JsonObject } from "effect/Schema"
import type { Issue } from "../domain/Issues.ts"

/**
 * Values against JSON Schema 2020-12. A schema is a tenant's: whatever it says, no call takes more than
 * `Limits.schemaSteps`, and nothing outside of the schema is read.
 */
export class SchemaValidator extends Context.Service<SchemaValidator, {
  /** What keeps a schema from being used: paths inside the schema. */
  readonly check: (schema: JsonObject) => ReadonlyArray<Issue>
  /** What is wrong with a value: paths inside the value. A schema that can't be used is a problem of every value. */
  readonly validate: (schema: JsonObject, value: Json) => ReadonlyArray<Issue>
}>()("atlasit/services/SchemaValidator") {}
