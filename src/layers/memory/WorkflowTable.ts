import { Context, Layer } from "effect"
import type { EncodedWorkflowRow } from "../WorkflowRow.ts"

/** The workflows of the memory layers: both repositories read them. A removed one keeps its row. */
export class WorkflowTable extends Context.Service<WorkflowTable, {
  readonly rows: Map<string, EncodedWorkflowRow & { readonly removed: boolean }>
  /** Every version by `versionKey`, its definition as JSON. */
  readonly versions: Map<string, { readonly definition: string; readonly name: string; readonly createdAt: string }>
}>()("atlasit/layers/memory/WorkflowTable") {
  static readonly layer = Layer.sync(WorkflowTable, () => ({ rows: new Map(), versions: new Map() }))
}

/** Names one version of one workflow. */
export const versionKey = (id: string, version: number): string => JSON.stringify([id, version])
