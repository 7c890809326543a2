import { Result, Schema } from "effect"
import { Base64Url } from "effect/encoding"
import { Timestamp } from "./Timestamp.ts"
import { Definition } from "./Workflow.ts"

/** A version of a workflow, as lists show it. */
export const WorkflowVersion = Schema.Struct({
  version: Schema.Int.annotate({ description: "1 for the first, one more for each change" }),
  name: Schema.String.annotate({ description: "The workflow's name in this version" }),
  createdAt: Timestamp,
  current: Schema.Boolean.annotate({ description: "Whether it is the version that is stored now" })
}).annotate({ identifier: "WorkflowVersion" })
export type WorkflowVersion = typeof WorkflowVersion.Type

/** A version of a workflow with its definition. */
export const WorkflowVersionDetail = Schema.Struct({ ...WorkflowVersion.fields, ...Definition.fields })
  .annotate({ identifier: "WorkflowVersionDetail" })
export type WorkflowVersionDetail = typeof WorkflowVersionDetail.Type

const cursor = /^version:([1-9]\d{0,8})$/

/** The opaque text that names a place in the list of a workflow's versions: after this one. */
export const encodeVersionCursor = (version: number): string => Base64Url.encode(`version:${version}`)

/** Reads such a text; undefined for any that was not made by `encodeVersionCursor`. */
export const decodeVersionCursor = (text: string): number | undefined => {
  const decoded = Base64Url.decodeString(text)
  const [, version] = Result.isSuccess(decoded) ? cursor.exec(decoded.success) ?? [] : []
  return version === undefined ? undefined : Number(version)
}
