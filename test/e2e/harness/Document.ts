import { Schema } from "effect"
import type { Answer } from "./Client.ts"

/** A call that the API's document knows. */
export interface Operation {
  readonly method: string
  readonly path: string
  /** The names of its query parameters. */
  readonly parameters: ReadonlyArray<string>
}

const Document = Schema.Struct({
  paths: Schema.Record(
    Schema.String,
    Schema.Record(
      Schema.String,
      Schema.Struct({
        parameters: Schema.optionalKey(Schema.Array(Schema.Struct({ name: Schema.String, in: Schema.String })))
      })
    )
  )
})
const decode = Schema.decodeUnknownSync(Document)

/** Every call of the API, as `GET /openapi.json` tells them. */
export const operationsOf = ({ json }: Answer): ReadonlyArray<Operation> =>
  Object.entries(decode(json).paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [] }]) => ({
      method: method.toUpperCase(),
      path,
      parameters: parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name)
    }))
  )
