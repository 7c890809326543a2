import { D1Client } from "@effect/sql-d1"
import { assert, describe, it } from "@effect/vitest"
import { env } from "cloudflare:workers"
import { Effect, Layer } from "effect"
import type { Fragment } from "effect/sql/Statement"
import { ApiKeyId, DeliveryId, ExecutionId, ProposalId, WorkflowId } from "../../src/domain/Ids.ts"
import * as Bindings from "../../src/layers/cloudflare/Bindings.ts"
import {
  claimStaleExecutions,
  insertExecution,
  listExecutions,
  pruneExecutions,
  unfinishedExecutions
} from "../../src/layers/cloudflare/ExecutionQueries.ts"
import { findKeyByDigest, insertKey, listKeys, noteUse } from "../../src/layers/cloudflare/KeyQueries.ts"
import {
  approveProposal,
  closeProposal,
  findProposal,
  insertProposal,
  listProposals,
  pruneProposals
} from "../../src/layers/cloudflare/ProposalQueries.ts"
import {
  behindSchedules,
  claimFires,
  dueSchedules,
  findDueFire,
  listFires,
  nextDueSchedule,
  pruneFires,
  revokeFires,
  takeFires
} from "../../src/layers/cloudflare/ScheduleQueries.ts"
import * as Sql from "../../src/layers/cloudflare/Sql.ts"
import {
  findDelivery,
  listDeliveries,
  pruneDeliveries,
  webhookTarget
} from "../../src/layers/cloudflare/WebhookQueries.ts"
import { knownWorkflows, listWorkflows, listWorkflowVersions } from "../../src/layers/cloudflare/WorkflowQueries.ts"
import { findWorkflowTool, listWorkflowTools } from "../../src/layers/cloudflare/WorkflowToolQueries.ts"
import { rowOf } from "../../src/layers/ProposalRow.ts"
import { encodeWorkflow } from "../../src/layers/WorkflowRow.ts"
import { at, makeDraft, makeWorkflow, tenantA } from "../contract/Data.ts"
import { makeProposal } from "../contract/ProposalData.ts"

const sqlLayer = Layer.provide(Sql.layer, Bindings.layer(env))

const page = { limit: 50, after: { createdAt: at(1), id: "x" } }
const workflowId = WorkflowId.make("w")
const range = { from: at(0), to: at(9) }
const pruning = { now: at(9), endedBefore: at(1), limit: 500 }
const proposals = { tenantId: tenantA, ...page }
const proposalId = ProposalId.make("p")
const proposalRow = Effect.runSync(rowOf(makeProposal("p")))
const openProposals = { ofTenant: 100, ofKey: 20 }
const decision = { id: proposalId, tenantId: tenantA, decidedBy: "key", decidedAt: at(1) }
const approval = (version: number) => (sql: D1Client.D1Client) =>
  approveProposal(sql, decision, makeWorkflow("w", { version }), Effect.runSync(encodeWorkflow(makeWorkflow("w"))))
const upkeep = { before: at(1), now: at(2), limit: 100 }

const keyRow = {
  id: "k",
  tenantId: null,
  name: "K",
  prefix: "p",
  scopes: "[]",
  workflows: null,
  expiresAt: null,
  createdAt: at(0),
  createdBy: "c",
  lastUsedAt: null
}

/** Each query, and the index that it must use. */
const queries: ReadonlyArray<
  readonly [title: string, index: string, query: (sql: D1Client.D1Client) => Fragment]
> = [
  ["workflows of a tenant", "workflows_by_tenant", (sql) => listWorkflows(sql, { tenantId: tenantA, ...page })],
  [
    "workflows of a tenant, first page, by status and name",
    "workflows_by_tenant",
    (sql) => listWorkflows(sql, { tenantId: tenantA, limit: 50, status: "active", name: "order" })
  ],
  [
    "which of some ids are workflows of a tenant",
    "sqlite_autoindex_workflows_1",
    (sql) => knownWorkflows(sql, tenantA, [workflowId])
  ],
  [
    "some workflows of a tenant",
    "sqlite_autoindex_workflows_1 (id=?)",
    (sql) => listWorkflows(sql, { tenantId: tenantA, workflows: [workflowId], ...page })
  ],
  ["workflows of all", "workflows_by_creation", (sql) => listWorkflows(sql, { tenantId: null, ...page })],
  [
    "tools of a tenant",
    "workflows_by_tenant_tool",
    (sql) =>
      listWorkflowTools(sql, { tenantId: tenantA, workflows: null }, {
        limit: 50,
        after: { tool: "t", createdAt: at(1), id: workflowId }
      })
  ],
  [
    "tools of all",
    "workflows_by_tool",
    (sql) => listWorkflowTools(sql, { tenantId: null, workflows: null }, { limit: 50 })
  ],
  [
    "a tool of a tenant by its name",
    "workflows_by_tenant_tool (tenant_id=? AND tool=?)",
    (sql) => findWorkflowTool(sql, { tenantId: tenantA, workflows: null }, "a-000001") ?? sql``
  ],
  [
    "a tool of any tenant by its distinct name",
    "workflows_by_tool (tool>? AND tool<?)",
    (sql) => findWorkflowTool(sql, { tenantId: null, workflows: null }, "a-000001") ?? sql``
  ],
  [
    "versions of a workflow, from the index alone",
    "COVERING INDEX workflow_versions_by_workflow",
    (sql) => listWorkflowVersions(sql, { id: workflowId, tenantId: tenantA, limit: 50, before: 9 })
  ],
  ["executions of a tenant", "executions_by_tenant", (sql) => listExecutions(sql, { tenantId: tenantA, ...page })],
  [
    "executions of a tenant by status, trigger and time",
    "executions_by_tenant",
    (sql) => listExecutions(sql, { tenantId: tenantA, status: "running", trigger: "api", ...range, ...page })
  ],
  [
    "a later page of executions of a tenant in a time, from the place on",
    "executions_by_tenant (tenant_id=? AND created_at>? AND (created_at,id)<(?,?))",
    (sql) => listExecutions(sql, { tenantId: tenantA, ...range, ...page })
  ],
  [
    "executions of a workflow",
    "executions_by_workflow",
    (sql) => listExecutions(sql, { tenantId: null, workflowId, ...page })
  ],
  [
    "executions of a tenant's workflow",
    "executions_by_workflow",
    (sql) => listExecutions(sql, { tenantId: tenantA, workflowId, status: "failed", ...page })
  ],
  [
    "executions of some workflows, the newest of each",
    "executions_by_workflow (workflow_id=?",
    (sql) => listExecutions(sql, { tenantId: tenantA, workflows: [workflowId], ...page })
  ],
  [
    "executions of some workflows, by their ids",
    "sqlite_autoindex_executions_1 (id=?)",
    (sql) => listExecutions(sql, { tenantId: tenantA, workflows: [workflowId], status: "running", ...range, limit: 50 })
  ],
  [
    "executions of one of some workflows",
    "executions_by_workflow (workflow_id=? AND (created_at,id)<(?,?))",
    (sql) => listExecutions(sql, { tenantId: tenantA, workflowId, workflows: [workflowId], ...page })
  ],
  ["executions of all", "executions_by_creation", (sql) => listExecutions(sql, { tenantId: null, limit: 50 })],
  [
    "executions of all by status",
    "executions_by_creation",
    (sql) => listExecutions(sql, { tenantId: null, status: "pending", ...range, ...page })
  ],
  [
    "which of some executions have not ended",
    "sqlite_autoindex_executions_1",
    (sql) => unfinishedExecutions(sql, [ExecutionId.make("e")])
  ],
  ["schedules that are due", "schedules_due", (sql) => dueSchedules(sql, at(1), 500)],
  ["the next fire", "schedules_due", nextDueSchedule],
  ["what a claim records", "sqlite_autoindex_schedules_1", (sql) => claimFires(sql, [], at(1))[0] ?? sql``],
  ["how a claim moves schedules on", "sqlite_autoindex_schedules_1", (sql) => claimFires(sql, [], at(1))[1] ?? sql``],
  ["fires that are taken", "fires_due (taken_at<?)", (sql) => takeFires(sql, upkeep)],
  [
    "what a fire needs",
    "fires_due_by_workflow (workflow_id=? AND key=? AND fire_at=?)",
    (sql) => findDueFire(sql, { workflowId, key: "k", fireAt: at(1) })
  ],
  ["fires that are due no longer", "fires_due_by_workflow", (sql) => revokeFires(sql, workflowId)],
  ["the ledger of a workflow", "fires_by_workflow", (sql) => listFires(sql, { workflowId, ...page })],
  ["schedules that are behind", "schedules_due", (sql) => behindSchedules(sql, at(1))[0]],
  ["fires that are behind", "fires_due", (sql) => behindSchedules(sql, at(1))[1]],
  ["the pruning of the ledger", "fires_by_time", (sql) => pruneFires(sql, at(1), 500)],
  ["the sweep", "executions_unfinished", (sql) => claimStaleExecutions(sql, upkeep)],
  [
    "the pruning of what has a time of its own, from the index alone",
    "COVERING INDEX executions_expiring (expires_at<?)",
    (sql) => pruneExecutions(sql, pruning)
  ],
  [
    "the pruning of the others, from the index alone",
    "COVERING INDEX executions_expiring (expires_at=? AND completed_at<?)",
    (sql) => pruneExecutions(sql, pruning)
  ],
  [
    "the workflow of a webhook",
    "sqlite_autoindex_workflows_1",
    (sql) => webhookTarget(sql, workflowId)
  ],
  [
    "one delivery",
    "sqlite_autoindex_webhook_deliveries_1",
    (sql) => findDelivery(sql, workflowId, DeliveryId.make("d"))
  ],
  [
    "the deliveries of a workflow",
    "webhook_deliveries_by_workflow (workflow_id=? AND (received_at,id)<(?,?))",
    (sql) => listDeliveries(sql, { workflowId, ...page })
  ],
  [
    "the pruning of deliveries, from the index alone",
    "COVERING INDEX webhook_deliveries_by_age (received_at<?)",
    (sql) => pruneDeliveries(sql, { before: at(1), limit: 500 })
  ],
  ["a key by its digest", "api_keys_by_digest (digest=?)", (sql) => findKeyByDigest(sql, "d")],
  ["keys of a tenant", "api_keys_by_tenant", (sql) => listKeys(sql, { tenantId: tenantA, ...page })],
  ["keys of all", "api_keys_by_creation", (sql) => listKeys(sql, { tenantId: null, ...page })],
  ["the use of a key", "sqlite_autoindex_api_keys_1", (sql) => noteUse(sql, ApiKeyId.make("k"), at(1), at(0))],
  [
    "how many keys a tenant has",
    "COVERING INDEX api_keys_by_tenant (tenant_id=?)",
    (sql) => insertKey(sql, keyRow, "d", 1_000)
  ],
  ["proposals of a tenant", "proposals_by_tenant", (sql) => listProposals(sql, proposals)],
  [
    "proposals of a tenant that some workflows have",
    "proposals_by_tenant",
    (sql) => listProposals(sql, { ...proposals, workflows: [workflowId] })
  ],
  [
    "proposals of a tenant by status",
    "proposals_by_status",
    (sql) => listProposals(sql, { ...proposals, status: "open" })
  ],
  [
    "proposals of a tenant's workflow",
    "proposals_by_workflow",
    (sql) => listProposals(sql, { ...proposals, workflowId, status: "open" })
  ],
  [
    "proposals of all",
    "proposals_by_creation",
    (sql) => listProposals(sql, { ...proposals, tenantId: null, status: "open" })
  ],
  ["one proposal", "sqlite_autoindex_proposals_1", (sql) => findProposal(sql, proposalId, tenantA)],
  [
    "how many proposals are open, from the index alone",
    "COVERING INDEX proposals_by_status (tenant_id=? AND status=?)",
    (sql) => insertProposal(sql, proposalRow, openProposals)[0]
  ],
  [
    "the end of the proposal whose place is taken",
    "proposals_by",
    (sql) => insertProposal(sql, proposalRow, openProposals)[1]
  ],
  ["what a key has open", "proposals_by_status", (sql) => insertProposal(sql, proposalRow, openProposals)[2]],
  ["an approval", "sqlite_autoindex_proposals_1", (sql) => approval(2)(sql)[0] ?? sql``],
  ["the workflow of an approval", "sqlite_autoindex_workflows_1", (sql) => approval(2)(sql).at(-2) ?? sql``],
  ["the approval of a creation", "sqlite_autoindex_workflows_1", (sql) => approval(1)(sql)[0] ?? sql``],
  [
    "a refusal",
    "sqlite_autoindex_proposals_1",
    (sql) => closeProposal(sql, { ...decision, status: "refused", reason: null })
  ],
  [
    "the pruning of proposals, from the index alone",
    "COVERING INDEX proposals_by_age (updated_at<?)",
    (sql) => pruneProposals(sql, { before: at(1), limit: 500 })
  ],
  [
    "an insert",
    "sqlite_autoindex_workflows_1",
    (sql) => insertExecution(sql, makeDraft("e"), { inputs: "{}", parent: null, triggerData: null })[2]
  ]
]

describe("Query plans on D1", () => {
  it.effect.each(queries)("%s: %s", ([, index, query]) =>
    Effect.gen(function*() {
      const sql = yield* D1Client.D1Client
      const rows = yield* sql<{ readonly detail: string; readonly parent: number }>`EXPLAIN QUERY PLAN ${query(sql)}`
      const plan = rows.map(({ detail }) => detail)
      const tables = plan.filter((line) =>
        /^(SCAN|SEARCH) (executions|workflows|webhook_deliveries|schedules|fires|api_keys|proposals)\b/.test(line)
      )
      assert.isNotEmpty(tables)
      assert.deepStrictEqual(
        tables.filter((line) => !/USING (COVERING )?INDEX|USING (INTEGER )?PRIMARY KEY/.test(line)),
        []
      )
      const search = plan.findIndex((line) => line.includes(index.startsWith("COVERING") ? index : `INDEX ${index}`))
      assert.isAtLeast(search, 0, plan.join("\n"))
      // The rows come out of the index in order: only the windows over a page of them may sort.
      const next = rows[search + 1]
      if (next?.parent === rows[search]?.parent) assert.notInclude(next?.detail ?? "", "TEMP B-TREE", plan.join("\n"))
      assert.deepStrictEqual(tables.filter((line) => line.startsWith("SCAN") && !line.includes(index)), [])
    }).pipe(Effect.provide(sqlLayer)))
})
