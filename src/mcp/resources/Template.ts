import type { ReadResourceResult } from "@modelcontextprotocol/server"
import { Effect, Option } from "effect"
import type { StorageError } from "../../domain/Errors.ts"
import { noResource } from "../Answers.ts"
import type { Call, Resource } from "../Catalog.ts"
import { wellFormed } from "../Size.ts"

/** What is said of a resource of a template, and how it is read by the values of the template's variables. */
export interface TemplateSpec {
  readonly uriTemplate: string
  readonly name: string
  readonly title: string
  readonly description: string
  /** The template as a pattern, with a group for each variable. */
  readonly pattern: RegExp
  /** JSON; none: there is nothing at this address for this key. */
  readonly read: (values: ReadonlyArray<string>, call: Call) => Effect.Effect<Option.Option<object>, StorageError>
  readonly complete: NonNullable<Resource["complete"]>
}

const mimeType = "application/json"

/** A resource of many addresses, which answers JSON. */
export const templateResource = ({ complete, pattern, read, ...template }: TemplateSpec): Resource => ({
  scope: "read",
  describe: () => ({ template: { ...template, mimeType } }),
  complete,
  read: (uri, call) => {
    const values = pattern.exec(uri)?.slice(1).map(decoded)
    if (values === undefined) return Effect.succeed(Option.none<ReadResourceResult>())
    return read(values, call).pipe(
      Effect.orDie,
      Effect.flatMap(Option.match({
        onNone: () => Effect.die(noResource(uri)),
        onSome: (value) =>
          Effect.succeed(Option.some({ contents: [{ uri, mimeType, text: JSON.stringify(wellFormed(value)) }] }))
      }))
    )
  }
})

/** A variable's value; one that is no encoded text stands for itself, and names nothing. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
