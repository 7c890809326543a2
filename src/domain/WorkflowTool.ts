import { Result, Schema } from "effect"
import * as Base64Url from "effect/encoding/Base64Url"
import { WorkflowId } from "./Ids.ts"
import { Timestamp } from "./Timestamp.ts"
import type { Trigger } from "./Trigger.ts"
import type { Workflow } from "./Workflow.ts"

/** What a workflow says of itself as a tool: its name, and what it does. */
export interface ToolTrigger {
  readonly name: string
  readonly description: string | null
}

/** Characters of a tool's name. */
const nameCharacters = 40

/** Characters of a name that is told from others of its kind: `-` and the end of the workflow's id follow. */
const distinctCharacters = 33

/** The tool that a workflow is, if one of its triggers says so. */
export const toolTriggerOf = (workflow: Pick<Workflow, "name" | "description" | "triggers">): ToolTrigger | null => {
  const trigger = workflow.triggers.find(isToolTrigger)
  if (trigger === undefined) return null
  const { description = workflow.description, tool = nameOf(workflow.name) } = typeof trigger === "string"
    ? {}
    : trigger
  return { name: tool, description }
}

/** Whether a trigger makes its workflow a tool. */
export const isToolTrigger = (
  trigger: Trigger
): trigger is "mcp" | Extract<Trigger, { readonly type: "mcp" }> =>
  trigger === "mcp" || (typeof trigger === "object" && trigger.type === "mcp")

/** A name made from a workflow's: lower case, and `_` for each run of what may not stand in one. */
const nameOf = (title: string): string => {
  const name = title.replace(/[^A-Za-z0-9-]+/g, "_").toLowerCase().slice(0, nameCharacters).replace(/^_+|_+$/g, "")
  return name === "" ? "workflow" : name.replace(/-([0-9a-f]{6})$/, "_$1")
}

/** Whether a name could be the distinct one of another workflow: nobody may take it for a tool of their own. */
export const isDistinctName = (name: string): boolean => distinctParts(name) !== undefined

/** A tool's name where another workflow has the same one: told apart by the workflow's id. */
export const distinctName = (name: string, id: string): string => `${name.slice(0, distinctCharacters)}-${id.slice(-6)}`

/** What a name may stand for that tells a workflow apart: the beginning of its tool's name, and the end of its id. */
export const distinctParts = (name: string): { readonly start: string; readonly idEnd: string } | undefined => {
  const [, start, idEnd] = /^(.{1,33})-([0-9a-f]{6})$/.exec(name) ?? []
  return start === undefined || idEnd === undefined ? undefined : { start, idEnd }
}

/** The place of a tool in their list: by name, then the oldest first. */
export interface ToolPlace {
  readonly tool: string
  readonly createdAt: Timestamp
  readonly id: WorkflowId
}

const Place = Schema.fromJsonString(Schema.Tuple([Schema.String, Timestamp, WorkflowId]))

/** The opaque text that names a place in the list of tools. */
export const encodeToolCursor = ({ createdAt, id, tool }: ToolPlace): string =>
  Base64Url.encode(JSON.stringify([tool, createdAt, id]))

/** Reads such a text; undefined for any that was not made by `encodeToolCursor`. */
export const decodeToolCursor = (cursor: string): ToolPlace | undefined => {
  const text = Base64Url.decodeString(cursor)
  if (Result.isFailure(text)) return undefined
  const place = Schema.decodeUnknownResult(Place)(text.success)
  if (Result.isFailure(place)) return undefined
  const [tool, createdAt, id] = place.success
  return { tool, createdAt, id }
}
