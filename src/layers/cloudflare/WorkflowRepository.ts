import { D1Client } from "@effect/sql-d1"
import { Effect, Layer, Option, Schema } from "effect"
import type { TenantId } from "../../domain/Ids.ts"
import { WorkflowId } from "../../domain/Ids.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import { WorkflowVersion } from "../../domain/WorkflowVersion.ts"
import type { VersionFilter, WorkflowFilter } from "../../services/WorkflowRepository.ts"
import { WorkflowRepository } from "../../services/WorkflowRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { makePage, makeVersionPage } from "../Paging.ts"
import { DefinitionJson, encodeWorkflow, WorkflowRow } from "../WorkflowRow.ts"
import { availableOf } from "./PageQuery.ts"
import { removeSchedules } from "./ScheduleQueries.ts"
import { ofTenant } from "./Sql.ts"
import { knownWorkflows, listWorkflows, listWorkflowVersions } from "./WorkflowQueries.ts"
import { insertWorkflow, updateWorkflow } from "./WorkflowWrites.ts"

/** Workflows in D1. */
export const layer = Layer.effect(
  WorkflowRepository,
  Effect.gen(function*() {
    const sql = yield* D1Client.D1Client

    const insert = Effect.fn("WorkflowRepository.insert")(function*(workflow: Workflow) {
      yield* sql.batch(insertWorkflow(sql, workflow, yield* encodeWorkflow(workflow)))
    }, storageErrorOf("workflows.insert"))

    const find = Effect.fn("WorkflowRepository.find")(function*(id: WorkflowId, tenantId: TenantId | null) {
      const rows = yield* sql`SELECT * FROM workflows
        WHERE ${sql.and([sql`id = ${id}`, sql`deleted_at IS NULL`, ...ofTenant(sql, tenantId)])}`
      return Option.fromUndefinedOr((yield* decodeRows(rows))[0])
    }, storageErrorOf("workflows.find"))

    const list = Effect.fn("WorkflowRepository.list")(function*(filter: WorkflowFilter) {
      const rows = yield* listWorkflows(sql, filter)
      return makePage(yield* decodeRows(rows), yield* availableOf(rows))
    }, storageErrorOf("workflows.list"))

    const known = Effect.fn("WorkflowRepository.known")(function*(tenantId: TenantId, ids: ReadonlyArray<WorkflowId>) {
      return (yield* decodeIds(yield* knownWorkflows(sql, tenantId, ids))).map(({ id }) => id)
    }, storageErrorOf("workflows.known"))

    const update = Effect.fn("WorkflowRepository.update")(function*(workflow: Workflow, expectedVersion: number) {
      const { statements, written } = updateWorkflow(sql, workflow, yield* encodeWorkflow(workflow), expectedVersion)
      const results = yield* sql.batch(statements)
      return results[written]?.length === 1
    }, storageErrorOf("workflows.update"))

    const remove = Effect.fn("WorkflowRepository.remove")(
      function*(id: WorkflowId, tenantId: TenantId | null, at: Timestamp) {
        const schedules = removeSchedules(sql, id, tenantId)
        const results = yield* sql.batch([
          ...schedules,
          sql`UPDATE workflows SET deleted_at = ${at}
            WHERE ${sql.and([sql`id = ${id}`, sql`deleted_at IS NULL`, ...ofTenant(sql, tenantId)])}
            RETURNING id`
        ])
        return results[schedules.length]?.length === 1
      },
      storageErrorOf("workflows.remove")
    )

    const findVersion = Effect.fn("WorkflowRepository.findVersion")(function*(id: WorkflowId, version: number) {
      const rows = yield* sql`SELECT definition FROM workflow_versions
        WHERE workflow_id = ${id} AND version = ${version}`
      return Option.map(Option.fromUndefinedOr((yield* decodeVersions(rows))[0]), ({ definition }) => definition)
    }, storageErrorOf("workflows.findVersion"))

    const listVersions = Effect.fn("WorkflowRepository.listVersions")(function*(filter: VersionFilter) {
      return makeVersionPage(yield* decodeVersionRows(yield* listWorkflowVersions(sql, filter)), filter.limit)
    }, storageErrorOf("workflows.listVersions"))

    return WorkflowRepository.of({ insert, find, list, known, update, remove, findVersion, listVersions })
  })
)

const decodeIds = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: WorkflowId })))
const decodeRows = Schema.decodeUnknownEffect(Schema.Array(WorkflowRow))
const decodeVersionRows = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ ...WorkflowVersion.fields, current: Schema.BooleanFromBit }))
)
const decodeVersions = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ definition: DefinitionJson })))
