import { D1Client } from "@effect/sql-d1"
import { Effect, Layer, Option, Schema } from "effect"
import type { ToolOwner } from "../../services/WorkflowToolRepository.ts"
import { WorkflowToolRepository } from "../../services/WorkflowToolRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { makeToolPage, WorkflowRow, workflowToolOf, WorkflowToolRow } from "../WorkflowRow.ts"
import { findWorkflowTool, listWorkflowTools } from "./WorkflowToolQueries.ts"

/** The tools among the workflows in D1. */
export const layer = Layer.effect(
  WorkflowToolRepository,
  Effect.gen(function*() {
    const sql = yield* D1Client.D1Client

    const list: WorkflowToolRepository["Service"]["list"] = Effect.fn("WorkflowToolRepository.list")(
      function*(owner, page) {
        const rows = yield* decodeTools(yield* listWorkflowTools(sql, owner, page))
        return makeToolPage(rows.map(workflowToolOf), page.limit)
      },
      storageErrorOf("tools.list")
    )

    const find = Effect.fn("WorkflowToolRepository.find")(function*(owner: ToolOwner, name: string) {
      const query = findWorkflowTool(sql, owner, name)
      return query === undefined ? Option.none() : Option.fromUndefinedOr((yield* decodeRows(yield* query))[0])
    }, storageErrorOf("tools.find"))

    return WorkflowToolRepository.of({ list, find })
  })
)

const decodeRows = Schema.decodeUnknownEffect(Schema.Array(WorkflowRow))
const decodeTools = Schema.decodeUnknownEffect(Schema.Array(WorkflowToolRow))
