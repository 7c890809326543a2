import { Schema } from "effect"

const paramsOf = <Params, Encoded>(schema: Schema.Codec<Params, Encoded>) => ({
  params: Schema.toStandardSchemaV1(schema)
})

/**
 * What requests have to bring. Checked by these, a request that brings something else is told so, as an invalid one; the
 * SDK's own check calls it an internal error, but for the call of a tool.
 */
export const listParams = paramsOf(Schema.Struct({ cursor: Schema.optionalKey(Schema.String) }))

export const readParams = paramsOf(Schema.Struct({ uri: Schema.String }))

export const promptParams = paramsOf(Schema.Struct({
  name: Schema.String,
  arguments: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
}))

export const completeParams = paramsOf(Schema.Struct({
  ref: Schema.Union([
    Schema.Struct({ type: Schema.Literal("ref/prompt"), name: Schema.String }),
    Schema.Struct({ type: Schema.Literal("ref/resource"), uri: Schema.String })
  ]),
  argument: Schema.Struct({ name: Schema.String, value: Schema.String })
}))
