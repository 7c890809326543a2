import { D1Client } from "@effect/sql-d1"
import { Effect, Layer, Option, Schema } from "effect"
import type { TenantId } from "../../domain/Ids.ts"
import { WorkflowId } from "../../domain/Ids.ts"
import { schedulesOf } from "../../domain/Schedule.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import { definitionOf } from "../../domain/Workflow.ts"
import { WorkflowVersion } from "../../domain/WorkflowVersion.ts"
import type { VersionFilter, WorkflowFilter } from "../../services/WorkflowRepository.ts"
import { WorkflowRepository } from "../../services/WorkflowRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { makePage, makeVersionPage } from "../Paging.ts"
import { DefinitionJson, WorkflowRow } from "../WorkflowRow.ts"
import { availableOf } from "./PageQuery.ts"
import { removeSchedules, writeSchedules } from "./ScheduleQueries.ts"
import { ofTenant } from "./Sql.ts"
import { knownWorkflows, listWorkflows, listWorkflowVersions } from "./WorkflowQueries.ts"

/** Workflows in D1. */
export const layer = Layer.effect(
  WorkflowRepository,
  Effect.gen(function*() {
    const sql = yield* D1Client.D1Client

    const insert = Effect.fn("WorkflowRepository.insert")(function*(workflow: Workflow) {
      const row = yield* Schema.encodeEffect(WorkflowRow)(workflow)
      const definition = yield* Schema.encodeEffect(DefinitionJson)(definitionOf(workflow))
      yield* sql.batch([
        sql`INSERT INTO workflows ${sql.insert(row)}`,
        sql`INSERT INTO workflow_versions ${
          sql.insert({ workflowId: row.id, version: row.version, definition, createdAt: row.updatedAt, name: row.name })
        }`,
        ...(schedulesOf(workflow.triggers).length === 0 ? [] : writeSchedules(sql, workflow, workflow.version))
      ])
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

    // The version's row is written only if the workflow's was. If it didn't, either the version is not there,
    // or somebody else has made it: then its row is there as well, and stays.
    const update = Effect.fn("WorkflowRepository.update")(function*(workflow: Workflow, expectedVersion: number) {
      const { createdAt: _, id, tenantId, ...columns } = yield* Schema.encodeEffect(WorkflowRow)(workflow)
      const definition = yield* Schema.encodeEffect(DefinitionJson)(definitionOf(workflow))
      const schedules = writeSchedules(sql, workflow, expectedVersion)
      const results = yield* sql.batch([
        ...schedules,
        sql`UPDATE workflows SET ${sql.update(columns)}
          WHERE id = ${id} AND tenant_id = ${tenantId} AND version = ${expectedVersion} AND deleted_at IS NULL
          RETURNING id`,
        sql`INSERT INTO workflow_versions (workflow_id, version, definition, created_at, name)
          SELECT id, version, ${definition}, updated_at, name FROM workflows
          WHERE id = ${id} AND tenant_id = ${tenantId} AND version = ${workflow.version} AND deleted_at IS NULL
          ON CONFLICT DO NOTHING`
      ])
      return results[schedules.length]?.length === 1
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
