import { Effect, Layer, Option, Schema } from "effect"
import { isTerminal, untaken } from "../../domain/Execution.ts"
import type { ExecutionEnd } from "../../domain/ExecutionState.ts"
import type { ExecutionId, TenantId } from "../../domain/Ids.ts"
import { utf8Bytes } from "../../domain/Text.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { ExecutionDraft, ExecutionFilter } from "../../services/ExecutionRepository.ts"
import { ExecutionRepository } from "../../services/ExecutionRepository.ts"
import type { EncodedExecutionRow } from "../ExecutionRow.ts"
import { encodeDraft, EndColumns, ExecutionRow, inlineOutputs, storedAs, toStored } from "../ExecutionRow.ts"
import { storageErrorOf } from "../Operation.ts"
import { compareText, countWithinPage, isAfter, makePage, newestFirst } from "../Paging.ts"
import { WorkflowRow } from "../WorkflowRow.ts"
import { ExecutionTable } from "./ExecutionTable.ts"
import { Faults } from "./Faults.ts"
import { fireKey, ScheduleTable } from "./ScheduleTable.ts"
import { WorkflowTable } from "./WorkflowTable.ts"

/** Executions in the memory of this process. */
export const layer = Layer.effect(
  ExecutionRepository,
  Effect.gen(function*() {
    const faults = yield* Faults
    const workflows = yield* WorkflowTable
    const { rows } = yield* ExecutionTable
    const { fires } = yield* ScheduleTable

    const insert = Effect.fn("ExecutionRepository.insert")(function*(draft: ExecutionDraft) {
      yield* faults.check("executions.insert")
      const workflow = workflows.rows.get(draft.workflowId)
      if (workflow === undefined || workflow.removed) return Option.none()
      if (draft.tenantId !== null && draft.tenantId !== workflow.tenantId) return Option.none()
      const found = yield* Schema.decodeEffect(WorkflowRow)(workflow)
      if (rows.has(draft.id)) return Option.some({ workflow: found, inserted: false, known: true as const })
      const isChecked = draft.retry !== null || found.inputSchema === undefined ||
        found.version === draft.checkedVersion
      const isDue = draft.fire === undefined || fires.get(fireKey(draft.fire))?.status === "due"
      if (found.status !== "active" || !isChecked || !isDue) return Option.some({ workflow: found, inserted: false })
      rows.set(draft.id, pendingRow(draft, found.tenantId, found.version, yield* encodeDraft(draft)))
      return Option.some({ workflow: found, inserted: true })
    }, storageErrorOf("executions.insert"))

    const find = Effect.fn("ExecutionRepository.find")(function*(id: ExecutionId, tenantId: TenantId | null) {
      yield* faults.check("executions.find")
      const row = rows.get(id)
      if (row === undefined || (tenantId !== null && row.tenantId !== tenantId)) return Option.none()
      return Option.some(toStored(yield* decode(row)))
    }, storageErrorOf("executions.find"))

    const list = Effect.fn("ExecutionRepository.list")(function*(filter: ExecutionFilter) {
      yield* faults.check("executions.list")
      const candidates = [...rows.values()]
        .filter((row) => matches(row, filter) && isAfter(row, filter.after))
        .sort(newestFirst)
      const fitting = countWithinPage(candidates.slice(0, filter.limit).map(rowBytes))
      const page = yield* Effect.forEach(candidates.slice(0, fitting), (row) => decode(row))
      return makePage(page.map((row) => toStored(row).execution), candidates.length)
    }, storageErrorOf("executions.list"))

    const progress = Effect.fn("ExecutionRepository.progress")(
      function*(id: ExecutionId, status: "running" | "waiting" | "queued", at: Timestamp) {
        yield* faults.check("executions.progress")
        const row = rows.get(id)
        if (row !== undefined && !hasEnded(row)) rows.set(id, { ...row, status, updatedAt: at })
      },
      storageErrorOf("executions.progress")
    )

    const finish = Effect.fn("ExecutionRepository.finish")(function*(
      id: ExecutionId,
      end: ExecutionEnd,
      expiresAt: Timestamp | null
    ) {
      yield* faults.check("executions.finish")
      const columns = yield* Schema.encodeEffect(EndColumns)(end)
      const row = rows.get(id)
      if (row === undefined || (hasEnded(row) && !isUntaken(row))) return false
      const outputs = inlineOutputs(columns.outputs)
      rows.set(id, { ...row, ...columns, outputs, updatedAt: columns.completedAt, expiresAt })
      return true
    }, storageErrorOf("executions.finish"))

    const unfinished = Effect.fn("ExecutionRepository.unfinished")(function*(ids: ReadonlyArray<ExecutionId>) {
      yield* faults.check("executions.unfinished")
      return ids.filter((id) => {
        const row = rows.get(id)
        return row !== undefined && (!hasEnded(row) || isUntaken(row))
      })
    })

    const claimStale = Effect.fn("ExecutionRepository.claimStale")(
      function*(options: { readonly before: Timestamp; readonly now: Timestamp; readonly limit: number }) {
        yield* faults.check("executions.claimStale")
        const stale = [...rows.values()]
          .filter((row) => (row.status === "pending" || row.status === "running") && row.updatedAt < options.before)
          .sort(by("updatedAt"))
          .slice(0, options.limit)
        const fitting = countWithinPage(stale.map((row) => utf8Bytes(row.inputs)))
        const claimed = stale.slice(0, fitting).map((row) => ({ ...row, updatedAt: options.now }))
        for (const row of claimed) rows.set(row.id, row)
        return yield* Effect.forEach([...claimed].sort(by("createdAt")), (row) => Effect.map(decode(row), toStored))
      },
      storageErrorOf("executions.claimStale")
    )

    const prune = Effect.fn("ExecutionRepository.prune")(
      function*(options: { readonly now: Timestamp; readonly endedBefore: Timestamp; readonly limit: number }) {
        yield* faults.check("executions.prune")
        const all = [...rows.values()]
        const expired = all
          .filter(({ expiresAt }) => expiresAt !== null && expiresAt <= options.now)
          .sort(by("completedAt"))
          .sort((a, b) => compareText(a.expiresAt ?? "", b.expiresAt ?? ""))
        const past = all
          .filter(({ completedAt, expiresAt }) =>
            expiresAt === null && completedAt !== null && completedAt < options.endedBefore
          )
          .sort(by("completedAt"))
        const pruned = [...expired.slice(0, options.limit), ...past.slice(0, options.limit)]
        for (const row of pruned) rows.delete(row.id)
        return pruned.length
      },
      storageErrorOf("executions.prune")
    )

    return ExecutionRepository.of({ insert, find, list, progress, finish, unfinished, claimStale, prune })
  })
)

const decode = Schema.decodeEffect(ExecutionRow)

const hasEnded = ({ status }: EncodedExecutionRow): boolean => status !== "queued" && isTerminal(status)

const isUntaken = (row: EncodedExecutionRow): boolean =>
  row.status === "failed" && row.error?.includes(`"${untaken.code}"`) === true

const pendingRow = (
  draft: ExecutionDraft,
  tenantId: TenantId,
  workflowVersion: number,
  json: Pick<EncodedExecutionRow, "inputs" | "parent" | "triggerData">
): EncodedExecutionRow => ({
  id: draft.id,
  workflowId: draft.workflowId,
  workflowVersion: draft.retry?.version ?? workflowVersion,
  tenantId,
  status: "pending",
  trigger: draft.trigger,
  ...json,
  outputs: null,
  error: null,
  requestId: draft.requestId,
  retryOf: draft.retry?.of ?? null,
  retryFrom: draft.retry?.from ?? null,
  placement: draft.placement,
  startedAt: draft.createdAt,
  completedAt: null,
  createdAt: draft.createdAt,
  updatedAt: draft.createdAt,
  expiresAt: null
})

const matches = (row: EncodedExecutionRow, filter: ExecutionFilter): boolean =>
  (filter.tenantId === null || row.tenantId === filter.tenantId) &&
  (filter.workflows === undefined || filter.workflows.some((id) => id === row.workflowId)) &&
  (filter.workflowId === undefined || row.workflowId === filter.workflowId) &&
  (filter.status === undefined || storedAs(filter.status).includes(row.status)) &&
  (filter.trigger === undefined || row.trigger === filter.trigger) &&
  (filter.from === undefined || row.createdAt >= filter.from) &&
  (filter.to === undefined || row.createdAt < filter.to)

const by = (time: "createdAt" | "updatedAt" | "completedAt") => (a: EncodedExecutionRow, b: EncodedExecutionRow) =>
  compareText(a[time] ?? "", b[time] ?? "") || compareText(a.id, b.id)

const rowBytes = (row: EncodedExecutionRow): number =>
  utf8Bytes(row.inputs) + utf8Bytes(row.outputs) + utf8Bytes(row.error)
