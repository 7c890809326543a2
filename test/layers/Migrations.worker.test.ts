import { assert, describe, it } from "@effect/vitest"
import { applyD1Migrations } from "cloudflare:test"
import { env } from "cloudflare:workers"
import { Effect, Layer, Option } from "effect"
import { ExecutionId, WorkflowId } from "../../src/domain/Ids.ts"
import { definitionOf } from "../../src/domain/Workflow.ts"
import { toolTriggerOf } from "../../src/domain/WorkflowTool.ts"
import * as Bindings from "../../src/layers/cloudflare/Bindings.ts"
import * as ExecutionRepositoryLayer from "../../src/layers/cloudflare/ExecutionRepository.ts"
import * as Sql from "../../src/layers/cloudflare/Sql.ts"
import * as WorkflowRepositoryLayer from "../../src/layers/cloudflare/WorkflowRepository.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { at, makeDraft, makeWorkflow, tenantA } from "../contract/Data.ts"

const d1 = Layer.merge(WorkflowRepositoryLayer.layer, ExecutionRepositoryLayer.layer).pipe(
  Layer.provide(Sql.layer),
  Layer.provide(Bindings.layer(env))
)

/** The database as it was after the first two migrations, with a row or two in each table. */
const oldDatabase = Effect.promise(async () => {
  const tables = [
    "fires",
    "schedules",
    "executions",
    "webhook_deliveries",
    "webhook_tokens",
    "workflow_versions",
    "workflows",
    "secrets",
    "api_keys",
    "proposals",
    "d1_migrations"
  ]
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DROP TABLE IF EXISTS ${table}`)))
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS.slice(0, 2))
  const { steps } = makeWorkflow("w")
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO workflows (id, tenant_id, name, description, steps, triggers, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    ).bind("w", "tenant-a", "Workflow w", null, JSON.stringify(steps), null, at(0), at(5)),
    env.DB.prepare(
      "INSERT INTO executions (id, workflow_id, status, inputs, started_at, created_at, updated_at) VALUES ('old', 'w', 'running', '{\"a\":1}', '2026-01-01 00:00:00', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00')"
    ),
    env.DB.prepare(
      "INSERT INTO executions (id, workflow_id, status, inputs, outputs, error, \"trigger\", started_at, completed_at, created_at, updated_at) VALUES ('done', 'w', 'failed', '{}', NULL, '{\"code\":\"STEP-001\",\"message\":\"Broken\"}', 'webhook', ?, ?, ?, ?)"
    ).bind(at(1), at(2), at(0), at(2))
  ])
})

/** Names of workflows that are no names of tools yet. */
const nastyNames = [
  "Onboard a joiner!",
  "UPPER lower 123",
  "a-b_c",
  "__a__",
  "-a-",
  "a  -  b",
  "a\n\tb",
  "!!!",
  " ",
  "_",
  "-",
  "Größe und Maß",
  "日本語",
  "😀 smile 😀",
  "\ud800\udc00",
  "a'b\"c;--%_[x]",
  "a[b]^c-d]",
  "ÀÉ",
  "İstanbul",
  "x".repeat(200),
  `${"x".repeat(39)} y`,
  `${"x".repeat(39)}!y`,
  `${"x".repeat(38)}!!yz`,
  `!!${"x".repeat(38)}!`,
  `${"_".repeat(50)}a`,
  `${"é".repeat(100)}a${"é".repeat(99)}`,
  `${"a ".repeat(100)}`
]

const triggers = [
  "schedule",
  {
    type: "schedule",
    cron: "0 9 * * 1-5",
    timezone: "Europe/Berlin",
    inputs: { a: 1 },
    overlap: "allow",
    catchUp: "all"
  },
  "webhook",
  { type: "schedule", cron: "*/5 * * * *" },
  { type: "schedule", cron: "*/5 * * * *" }
]

describe("Migrations", () => {
  it.effect("the schedules of stored workflows begin", () =>
    Effect.gen(function*() {
      yield* oldDatabase
      const rows = yield* Effect.promise(async () => {
        const json = JSON.stringify(triggers)
        await env.DB.prepare("UPDATE workflows SET triggers = ?").bind(json).run()
        await env.DB.prepare(
          "INSERT INTO workflows (id, tenant_id, name, steps, triggers, status, created_at, updated_at) SELECT 'off', tenant_id, name, steps, ?, 'inactive', created_at, updated_at FROM workflows"
        ).bind(json).run()
        await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
        const { results } = await env.DB.prepare(
          "SELECT workflow_id, number, key, overlap, catch_up, inputs, paused, next_fire_at IS NOT NULL AS begins FROM schedules ORDER BY workflow_id DESC, number"
        ).all()
        return results
      })
      const common = { overlap: "skip", catch_up: "none", inputs: "{}", paused: 0 }
      const expected = [
        {
          ...common,
          number: 1,
          key: "0 9 * * 1-5 Europe/Berlin",
          overlap: "allow",
          catch_up: "all",
          inputs: "{\"a\":1}"
        },
        { ...common, number: 3, key: "*/5 * * * * UTC" },
        { ...common, number: 4, key: "*/5 * * * * UTC #2" }
      ]
      assert.deepStrictEqual<unknown>(rows, [
        ...expected.map((row) => ({ ...row, workflow_id: "w", begins: 1 })),
        ...expected.map((row) => ({ ...row, workflow_id: "off", begins: 0 }))
      ])
    }))

  it.effect("the tools of stored workflows have the names that new ones get", () =>
    Effect.gen(function*() {
      yield* oldDatabase
      const stored = [
        ...nastyNames.map((name) => ({ name, triggers: ["mcp"] as const })),
        { name: "Object", triggers: [{ type: "mcp" }] as const },
        {
          name: "Named",
          triggers: ["webhook", { type: "mcp", tool: "By_name-1" }, { type: "mcp", tool: "2" }] as const
        },
        { name: "Described", triggers: [{ type: "mcp", description: "Says" }, "mcp"] as const },
        { name: "None", triggers: ["webhook", { type: "schedule", cron: "* * * * *" }] as const }
      ]
      const rows = yield* Effect.promise(async () => {
        const insert = "INSERT INTO workflows (id, tenant_id, name, steps, triggers, created_at, updated_at) " +
          "SELECT ?, tenant_id, ?, steps, ?, created_at, updated_at FROM workflows WHERE id = 'w'"
        await env.DB.batch(
          stored.map(({ name, triggers }, index) =>
            env.DB.prepare(insert).bind(`t${index}`, name, JSON.stringify(triggers))
          )
        )
        await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
        const { results } = await env.DB.prepare("SELECT id, name, tool FROM workflows ORDER BY id").all()
        return new Map(results.map(({ id, tool }) => [id, tool]))
      })
      assert.isNull(rows.get("w"))
      for (const [index, { name, triggers }] of stored.entries()) {
        const expected = toolTriggerOf({ name, description: null, triggers })?.name ?? null
        assert.deepStrictEqual([name, rows.get(`t${index}`)], [name, expected])
      }
    }))

  it.effect("run forward on a database that holds rows", () =>
    Effect.gen(function*() {
      yield* oldDatabase
      yield* Effect.promise(() => applyD1Migrations(env.DB, env.TEST_MIGRATIONS))
      const workflows = yield* WorkflowRepository
      const executions = yield* ExecutionRepository

      const workflow = makeWorkflow("w", { updatedAt: at(5) })
      assert.deepStrictEqual(yield* workflows.find(workflow.id, tenantA), Option.some(workflow))
      const version = yield* workflows.findVersion(WorkflowId.make("w"), 1)
      assert.deepStrictEqual(version, Option.some(definitionOf(workflow)))
      assert.deepStrictEqual((yield* workflows.listVersions({ id: workflow.id, tenantId: tenantA, limit: 9 })).items, [
        { version: 1, name: "Workflow w", createdAt: at(5), current: true }
      ])

      const old = {
        id: ExecutionId.make("old"),
        workflowId: workflow.id,
        workflowVersion: 1,
        tenantId: tenantA,
        status: "running" as const,
        trigger: "api",
        inputs: { a: 1 },
        outputs: null,
        error: null,
        requestId: null,
        retryOf: null,
        parentId: null,
        startedAt: at(0),
        completedAt: null,
        createdAt: at(0),
        updatedAt: at(0)
      }
      const found = yield* executions.find(old.id, tenantA)
      assert.deepStrictEqual(found, Option.some({ execution: old, placement: "name:old", retryFrom: null }))
      const done = {
        ...old,
        id: ExecutionId.make("done"),
        status: "failed" as const,
        trigger: "webhook",
        inputs: {},
        error: { code: "STEP-001", message: "Broken" },
        startedAt: at(1),
        completedAt: at(2),
        updatedAt: at(2)
      }
      const list = yield* executions.list({ tenantId: tenantA, limit: 10 })
      assert.deepStrictEqual(list, { items: [old, done], nextCursor: null })

      assert.isTrue(yield* workflows.update({ ...workflow, name: "Changed", version: 2 }, 1))
      assert.isTrue(Option.isSome(yield* executions.insert(makeDraft("new"))))
      const claimed = yield* executions.claimStale({ before: at(1), now: at(9), limit: 10 })
      assert.deepStrictEqual(claimed.map(({ execution }) => String(execution.id)), ["new", "old"])
      assert.strictEqual(yield* executions.prune({ now: at(9), endedBefore: at(3), limit: 10 }), 1)
    }).pipe(Effect.provide(d1)))
})
