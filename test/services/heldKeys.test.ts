import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Result, Schema } from "effect"
import { DeliveryId, ExecutionId, RequestId, StepId, WorkflowId } from "../../src/domain/Ids.ts"
import type { Principal } from "../../src/domain/Principal.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import { Step } from "../../src/domain/Step.ts"
import { Executions } from "../../src/services/Executions.ts"
import { Retries } from "../../src/services/Retries.ts"
import { Schedules } from "../../src/services/Schedules.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { Webhooks } from "../../src/services/Webhooks.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import { WorkflowVersions } from "../../src/services/WorkflowVersions.ts"
import * as TestService from "../../src/testing/TestService.ts"
import { tenantA } from "../contract/Data.ts"

const ofA = unrestricted("a", tenantA)
const heldTo = (...workflows: ReadonlyArray<WorkflowId>): Principal => ({ ...ofA, workflows })

const requestId = RequestId.make("r")
const set: Step = { id: StepId.make("only"), type: "transform", order: 1, config: { operation: "set", values: {} } }

const decode = Schema.decodeUnknownSync(Schema.Array(Step))

const create = (name: string, steps: ReadonlyArray<Step> = [set]) =>
  Workflows.use((workflows) =>
    workflows.create(ofA, {
      tenantId: tenantA,
      name,
      steps,
      triggers: ["webhook", { type: "schedule", cron: "0 0 1 1 *" }]
    })
  )

const start = (workflowId: WorkflowId, principal = ofA) =>
  Executions.use((executions) => executions.start(principal, { workflowId, requestId: null, waitMillis: 10_000 }))

type UseCase<Id> = (key: Principal, id: Id) => Effect.Effect<unknown, unknown>

/** Every use case on one workflow or on one execution of it, as a key may try it. */
const useCases = Effect.gen(function*() {
  const workflows = yield* Workflows
  const versions = yield* WorkflowVersions
  const executions = yield* Executions
  const retries = yield* Retries
  const schedules = yield* Schedules
  const webhooks = yield* Webhooks
  const delivery = DeliveryId.make("d")
  const ofWorkflow: Readonly<Record<string, UseCase<WorkflowId>>> = {
    "workflows.get": (key, id) => workflows.get(key, id),
    "workflows.update": (key, id) => workflows.update(key, id, { name: "Changed" }, null),
    "versions.list": (key, id) => versions.list(key, id, { limit: 9 }),
    "versions.list after the first": (key, id) => versions.list(key, id, { limit: 9, before: 1 }),
    "versions.get": (key, id) => versions.get(key, id, 1),
    "versions.restore": (key, id) => versions.restore(key, id, 1, null),
    "executions.start": (key, workflowId) => executions.start(key, { workflowId, requestId: null, waitMillis: 10_000 }),
    "schedules.list": (key, id) => schedules.list(key, id),
    "schedules.pause": (key, id) => schedules.pause(key, id, 1),
    "schedules.resume": (key, id) => schedules.resume(key, id, 1),
    "schedules.fires": (key, id) => schedules.fires(key, id, { limit: 9 }),
    "webhooks.get": (key, id) => webhooks.get(key, id),
    "webhooks.rotate": (key, id) => webhooks.rotate(key, id),
    "webhooks.list": (key, id) => webhooks.list(key, id, { limit: 9 }),
    "webhooks.find": (key, id) => webhooks.find(key, id, delivery),
    "webhooks.redeliver": (key, id) => webhooks.redeliver(key, id, delivery, requestId),
    "workflows.remove of another version": (key, id) => workflows.remove(key, id, 99),
    "workflows.remove": (key, id) => workflows.remove(key, id, null)
  }
  const ofExecution: Readonly<Record<string, UseCase<ExecutionId>>> = {
    "executions.get": (key, id) => executions.get(key, id),
    "executions.wait": (key, id) => executions.wait(key, id, { waitMillis: 1 }),
    "executions.cancel": (key, id) => executions.cancel(key, id),
    "executions.signal": (key, id) => executions.signal(key, id, "go", null),
    "executions.logs": (key, id) => executions.logs(key, id),
    "retries.retry": (key, id) =>
      retries.retry(key, id, { fromStep: StepId.make("only"), requestId: null, waitMillis: 10_000 })
  }
  return { ofWorkflow, ofExecution }
})

const layer = TestService.layer([])

/** What came of it, with the id that was asked for left out. */
const outcome = (effect: Effect.Effect<unknown, unknown>, id: string) =>
  Effect.map(
    Effect.result(effect),
    (result) =>
      JSON.stringify(Result.isFailure(result) ? Object.assign({}, result.failure) : "done").replaceAll(id, "ID")
  )

const isHidden = Effect.fnUntraced(function*<Id extends string>(
  name: string,
  ask: UseCase<Id>,
  key: Principal,
  ids: { readonly own: Id; readonly other: Id; readonly unknown: Id }
) {
  const ofNobody = yield* outcome(ask(key, ids.unknown), ids.unknown)
  assert.match(ofNobody, /"(Workflow|WorkflowVersion|Execution)NotFound"/, name)
  assert.strictEqual(yield* outcome(ask(key, ids.other), ids.other), ofNobody, name)
  const own = yield* outcome(ask(key, ids.own), ids.own)
  const whole = yield* outcome(ask(ofA, ids.other), ids.other)
  assert.notMatch(own, /"(Workflow|WorkflowVersion|Execution)NotFound"/, name)
  assert.strictEqual(own, whole, name)
})

describe("a key that is held to some workflows", () => {
  it.effect("finds another one as little as one that is not there, and nothing of it", () =>
    Effect.gen(function*() {
      const [own, other] = [yield* create("own"), yield* create("other")]
      const ids = { own: own.id, other: other.id, unknown: WorkflowId.make("unknown") }
      const executionIds = {
        own: (yield* start(own.id)).id,
        other: (yield* start(other.id)).id,
        unknown: ExecutionId.make("unknown")
      }
      const { ofExecution, ofWorkflow } = yield* useCases
      for (const [name, ask] of Object.entries(ofExecution)) yield* isHidden(name, ask, heldTo(own.id), executionIds)
      for (const [name, ask] of Object.entries(ofWorkflow)) yield* isHidden(name, ask, heldTo(own.id), ids)
    }).pipe(Effect.provide(layer)))

  it.effect("changes nothing of another one", () =>
    Effect.gen(function*() {
      const [own, other] = [yield* create("own"), yield* create("other")]
      const execution = yield* start(other.id)
      const { ofExecution, ofWorkflow } = yield* useCases
      for (const ask of Object.values(ofWorkflow)) yield* Effect.exit(ask(heldTo(own.id), other.id))
      for (const ask of Object.values(ofExecution)) yield* Effect.exit(ask(heldTo(own.id), execution.id))
      const workflows = yield* Workflows
      const executions = yield* Executions
      assert.deepStrictEqual(yield* workflows.get(ofA, other.id), other)
      const { items } = yield* executions.list(ofA, { tenantId: null, limit: 9 })
      assert.deepStrictEqual(items.map(({ id }) => id), [execution.id])
    }).pipe(Effect.provide(layer)))

  it.effect("lists its own alone", () =>
    Effect.gen(function*() {
      const [own, second, other] = [yield* create("own"), yield* create("second"), yield* create("other")]
      for (const { id } of [own, other, second]) yield* start(id)
      const workflows = yield* Workflows
      const executions = yield* Executions
      const key = heldTo(own.id, second.id)
      for (const tenantId of [null, tenantA]) {
        const listed = yield* workflows.list(key, { tenantId, limit: 9 })
        assert.sameMembers(listed.items.map(({ id }) => id), [own.id, second.id])
        const ran = yield* executions.list(key, { tenantId, limit: 9 })
        assert.sameMembers(ran.items.map(({ workflowId }) => workflowId), [own.id, second.id])
      }
      const ofOther = yield* executions.list(key, { tenantId: null, workflowId: other.id, limit: 9 })
      assert.deepStrictEqual(ofOther, { items: [], nextCursor: null })
    }).pipe(Effect.provide(layer)))

  it.effect("sees what an execution started only by the workflow of that", () =>
    Effect.gen(function*() {
      const child = yield* create("child")
      const parent = yield* create("parent", [
        { id: StepId.make("call"), type: "workflow", order: 1, config: { workflowId: child.id } }
      ])
      const executions = yield* Executions
      const run = yield* start(parent.id, heldTo(parent.id))
      assert.strictEqual(run.status, "completed")
      const { items } = yield* executions.list(heldTo(child.id), { tenantId: null, limit: 9 })
      assert.deepStrictEqual(items.map(({ parentId, workflowId }) => [parentId, workflowId]), [[run.id, child.id]])
      for (const { id } of items) {
        yield* executions.get(heldTo(child.id), id)
        assert.strictEqual((yield* Effect.flip(executions.get(heldTo(parent.id), id)))._tag, "ExecutionNotFound")
      }
      assert.strictEqual((yield* Effect.flip(executions.get(heldTo(child.id), run.id)))._tag, "ExecutionNotFound")
    }).pipe(Effect.provide(layer)))

  it.effect("creates no workflow and touches no secret, but may validate", () =>
    Effect.gen(function*() {
      const own = yield* create("own")
      const workflows = yield* Workflows
      const secrets = yield* Secrets
      const key = heldTo(own.id)
      const place = { tenantId: null, name: "TOKEN" }
      yield* secrets.put(ofA, place, Redacted.make("a value"))
      const created = yield* Effect.flip(workflows.create(key, { tenantId: tenantA, name: "new", steps: [set] }))
      assert.deepInclude(created, { _tag: "KeyForbidden", reason: "held:create" })
      const calls = [
        secrets.put(key, place, Redacted.make("another")),
        secrets.get(key, place),
        secrets.list(key, { tenantId: tenantA, limit: 9 }),
        secrets.remove(key, place)
      ]
      for (const call of calls) {
        const refused = yield* Effect.flip<unknown, unknown, never>(call)
        assert.deepInclude(refused, { _tag: "KeyForbidden", reason: "held:secrets" })
      }
      assert.strictEqual((yield* secrets.get(ofA, place)).version, 1)
      assert.isTrue((yield* workflows.validate(key, { name: "new", steps: [set] })).valid)
      for (const members of [{}, { tenantId: tenantA }]) {
        const names = (secret: string) => ({
          ...members,
          name: "new",
          steps: [{ ...set, config: { operation: "set", values: { secret: `{{ secrets.${secret} }}` } } }]
        })
        assert.isTrue((yield* workflows.validate(key, names("TOKEN"))).valid)
        assert.isTrue((yield* workflows.validate(key, names("NONE"))).valid)
        assert.isFalse((yield* workflows.validate(ofA, names("NONE"))).valid)
        const changed = yield* Effect.result(
          workflows.update(key, own.id, { steps: decode(names("NONE").steps) }, null)
        )
        assert.deepInclude(Result.isFailure(changed) ? changed.failure : changed, { _tag: "WorkflowInvalid" })
      }
    }).pipe(Effect.provide(layer)))
})
