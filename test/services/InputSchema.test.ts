import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Option } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type { JsonObject } from "effect/Schema"
import { unrestricted } from "../../src/domain/Principal.ts"
import type { Workflow, WorkflowCreate } from "../../src/domain/Workflow.ts"
import * as Expressions from "../../src/engine/expressions/Layer.ts"
import * as Memory from "../../src/layers/Memory.ts"
import { DefinitionChecker } from "../../src/services/DefinitionChecker.ts"
import type { ExecutionDraft } from "../../src/services/ExecutionRepository.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Executor } from "../../src/services/Executor.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import { configOf } from "../contract/Config.ts"
import { makeWorkflow, tenantA } from "../contract/Data.ts"

const ofA = unrestricted("a", tenantA)

/** The drafts that the service handed to the store, and what is done before each is stored. */
class Inserts extends Context.Service<Inserts, {
  readonly drafts: Array<ExecutionDraft>
  before: Effect.Effect<void>
}>()("test/Inserts") {}

const recording = Layer.effect(
  ExecutionRepository,
  Effect.gen(function*() {
    const repository = yield* ExecutionRepository
    const inserts = yield* Inserts
    return {
      ...repository,
      insert: (draft: ExecutionDraft) =>
        Effect.suspend(() => {
          inserts.drafts.push(draft)
          return inserts.before
        }).pipe(Effect.andThen(repository.insert(draft)))
    }
  })
)

const executor = Layer.succeed(Executor, {
  place: () => Effect.succeed("name:1"),
  start: () => Effect.succeed(Option.none()),
  state: () => Effect.succeed(Option.none()),
  logs: () => Effect.succeed(Option.none()),
  watch: () => Effect.succeed(Option.none()),
  cancel: () => Effect.succeed(Option.none()),
  signal: () => Effect.succeed(Option.none()),
  ping: Effect.void
})

const services = Layer.mergeAll(Workflows.layer, Executions.layer).pipe(
  Layer.provide(DefinitionChecker.layer),
  Layer.provide(Layer.mergeAll(SecureRandom.layerWebCrypto, Expressions.servicesLayer, executor)),
  Layer.provideMerge(recording),
  Layer.provideMerge(Layer.sync(Inserts, () => ({ drafts: [], before: Effect.void }))),
  Layer.provideMerge(Memory.layer),
  Layer.provide(configOf())
)

const definition = ({ name, steps }: Workflow = makeWorkflow("w")): WorkflowCreate => ({
  tenantId: tenantA,
  name,
  steps
})

const create = (inputSchema?: JsonObject) =>
  Workflows.use((workflows) =>
    workflows.create(ofA, inputSchema === undefined ? definition() : { ...definition(), inputSchema })
  )

const start = ({ id }: Workflow, inputs: JsonObject) =>
  Executions.use((executions) => executions.start(ofA, { workflowId: id, inputs, requestId: null, waitMillis: 0 }))

const stored = Executions.use((executions) => executions.list(ofA, { tenantId: null, limit: 10 })).pipe(
  Effect.map(({ items }) => items.length)
)

const checkedVersions = Effect.map(Inserts, ({ drafts }) => drafts.map(({ checkedVersion }) => checkedVersion))

/** Changes the schema of a workflow, as another client would. */
const change = ({ id }: Workflow, inputSchema: JsonObject) =>
  Effect.map(Workflows, (workflows) => Effect.orDie(Effect.asVoid(workflows.update(ofA, id, { inputSchema }, null))))

const schema = { type: "object", properties: { count: { type: "integer" } }, required: ["count"] }

describe("inputSchema", () => {
  it.effect("is refused when it can't be used, with its paths", () =>
    Effect.gen(function*() {
      const workflows = yield* Workflows
      const bad = { properties: { a: { $ref: "https://example.com/x" } } }
      const path = ["inputSchema", "properties", "a", "$ref"]
      const created = yield* Effect.flip(create(bad))
      assert(created._tag === "WorkflowInvalid")
      assert.isFalse(created.missing)
      assert.deepStrictEqual(created.issues.map((issue) => issue.path), [path])
      const workflow = yield* create()
      const updated = yield* Effect.flip(workflows.update(ofA, workflow.id, { inputSchema: bad }, null))
      assert(updated._tag === "WorkflowInvalid")
      assert.deepStrictEqual(updated.issues, created.issues)
    }).pipe(Effect.provide(services)))

  it.effect("is told by validate beside the other problems", () =>
    Effect.gen(function*() {
      const workflows = yield* Workflows
      const answer = yield* workflows.validate(ofA, { ...definition(), steps: [], inputSchema: { type: 1 } })
      assert(!answer.valid)
      assert.deepStrictEqual(answer.issues.map(({ path }) => path), [["steps"], ["inputSchema", "type"]])
      const right = yield* workflows.validate(ofA, { ...definition(), inputSchema: schema })
      assert.isTrue(right.valid)
    }).pipe(Effect.provide(services)))

  it.effect("takes one call to the store where there is none", () =>
    Effect.gen(function*() {
      const workflow = yield* create()
      yield* start(workflow, { anything: 1 })
      assert.deepStrictEqual(yield* checkedVersions, [null])
    }).pipe(Effect.provide(services)))

  it.effect("admits inputs that fit it, with the version that was checked", () =>
    Effect.gen(function*() {
      const workflow = yield* create(schema)
      const execution = yield* start(workflow, { count: 1 })
      assert.strictEqual(execution.workflowVersion, 1)
      assert.deepStrictEqual(yield* checkedVersions, [null, 1])
      assert.strictEqual(yield* stored, 1)
    }).pipe(Effect.provide(services)))

  it.effect("refuses inputs before an execution is stored", () =>
    Effect.gen(function*() {
      const workflow = yield* create(schema)
      const error = yield* Effect.flip(start(workflow, {}))
      assert(error._tag === "ExecutionInvalid")
      assert.deepStrictEqual(error.issues, [{ path: ["inputs", "count"], message: "is required" }])
      assert.strictEqual(yield* stored, 0)
    }).pipe(Effect.provide(services)))

  it.effect("is checked again when the workflow changes meanwhile", () =>
    Effect.gen(function*() {
      const workflow = yield* create(schema)
      const inserts = yield* Inserts
      const changing = yield* change(workflow, { required: ["other"] })
      inserts.before = Effect.suspend(() => inserts.drafts.length === 2 ? changing : Effect.void)
      const error = yield* Effect.flip(start(workflow, { count: 1 }))
      assert(error._tag === "ExecutionInvalid")
      assert.deepStrictEqual(error.issues, [{ path: ["inputs", "other"], message: "is required" }])
      assert.strictEqual(yield* stored, 0)
    }).pipe(Effect.provide(services)))

  it.effect("gives up after three checks of a workflow that keeps changing", () =>
    Effect.gen(function*() {
      const workflow = yield* create(schema)
      const inserts = yield* Inserts
      inserts.before = yield* change(workflow, {})
      const error = yield* Effect.flip(start(workflow, { count: 1 }))
      assert.strictEqual(error._tag, "EngineUnavailable")
      assert.deepStrictEqual(yield* checkedVersions, [null, 2, 3, 4])
      assert.strictEqual(yield* stored, 0)
    }).pipe(Effect.provide(services)))

  it.effect("is not looked at for a workflow that is not active", () =>
    Effect.gen(function*() {
      const workflows = yield* WorkflowRepository
      const workflow = makeWorkflow("w", { status: "inactive", inputSchema: schema })
      yield* workflows.insert(workflow)
      assert.strictEqual((yield* Effect.flip(start(workflow, {})))._tag, "WorkflowInactive")
    }).pipe(Effect.provide(services)))
})
