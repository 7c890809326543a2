import { Effect, Layer, Option, Schema } from "effect"
import type { ToolPlace } from "../../domain/WorkflowTool.ts"
import { distinctParts } from "../../domain/WorkflowTool.ts"
import type { ToolOwner } from "../../services/WorkflowToolRepository.ts"
import { WorkflowToolRepository } from "../../services/WorkflowToolRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { compareText } from "../Paging.ts"
import type { EncodedWorkflowRow } from "../WorkflowRow.ts"
import { makeToolPage, WorkflowRow, workflowToolOf, WorkflowToolRow } from "../WorkflowRow.ts"
import { Faults } from "./Faults.ts"
import { WorkflowTable } from "./WorkflowTable.ts"

/** The tools among the workflows in the memory of this process. */
export const layer = Layer.effect(
  WorkflowToolRepository,
  Effect.gen(function*() {
    const faults = yield* Faults
    const { rows } = yield* WorkflowTable

    const toolsOf = ({ tenantId, workflows }: ToolOwner) =>
      [...rows.values()]
        .flatMap((row) =>
          row.tool === null || row.removed || row.status !== "active" ? [] : [{ ...row, tool: row.tool }]
        )
        .filter((row) =>
          (tenantId === null || row.tenantId === tenantId) &&
          (workflows === null || workflows.some((id) => id === row.id))
        )
        .sort(byName)

    const list: WorkflowToolRepository["Service"]["list"] = Effect.fn("WorkflowToolRepository.list")(
      function*(owner, { after, limit }) {
        yield* faults.check("tools.list")
        const found = toolsOf(owner).filter((row) => after === undefined || byName(after, row) < 0).slice(0, limit + 1)
        const decoded = yield* Effect.forEach(found, (row) => decodeTool({ ...row, inputSchema: inputSchemaOf(row) }))
        return makeToolPage(decoded.map(workflowToolOf), limit)
      },
      storageErrorOf("tools.list")
    )

    const find = Effect.fn("WorkflowToolRepository.find")(function*(owner: ToolOwner, name: string) {
      yield* faults.check("tools.find")
      const tools = toolsOf(owner)
      const parts = distinctParts(name)
      const found = tools.find(({ tool }) => owner.tenantId !== null && tool === name) ??
        tools.find(({ id, tool }) =>
          parts !== undefined && tool.slice(0, 33) === parts.start && id.slice(-6) === parts.idEnd
        )
      return found === undefined ? Option.none() : Option.some(yield* Schema.decodeEffect(WorkflowRow)(found))
    }, storageErrorOf("tools.find"))

    return WorkflowToolRepository.of({ list, find })
  })
)

const decodeTool = Schema.decodeEffect(WorkflowToolRow)

const byName = (
  a: { readonly tool: string; readonly createdAt: string; readonly id: string },
  b: typeof a | ToolPlace
): number => compareText(a.tool, b.tool) || compareText(a.createdAt, b.createdAt) || compareText(a.id, b.id)

const inputSchemaOf = ({ options }: EncodedWorkflowRow): string | null => {
  const { inputSchema } = Object(JSON.parse(options))
  return inputSchema === undefined ? null : JSON.stringify(inputSchema)
}
