import { Schema } from "effect"
import { ApiKey } from "../domain/ApiKey.ts"
import { WorkflowId } from "../domain/Ids.ts"

/** An API key as a row holds it: lists are JSON. */
export const ApiKeyRow = Schema.Struct({
  ...ApiKey.fields,
  scopes: Schema.fromJsonString(ApiKey.fields.scopes),
  workflows: Schema.NullOr(Schema.fromJsonString(Schema.Array(WorkflowId)))
})
export type EncodedApiKeyRow = typeof ApiKeyRow.Encoded
