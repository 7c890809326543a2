import { D1Client } from "@effect/sql-d1"
import { Effect, Layer, Option, Schema } from "effect"
import type { ExecutionEnd } from "../../domain/ExecutionState.ts"
import type { TenantId } from "../../domain/Ids.ts"
import { ExecutionId } from "../../domain/Ids.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { ExecutionDraft, ExecutionFilter } from "../../services/ExecutionRepository.ts"
import { ExecutionRepository } from "../../services/ExecutionRepository.ts"
import { encodeDraft, EndColumns, ExecutionRow, inlineOutputs, toStored } from "../ExecutionRow.ts"
import { storageErrorOf } from "../Operation.ts"
import { makePage, newestFirst } from "../Paging.ts"
import { WorkflowRow } from "../WorkflowRow.ts"
import {
  claimStaleExecutions,
  insertExecution,
  isUnfinished,
  listExecutions,
  pruneExecutions,
  unfinishedExecutions
} from "./ExecutionQueries.ts"
import { availableOf } from "./PageQuery.ts"
import { ofTenant } from "./Sql.ts"

/** The read model of executions, in D1. */
export const layer = Layer.effect(
  ExecutionRepository,
  Effect.gen(function*() {
    const sql = yield* D1Client.D1Client

    const insert = Effect.fn("ExecutionRepository.insert")(function*(draft: ExecutionDraft) {
      const [workflows, known, inserted] = yield* sql.batch(insertExecution(sql, draft, yield* encodeDraft(draft)))
      const found = Option.fromUndefinedOr((yield* decodeWorkflows(workflows))[0])
      return Option.map(found, (workflow) => ({
        workflow,
        inserted: inserted.length === 1,
        ...(known.length === 1 ? { known: true as const } : {})
      }))
    }, storageErrorOf("executions.insert"))

    const find = Effect.fn("ExecutionRepository.find")(function*(id: ExecutionId, tenantId: TenantId | null) {
      const rows = yield* sql`SELECT * FROM executions
        WHERE ${sql.and([sql`id = ${id}`, ...ofTenant(sql, tenantId)])}`
      return Option.map(Option.fromUndefinedOr((yield* decodeRows(rows))[0]), toStored)
    }, storageErrorOf("executions.find"))

    const list = Effect.fn("ExecutionRepository.list")(function*(filter: ExecutionFilter) {
      const rows = yield* listExecutions(sql, filter)
      const executions = (yield* decodeRows(rows)).map((row) => toStored(row).execution)
      return makePage(executions, yield* availableOf(rows))
    }, storageErrorOf("executions.list"))

    const progress = Effect.fn("ExecutionRepository.progress")(
      function*(id: ExecutionId, status: "running" | "waiting" | "queued", at: Timestamp) {
        yield* sql`UPDATE executions SET status = ${status}, updated_at = ${at}
          WHERE id = ${id} AND status IN ('pending', 'queued', 'running', 'waiting')`
      },
      storageErrorOf("executions.progress")
    )

    const finish = Effect.fn("ExecutionRepository.finish")(function*(
      id: ExecutionId,
      end: ExecutionEnd,
      expiresAt: Timestamp | null
    ) {
      const columns = yield* Schema.encodeEffect(EndColumns)(end)
      const outputs = inlineOutputs(columns.outputs)
      const finished = yield* sql`UPDATE executions
        SET ${sql.update({ ...columns, outputs, updatedAt: columns.completedAt, expiresAt })}
        WHERE id = ${id} AND (${isUnfinished(sql)})
        RETURNING id`
      return finished.length === 1
    }, storageErrorOf("executions.finish"))

    const unfinished = Effect.fn("ExecutionRepository.unfinished")(function*(ids: ReadonlyArray<ExecutionId>) {
      return yield* decodeIds(yield* unfinishedExecutions(sql, ids)).pipe(
        Effect.map((rows) => rows.map(({ id }) => id))
      )
    }, storageErrorOf("executions.unfinished"))

    const claimStale = Effect.fn("ExecutionRepository.claimStale")(
      function*(options: { readonly before: Timestamp; readonly now: Timestamp; readonly limit: number }) {
        const rows = yield* decodeRows(yield* claimStaleExecutions(sql, options))
        return rows.toSorted((a, b) => newestFirst(b, a)).map(toStored)
      },
      storageErrorOf("executions.claimStale")
    )

    const prune = Effect.fn("ExecutionRepository.prune")(
      function*(options: { readonly now: Timestamp; readonly endedBefore: Timestamp; readonly limit: number }) {
        return (yield* pruneExecutions(sql, options)).length
      },
      storageErrorOf("executions.prune")
    )

    return ExecutionRepository.of({ insert, find, list, progress, finish, unfinished, claimStale, prune })
  })
)

const decodeWorkflows = Schema.decodeUnknownEffect(Schema.Array(WorkflowRow))
const decodeIds = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: ExecutionId })))
const decodeRows = Schema.decodeUnknownEffect(Schema.Array(ExecutionRow))
