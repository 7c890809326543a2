import { Context, Layer } from "effect"
import type { EncodedExecutionRow } from "../ExecutionRow.ts"

/** The executions of the memory layers. */
export class ExecutionTable extends Context.Service<ExecutionTable, {
  readonly rows: Map<string, EncodedExecutionRow>
}>()("atlasit/layers/memory/ExecutionTable") {
  static readonly layer = Layer.sync(ExecutionTable, () => ({ rows: new Map() }))
}
