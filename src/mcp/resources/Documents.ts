import { Effect, Option } from "effect"
import languageReference from "../../../docs/workflow-language.md"
import { definitionSchema } from "../../domain/DefinitionSchema.ts"
import type { Resource } from "../Catalog.ts"

const document = (
  { read, ...resource }: {
    readonly uri: string
    readonly name: string
    readonly title: string
    readonly description: string
    readonly mimeType: string
    readonly read: () => string
  }
): Resource => ({
  scope: "read",
  describe: () => ({ resource }),
  read: (uri) =>
    Effect.succeed(
      uri === resource.uri
        ? Option.some({ contents: [{ uri, mimeType: resource.mimeType, text: read() }] })
        : Option.none()
    )
})

/** The reference of the language: what a model reads before it writes a workflow. */
export const workflowLanguage = document({
  uri: "docs://workflow-language",
  name: "workflow-language",
  title: "The workflow language",
  description: "The whole reference: steps, expressions, retries, undo, waits, triggers, limits, and errors of steps",
  mimeType: "text/markdown",
  read: () => languageReference
})

/** The language as a JSON Schema. */
export const workflowSchema = document({
  uri: "schema://workflow",
  name: "workflow-schema",
  title: "The JSON Schema of definitions",
  description: "What workflow_create and workflow_validate take, in every detail",
  mimeType: "application/schema+json",
  read: () => JSON.stringify(definitionSchema())
})
