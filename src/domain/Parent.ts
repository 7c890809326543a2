import { Schema } from "effect"
import { ExecutionId } from "./Ids.ts"

/** What an execution that was started by another one knows of it. */
export const Parent = Schema.Struct({
  id: ExecutionId,
  /** How many executions the chain down to this one has, the first included. */
  depth: Schema.Int,
  /** Whether a step of the parent waits for the end. */
  awaited: Schema.Boolean
}).annotate({ identifier: "Parent" })
export type Parent = typeof Parent.Type

/** How many executions the chain down to one has that was started so. */
export const depthOf = (parent: Parent | undefined): number => parent?.depth ?? 1

/** The signal that tells a parent of this child's end. No signal of a tenant has such a name: it has no colon. */
export const endSignal = (child: ExecutionId): string => `child:${child}`
