import { Effect, Layer, Option, Schema } from "effect"
import type { TenantId, WorkflowId } from "../../domain/Ids.ts"
import { utf8Bytes } from "../../domain/Text.ts"
import { Timestamp } from "../../domain/Timestamp.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import type { WorkflowVersion } from "../../domain/WorkflowVersion.ts"
import type { VersionFilter, WorkflowFilter } from "../../services/WorkflowRepository.ts"
import { WorkflowRepository } from "../../services/WorkflowRepository.ts"
import { storageErrorOf } from "../Operation.ts"
import { countWithinPage, isAfter, makePage, makeVersionPage, newestFirst } from "../Paging.ts"
import type { EncodedWorkflowRow } from "../WorkflowRow.ts"
import { DefinitionJson, encodeWorkflow, WorkflowRow } from "../WorkflowRow.ts"
import { Faults } from "./Faults.ts"
import { ScheduleTable } from "./ScheduleTable.ts"
import { versionKey, WorkflowTable } from "./WorkflowTable.ts"

/** Workflows in the memory of this process. */
export const layer = Layer.effect(
  WorkflowRepository,
  Effect.gen(function*() {
    const faults = yield* Faults
    const { rows, versions } = yield* WorkflowTable
    const schedules = yield* ScheduleTable

    const write = (row: EncodedWorkflowRow, definition: string): void => {
      rows.set(row.id, { ...row, removed: false })
      versions.set(versionKey(row.id, row.version), { definition, name: row.name, createdAt: row.updatedAt })
    }

    const visible = (id: WorkflowId, tenantId: TenantId | null) => {
      const row = rows.get(id)
      return row === undefined || row.removed || !isOf(row, tenantId) ? undefined : row
    }

    const insert = Effect.fn("WorkflowRepository.insert")(function*(workflow: Workflow) {
      yield* faults.check("workflows.insert")
      const { definition, row } = yield* encodeWorkflow(workflow)
      if (rows.has(row.id)) return yield* Effect.fail(new Error("There is a workflow of this id already"))
      write(row, definition)
      yield* schedules.write(workflow)
    }, storageErrorOf("workflows.insert"))

    const find = Effect.fn("WorkflowRepository.find")(function*(id: WorkflowId, tenantId: TenantId | null) {
      yield* faults.check("workflows.find")
      const row = visible(id, tenantId)
      return row === undefined ? Option.none() : Option.some(yield* decode(row))
    }, storageErrorOf("workflows.find"))

    const list = Effect.fn("WorkflowRepository.list")(function*(filter: WorkflowFilter) {
      yield* faults.check("workflows.list")
      const candidates = [...rows.values()]
        .filter((row) => !row.removed && matches(row, filter) && isAfter(row, filter.after))
        .sort(newestFirst)
      const fitting = countWithinPage(candidates.slice(0, filter.limit).map(rowBytes))
      return makePage(yield* Effect.forEach(candidates.slice(0, fitting), (row) => decode(row)), candidates.length)
    }, storageErrorOf("workflows.list"))

    const known = Effect.fn("WorkflowRepository.known")(function*(tenantId: TenantId, ids: ReadonlyArray<WorkflowId>) {
      yield* faults.check("workflows.known")
      return ids.filter((id) => visible(id, tenantId) !== undefined)
    }, storageErrorOf("workflows.known"))

    const update = Effect.fn("WorkflowRepository.update")(function*(workflow: Workflow, expectedVersion: number) {
      yield* faults.check("workflows.update")
      const { definition, row } = yield* encodeWorkflow(workflow)
      const stored = visible(workflow.id, workflow.tenantId)
      if (stored?.version !== expectedVersion) return false
      write({ ...row, createdAt: stored.createdAt }, definition)
      yield* schedules.write(workflow)
      return true
    }, storageErrorOf("workflows.update"))

    const remove = Effect.fn("WorkflowRepository.remove")(
      function*(id: WorkflowId, tenantId: TenantId | null, _at: Timestamp) {
        yield* faults.check("workflows.remove")
        const row = visible(id, tenantId)
        if (row === undefined) return false
        rows.set(id, { ...row, removed: true })
        schedules.remove(id)
        return true
      },
      storageErrorOf("workflows.remove")
    )

    const findVersion = Effect.fn("WorkflowRepository.findVersion")(function*(id: WorkflowId, version: number) {
      yield* faults.check("workflows.findVersion")
      const stored = versions.get(versionKey(id, version))
      return stored === undefined
        ? Option.none()
        : Option.some(yield* Schema.decodeEffect(DefinitionJson)(stored.definition))
    }, storageErrorOf("workflows.findVersion"))

    const listVersions = Effect.fn("WorkflowRepository.listVersions")(function*(filter: VersionFilter) {
      yield* faults.check("workflows.listVersions")
      const { before = Infinity, id, limit, tenantId } = filter
      const current = visible(id, tenantId)?.version ?? 0
      const found: Array<WorkflowVersion> = []
      for (let version = Math.min(current, before - 1); version >= 1 && found.length <= limit; version--) {
        const stored = versions.get(versionKey(id, version))
        if (stored === undefined) continue
        const createdAt = Timestamp.make(stored.createdAt)
        found.push({ version, name: stored.name, createdAt, current: version === current })
      }
      return makeVersionPage(found, limit)
    }, storageErrorOf("workflows.listVersions"))

    return WorkflowRepository.of({ insert, find, list, known, update, remove, findVersion, listVersions })
  })
)

const decode = Schema.decodeEffect(WorkflowRow)

const isOf = (row: EncodedWorkflowRow, tenantId: TenantId | null): boolean =>
  tenantId === null || row.tenantId === tenantId

const matches = (row: EncodedWorkflowRow, filter: WorkflowFilter): boolean =>
  isOf(row, filter.tenantId) &&
  (filter.workflows === undefined || filter.workflows.some((id) => id === row.id)) &&
  (filter.status === undefined || row.status === filter.status) &&
  (filter.name === undefined || asciiLowerCase(row.name).includes(asciiLowerCase(filter.name)))

/** SQLite's `lower` knows the letters of ASCII alone. */
const asciiLowerCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

const rowBytes = (row: EncodedWorkflowRow): number =>
  utf8Bytes(row.name) + utf8Bytes(row.description) + utf8Bytes(row.steps) + utf8Bytes(row.triggers) +
  utf8Bytes(row.options)
