import { Context, Layer } from "effect"
import type { EncodedWorkflowRow } from "../WorkflowRow.ts"

/** The workflows of the memory layers: both repositories read them. A removed one keeps its row. */
export class WorkflowTable extends Context.Service<WorkflowTable, {
  readonly rows: Map<string, EncodedWorkflowRow & { readonly removed: boolean }>
  /** Definitions as JSON, by `versionKey`. */
  readonly versions: Map<string, string>
}>()("atlasit/layers/memory/WorkflowTable") {
  static readonly layer = Layer.sync(WorkflowTable, () => ({ rows: new Map(), versions: new Map() }))
}

/** Names one version of one workflow. */
export const versionKey = (id: string, version: number): string => JSON.stringify([id, version])
