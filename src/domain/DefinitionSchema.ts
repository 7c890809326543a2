import { Schema } from "effect"
import { WorkflowCreate } from "./Workflow.ts"

type Node = Readonly<Record<string, unknown>>

/** Where the service serves the schema, and the schema's own name: relative to wherever it was read from. */
export const definitionSchemaPath = "/schemas/workflow.json"

/** The language of definitions as a JSON Schema (2020-12), for editors, and for what has to write a definition. */
export const definitionSchema = (): Node => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(WorkflowCreate, {
    onExcessProperty: "error",
    referencePolicy: ({ identifier }) => identifier === "WorkflowCreate" ? undefined : identifier
  })
  return withNotesBeside({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: definitionSchemaPath,
    title: "AtlasIT workflow definition",
    ...schema,
    $defs: definitions
  })
}

const notes = new Set(["title", "description", "default", "examples"])

/**
 * What is said of a member stands in an `allOf` of its own when the member's type is a reference or alternatives. Puts it
 * beside them, where editors and readers look for it.
 */
export const withNotesBeside = (node: Node): Node => {
  const { allOf, ...rest } = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, visited(value)]))
  if (!Array.isArray(allOf)) return allOf === undefined ? rest : { ...rest, allOf }
  const said: Array<Node> = allOf.filter((member) =>
    isNode(member) && Object.keys(member).every((key) => notes.has(key))
  )
  const types: Array<unknown> = allOf.filter((member) => !said.includes(member))
  const merged: Node = said.reduce((all, member) => ({ ...all, ...member }), rest)
  const [only] = types
  if (types.length === 0) return merged
  return types.length === 1 && isNode(only) && Object.keys(only).every((key) => !Object.hasOwn(merged, key))
    ? { ...merged, ...only }
    : { ...merged, allOf: types }
}

const visited = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(visited) : isNode(value) ? withNotesBeside(value) : value

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value)
