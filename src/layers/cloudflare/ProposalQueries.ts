import type { D1Client } from "@effect/sql-d1"
import type { ProposalId, TenantId } from "../../domain/Ids.ts"
import type { Timestamp } from "../../domain/Timestamp.ts"
import type { Workflow } from "../../domain/Workflow.ts"
import type { Closing, Decision, OpenProposals, ProposalFilter } from "../../services/ProposalRepository.ts"
import type { EncodedProposalRow } from "../ProposalRow.ts"
import type { EncodedWorkflow } from "../WorkflowRow.ts"
import { afterPlace, ofTenant } from "./Sql.ts"
import { insertWorkflowIf, updateWorkflow } from "./WorkflowWrites.ts"

const summary =
  "id, tenant_id, workflow_id, kind, base_version, status, proposed_by, request_id, decided_by, decided_at, version, " +
  "created_at, updated_at, name, reason"

/**
 * A proposal's row, unless its key has the same one open, or there are as many as there may be; and the end of the one whose
 * place it takes. The statements of one batch; the last answers what is open then.
 */
export const insertProposal = (sql: D1Client.D1Client, row: EncodedProposalRow, maximum: OpenProposals) => {
  const open = sql`tenant_id = ${row.tenantId} AND status = 'open'`
  const ofKey = sql`${open} AND proposed_by = ${row.proposedBy}`
  const replaced = sql`${ofKey} AND workflow_id = ${row.workflowId}`
  const same = row.kind === "create"
    ? sql`${ofKey} AND kind = 'create'`
    : sql`${replaced} AND base_version = ${row.baseVersion}`
  return [
    sql`INSERT INTO proposals (${sql.literal(summary)}, base_status, definition)
      SELECT ${row.id}, ${row.tenantId}, ${row.workflowId}, ${row.kind}, ${row.baseVersion}, ${row.status},
        ${row.proposedBy}, ${row.requestId}, ${row.decidedBy}, ${row.decidedAt}, ${row.version}, ${row.createdAt},
        ${row.updatedAt}, ${row.name}, ${row.reason}, ${row.baseStatus}, given.definition
      FROM (SELECT ${row.definition} AS definition) AS given
      WHERE NOT EXISTS (SELECT 1 FROM proposals WHERE ${same} AND proposals.definition = given.definition)
        AND (EXISTS (SELECT 1 FROM proposals WHERE ${replaced})
          OR (SELECT count(*) FROM proposals WHERE ${open}) < ${maximum.ofTenant}
            AND (SELECT count(*) FROM proposals WHERE ${ofKey}) < ${maximum.ofKey})`,
    sql`UPDATE proposals SET status = 'outdated', decided_by = ${row.proposedBy}, decided_at = ${row.createdAt},
        updated_at = ${row.createdAt}
      WHERE ${replaced} AND id <> ${row.id} AND EXISTS (SELECT 1 FROM proposals WHERE id = ${row.id})`,
    sql`SELECT ${sql.literal(summary)} FROM proposals WHERE ${same} AND definition = ${row.definition}`
  ] as const
}

/** One proposal. */
export const findProposal = (sql: D1Client.D1Client, id: ProposalId, tenantId: TenantId | null) =>
  sql`SELECT * FROM proposals WHERE ${sql.and([sql`id = ${id}`, ...ofTenant(sql, tenantId)])}`

/**
 * Proposals, newest first, one more than asked for: of a workflow, of a tenant, or of all, each from its index. A workflow
 * has fewer than its tenant, so with both the `+` keeps the tenant's indexes out.
 */
export const listProposals = (sql: D1Client.D1Client, filter: ProposalFilter) =>
  sql`SELECT ${sql.literal(summary)} FROM proposals WHERE ${
    sql.and([
      sql`1 = 1`,
      ...(filter.workflowId === undefined
        ? ofTenant(sql, filter.tenantId)
        : [
          sql`workflow_id = ${filter.workflowId}`,
          ...(filter.tenantId === null ? [] : [sql`+tenant_id = ${filter.tenantId}`])
        ]),
      ...(filter.workflows === undefined
        ? []
        : [sql`+workflow_id IN (SELECT value FROM json_each(${JSON.stringify(filter.workflows)}))`]),
      ...(filter.status === undefined ? [] : [sql`status = ${filter.status}`]),
      ...afterPlace(sql, filter.after)
    ])
  } ORDER BY created_at DESC, id DESC LIMIT ${filter.limit + 1}`

/**
 * The approval, while the proposal is open and the stored version the one that it changes, and then the workflow, if this
 * decision approved it: the statements of one batch. The first answers a row if it did.
 */
export const approveProposal = (
  sql: D1Client.D1Client,
  { decidedAt, decidedBy, id, tenantId }: Decision,
  workflow: Workflow,
  encoded: EncodedWorkflow
) => {
  const base = workflow.version === 1
    ? sql`base_version IS NULL AND NOT EXISTS (SELECT 1 FROM workflows WHERE workflows.id = ${workflow.id})`
    : sql`base_version = ${workflow.version - 1} AND EXISTS (
        SELECT 1 FROM workflows WHERE workflows.id = ${workflow.id} AND workflows.tenant_id = ${tenantId}
          AND workflows.version = ${workflow.version - 1} AND workflows.deleted_at IS NULL
      )`
  const approved = sql`EXISTS (
    SELECT 1 FROM proposals WHERE proposals.id = ${id} AND proposals.tenant_id = ${tenantId}
      AND proposals.status = 'approved' AND proposals.decided_by = ${decidedBy} AND proposals.decided_at = ${decidedAt}
  )`
  return [
    sql`UPDATE proposals SET status = 'approved', version = ${workflow.version}, decided_by = ${decidedBy},
        decided_at = ${decidedAt}, updated_at = ${decidedAt}
      WHERE id = ${id} AND tenant_id = ${tenantId} AND status = 'open' AND workflow_id = ${workflow.id} AND ${base}
      RETURNING id`,
    ...(workflow.version === 1
      ? insertWorkflowIf(sql, workflow, encoded, approved)
      : updateWorkflow(sql, workflow, encoded, workflow.version - 1, approved).statements)
  ]
}

/** The end of an open proposal. */
export const closeProposal = (
  sql: D1Client.D1Client,
  { decidedAt, decidedBy, id, reason, status, tenantId }: Closing
) =>
  sql`UPDATE proposals SET status = ${status}, reason = ${reason}, decided_by = ${decidedBy},
      decided_at = ${decidedAt}, updated_at = ${decidedAt}
    WHERE id = ${id} AND tenant_id = ${tenantId} AND status = 'open' RETURNING id`

/** Removes the oldest proposals that nothing has become of since a time. */
export const pruneProposals = (
  sql: D1Client.D1Client,
  { before, limit }: { readonly before: Timestamp; readonly limit: number }
) =>
  sql`DELETE FROM proposals WHERE rowid IN (
      SELECT rowid FROM proposals WHERE updated_at < ${before} ORDER BY updated_at LIMIT ${limit}
    )
    RETURNING id`
