import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted, Result } from "effect"
import type { JsonObject } from "effect/Schema"
import { TestClock } from "effect/testing"
import type { ProposalId } from "../../src/domain/Ids.ts"
import { RequestId, StepId, WorkflowId } from "../../src/domain/Ids.ts"
import { Limits } from "../../src/domain/Limits.ts"
import type { Principal } from "../../src/domain/Principal.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import type { WorkflowCreate, WorkflowUpdate } from "../../src/domain/Workflow.ts"
import { definitionOf } from "../../src/domain/Workflow.ts"
import { Faults } from "../../src/layers/memory/Faults.ts"
import { Maintenance } from "../../src/services/Maintenance.ts"
import { Proposals } from "../../src/services/Proposals.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import * as TestService from "../../src/testing/TestService.ts"
import { at, epoch, tenantA, tenantB } from "../contract/Data.ts"

const agent = unrestricted("agent", tenantA)
const person = unrestricted("person", tenantA)
const operator = unrestricted("operator", null)
const ofB = unrestricted("b", tenantB)
const service = TestService.layer([])

const call = (id: string, config: JsonObject = {}, order = 1) => ({
  id: StepId.make(id),
  type: "http-request" as const,
  order,
  config: { url: "https://api.example.com/", ...config }
})
const input: WorkflowCreate = { tenantId: tenantA, name: "Proposed", steps: [call("a")], triggers: ["mcp"] }
const page = { tenantId: null, limit: 100 }

const propose = (members: Partial<WorkflowCreate> = {}, principal = agent) =>
  Proposals.use((proposals) => proposals.proposeCreate(principal, { ...input, ...members }, RequestId.make("request")))
const change = (id: WorkflowId, members: WorkflowUpdate, expected: number | null = null, principal = agent) =>
  Proposals.use((proposals) => proposals.proposeUpdate(principal, id, members, expected, null))
const create = (members: Partial<WorkflowCreate> = {}) =>
  Workflows.use((workflows) => workflows.create(person, { ...input, ...members }))
const statusOf = (id: ProposalId) =>
  Proposals.use((proposals) => Effect.map(proposals.get(person, id), ({ status }) => status))
const putSecret = (name: string) =>
  Secrets.use((secrets) => secrets.put(person, { tenantId: null, name }, Redacted.make("a value")))
const failureOf = <A, E extends object, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error): object => ({ ...error }))
const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

describe("A proposal to create", () => {
  it.effect("is kept whole, and nothing of it is a workflow until it is approved", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(epoch)
      const [proposals, workflows] = [yield* Proposals, yield* Workflows]
      const proposed = yield* propose({ settings: { timeout: "1h" }, status: "inactive" })
      assert.deepStrictEqual({ ...proposed }, {
        id: proposed.id,
        tenantId: tenantA,
        workflowId: proposed.workflowId,
        kind: "create",
        baseVersion: null,
        name: "Proposed",
        status: "open",
        proposedBy: "agent",
        requestId: RequestId.make("request"),
        reason: null,
        decidedBy: null,
        decidedAt: null,
        version: null,
        createdAt: at(0),
        updatedAt: at(0),
        baseName: null,
        definition: {
          ...input,
          description: null,
          triggers: ["mcp"],
          settings: { timeout: "1h" },
          status: "inactive"
        },
        diff: {
          steps: { added: [{ path: "a", id: StepId.make("a"), type: "http-request" }], removed: [], changed: [] },
          newHosts: [{ host: "api.example.com", dynamic: false }],
          newSecrets: [],
          other: ["name", "triggers", "settings", "status"]
        }
      })
      assert.deepStrictEqual(yield* proposals.get(person, proposed.id), proposed)
      assert.deepStrictEqual((yield* workflows.list(operator, page)).items, [])
      assert.isTrue(Result.isFailure(yield* Effect.result(workflows.get(operator, proposed.workflowId))))

      yield* TestClock.setTime(epoch + 5)
      const workflow = yield* proposals.approve(person, proposed.id)
      assert.deepStrictEqual(workflow, {
        ...proposed.definition,
        id: proposed.workflowId,
        version: 1,
        createdAt: at(5),
        updatedAt: at(5)
      })
      assert.deepStrictEqual(yield* workflows.get(agent, workflow.id), workflow)
      const decided = yield* proposals.get(agent, proposed.id)
      assert.deepStrictEqual(decided, {
        ...proposed,
        status: "approved",
        version: 1,
        decidedBy: "person",
        decidedAt: at(5),
        updatedAt: at(5)
      })
    }).pipe(Effect.provide(service)))

  it.effect("is refused as the creation itself", () =>
    Effect.gen(function*() {
      const workflows = yield* Workflows
      const held: Principal = { ...agent, workflows: [WorkflowId.make("w")] }
      const cases: ReadonlyArray<readonly [principal: Principal, members: Partial<WorkflowCreate>]> = [
        [agent, { steps: [call("a"), call("a")] }],
        [agent, { steps: [call("a", { url: "https://{{ secrets.NONE }}/" })] }],
        [agent, { steps: [call("a", { query: { q: "{{ 1 + }}" } })] }],
        [agent, { inputSchema: { type: "no type" } }],
        [agent, { triggers: ["webhook", "webhook"] }],
        [ofB, {}],
        [held, {}]
      ]
      for (const [principal, members] of cases) {
        const expected = yield* failureOf(workflows.create(principal, { ...input, ...members }))
        assert.deepStrictEqual(yield* failureOf(propose(members, principal)), expected)
      }
      assert.deepStrictEqual((yield* (yield* Proposals).list(operator, page)).items, [])
    }).pipe(Effect.provide(service)))
})

describe("A proposal to change", () => {
  it.effect("becomes the next version of the one that it was made for", () =>
    Effect.gen(function*() {
      const proposals = yield* Proposals
      const workflow = yield* create({ outputs: { total: "1" } })
      const proposed = yield* change(workflow.id, {
        steps: [call("a"), call("b", { url: "https://b.example.com/" }, 2)]
      })
      assert.deepStrictEqual([proposed.kind, proposed.baseVersion, proposed.workflowId], ["update", 1, workflow.id])
      assert.deepStrictEqual(proposed.diff, {
        steps: { added: [{ path: "b", id: StepId.make("b"), type: "http-request" }], removed: [], changed: [] },
        newHosts: [{ host: "b.example.com", dynamic: false }],
        newSecrets: [],
        other: []
      })
      assert.deepStrictEqual(yield* (yield* Workflows).get(agent, workflow.id), workflow)
      const approved = yield* proposals.approve(person, proposed.id)
      assert.deepStrictEqual(approved, { ...workflow, steps: proposed.definition.steps, version: 2 })
      assert.deepStrictEqual(yield* (yield* Workflows).get(agent, workflow.id), approved)
      const version = yield* (yield* WorkflowRepository).findVersion(workflow.id, 2)
      assert.deepStrictEqual(version, Option.some(definitionOf(approved)))
      // What it changed is told of the version that it was made for, whatever is stored by now.
      yield* (yield* Workflows).update(person, workflow.id, { steps: [call("z")], status: "inactive" }, null)
      assert.deepStrictEqual((yield* proposals.get(person, proposed.id)).diff, proposed.diff)
    }).pipe(Effect.provide(service)))

  it.effect("tells whether the workflow would be active, against what it was", () =>
    Effect.gen(function*() {
      const proposals = yield* Proposals
      const { id } = yield* create({ status: "inactive" })
      const proposed = yield* change(id, { status: "active" })
      assert.deepStrictEqual(proposed.diff.other, ["status"])
      yield* (yield* Workflows).update(person, id, { status: "active" }, null)
      assert.deepStrictEqual((yield* proposals.get(person, proposed.id)).diff.other, ["status"])
    }).pipe(Effect.provide(service)))

  it.effect("is refused as the change itself", () =>
    Effect.gen(function*() {
      const workflows = yield* Workflows
      const { id } = yield* create()
      const cases: ReadonlyArray<
        readonly [principal: Principal, id: WorkflowId, input: WorkflowUpdate, expected: number | null]
      > = [
        [agent, id, { steps: [call("a"), call("a")] }, null],
        [agent, id, { tenantId: tenantB }, null],
        [agent, id, { id: WorkflowId.make("another") }, null],
        [agent, id, { name: "New" }, 2],
        [agent, id, { steps: [call("a", { query: { q: "{{ secrets.NONE }}" } })] }, 1],
        [agent, WorkflowId.make("unknown"), {}, null],
        [ofB, id, {}, null]
      ]
      for (const [principal, of, members, expected] of cases) {
        const error = yield* failureOf(workflows.update(principal, of, members, expected))
        assert.deepStrictEqual(yield* failureOf(change(of, members, expected, principal)), error)
      }
      assert.deepStrictEqual((yield* (yield* Proposals).list(operator, page)).items, [])
    }).pipe(Effect.provide(service)))

  it.effect("is outdated once the workflow has another version, or is gone", () =>
    Effect.gen(function*() {
      const [proposals, workflows] = [yield* Proposals, yield* Workflows]
      const { id } = yield* create()
      const [first, second, third] = [
        yield* change(id, { name: "First" }),
        yield* change(id, { name: "Second" }, null, unrestricted("second", tenantA)),
        yield* change(id, { name: "Third" }, null, unrestricted("third", tenantA))
      ]
      yield* proposals.approve(person, first.id)
      const error = yield* failureOf(proposals.approve(person, second.id))
      assert.deepStrictEqual(error, { _tag: "ProposalOutdated", id: second.id, version: 2 })
      const { decidedBy, status, version } = yield* proposals.get(person, second.id)
      assert.deepStrictEqual([status, decidedBy, version], ["outdated", "person", null])
      const again = yield* failureOf(proposals.approve(person, second.id))
      assert.deepStrictEqual(again, { _tag: "ProposalDecided", id: second.id, status: "outdated" })
      yield* workflows.remove(person, id, null)
      const gone = yield* failureOf(proposals.approve(person, third.id))
      assert.deepStrictEqual(gone, { _tag: "ProposalOutdated", id: third.id, version: null })
      assert.deepStrictEqual((yield* proposals.get(person, third.id)).diff, third.diff)
    }).pipe(Effect.provide(service)))
})

describe("Deciding", () => {
  it.effect("happens once, whoever comes first", () =>
    Effect.gen(function*() {
      const proposals = yield* Proposals
      const { id, workflowId } = yield* propose()
      const [won, lost] = yield* Effect.partition([
        proposals.approve(person, id).pipe(Effect.asVoid),
        proposals.approve(operator, id).pipe(Effect.asVoid),
        proposals.refuse(person, id, null).pipe(Effect.asVoid),
        proposals.approve(person, id).pipe(Effect.asVoid)
      ], (decide) =>
        decide, { concurrency: "unbounded" })
      assert.lengthOf(won, 1)
      const status = yield* statusOf(id)
      for (const error of lost) {
        assert.deepStrictEqual<object>({ ...error }, { _tag: "ProposalDecided", id, status })
      }
      const stored = yield* (yield* WorkflowRepository).find(workflowId, null)
      assert.strictEqual(Option.isSome(stored), status === "approved")
    }).pipe(Effect.provide(service)))

  it.effect("against it stores nothing, and keeps the reason", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(epoch)
      const proposals = yield* Proposals
      const { baseName, definition, diff, ...proposal } = yield* propose()
      const refused = yield* proposals.refuse(person, proposal.id, "Not today")
      assert.deepStrictEqual(refused, {
        ...proposal,
        status: "refused",
        reason: "Not today",
        decidedBy: "person",
        decidedAt: at(0)
      })
      assert.deepStrictEqual(yield* proposals.get(agent, proposal.id), { ...refused, baseName, definition, diff })
      const decided = { _tag: "ProposalDecided", id: proposal.id, status: "refused" }
      assert.deepStrictEqual(yield* failureOf(proposals.approve(person, proposal.id)), decided)
      assert.deepStrictEqual(yield* failureOf(proposals.refuse(person, proposal.id, null)), decided)
      assert.deepStrictEqual((yield* (yield* Workflows).list(operator, page)).items, [])
    }).pipe(Effect.provide(service)))

  it.effect("for it looks again whether all is there that it needs", () =>
    Effect.gen(function*() {
      const [proposals, secrets] = [yield* Proposals, yield* Secrets]
      yield* putSecret("TOKEN")
      const { diff, id } = yield* propose({ steps: [call("a", { headers: { a: "{{ secrets.TOKEN }}" } })] })
      assert.deepStrictEqual(diff.newSecrets, ["TOKEN"])
      yield* secrets.remove(person, { tenantId: null, name: "TOKEN" })
      const error = yield* Effect.flip(proposals.approve(person, id))
      assert.strictEqual(error._tag, "WorkflowInvalid")
      assert.strictEqual(yield* statusOf(id), "open")
      yield* putSecret("TOKEN")
      assert.strictEqual((yield* proposals.approve(person, id)).version, 1)
    }).pipe(Effect.provide(service)))

  it.effect("that the store breaks off has changed nothing, and can be repeated", () =>
    Effect.gen(function*() {
      const [proposals, faults] = [yield* Proposals, yield* Faults]
      const workflow = yield* create()
      const proposed = [yield* propose(), yield* change(workflow.id, { name: "Changed" })]
      for (const { id } of proposed) {
        for (const operation of ["proposals.find", "workflows.find", "proposals.approve"] as const) {
          yield* faults.failNext(operation)
          assert.strictEqual(yield* tagOf(proposals.approve(person, id)), "StorageError")
          assert.strictEqual(yield* statusOf(id), "open")
        }
      }
      assert.deepStrictEqual((yield* (yield* Workflows).list(operator, page)).items, [workflow])
      for (const { baseVersion, id } of proposed) {
        assert.strictEqual((yield* proposals.approve(person, id)).version, (baseVersion ?? 0) + 1)
      }
    }).pipe(Effect.provide(service)))
})

const isHidden = Effect.fnUntraced(function*(principal: Principal, id: ProposalId) {
  const proposals = yield* Proposals
  const missing = { _tag: "ProposalNotFound", id }
  assert.deepStrictEqual(yield* failureOf(proposals.get(principal, id)), missing)
  assert.deepStrictEqual(yield* failureOf(proposals.approve(principal, id)), missing)
  assert.deepStrictEqual(yield* failureOf(proposals.refuse(principal, id, null)), missing)
})

describe("Proposals", () => {
  it.effect("are another tenant's as little as its workflows", () =>
    Effect.gen(function*() {
      const proposals = yield* Proposals
      const { id, tenantId } = yield* propose()
      assert.deepStrictEqual(yield* proposals.list(ofB, page), { items: [], nextCursor: null })
      assert.deepStrictEqual(yield* proposals.list(ofB, { ...page, tenantId }), { items: [], nextCursor: null })
      yield* isHidden(ofB, id)
      assert.strictEqual(yield* statusOf(id), "open")
      assert.lengthOf((yield* proposals.list(operator, page)).items, 1)
    }).pipe(Effect.provide(service)))

  it.effect("are seen by a key that is held to some workflows only of these", () =>
    Effect.gen(function*() {
      const proposals = yield* Proposals
      const [own, other] = [yield* create(), yield* create()]
      const held: Principal = { ...agent, workflows: [own.id] }
      const mine = yield* change(own.id, { name: "New" }, null, held)
      const hidden = [yield* change(other.id, { name: "New" }), yield* propose()]
      const { items } = yield* proposals.list(held, page)
      assert.deepStrictEqual(items.map(({ id }) => id), [mine.id])
      assert.strictEqual((yield* proposals.get(held, mine.id)).id, mine.id)
      for (const { id } of hidden) yield* isHidden(held, id)
      const refused = yield* failureOf(change(other.id, { name: "Newer" }, null, held))
      assert.deepStrictEqual(refused, { _tag: "WorkflowNotFound", id: other.id })
      assert.strictEqual(yield* tagOf(propose({}, held)), "KeyForbidden")
      assert.strictEqual((yield* proposals.approve(held, mine.id)).version, 2)
    }).pipe(Effect.provide(service)))

  it.effect("tell every secret that would be used anew, wherever it is", () =>
    Effect.gen(function*() {
      const names = ["AUTH", "BODY", "BRANCH", "BASIC", "HEADER", "HOOK", "LOOP", "OUTPUT", "QUERY", "UNDO", "WHEN"]
      yield* Effect.forEach([...names, "KNOWN"], putSecret)
      const { id } = yield* create({ steps: [call("a", { headers: { k: "{{ secrets.KNOWN }}" } })] })
      const undo = { type: "http-request", config: call("u", { headers: { a: "{{ secrets.UNDO }}" } }).config } as const
      const basic = { type: "basic", username: "u", password: "{{ secrets.BASIC }}" }
      const { diff } = yield* change(id, {
        steps: [
          { ...call("a", { auth: { type: "bearer", token: "{{ secrets.AUTH }}" } }), when: "secrets.WHEN = 'x'", undo },
          call("b", { method: "POST", body: { deep: [{ b: "x{{ secrets.BODY & secrets.KNOWN }}" }] } }, 2),
          {
            ...call("c", {}, 3),
            type: "condition",
            config: {
              if: "true",
              then: [call("d", { query: { q: "{{ secrets.QUERY }}" } })],
              else: [{
                ...call("e"),
                type: "for-each",
                config: {
                  items: "[secrets.LOOP]",
                  steps: [call("f", { auth: basic, url: "https://{{ secrets.BRANCH }}/" })]
                }
              }]
            }
          },
          call("g", { auth: { type: "header", name: "k", value: "{{ secrets.HEADER }}" } }, 4)
        ],
        outputs: { o: "secrets.OUTPUT" },
        triggers: [{ type: "webhook", secret: "HOOK" }]
      })
      assert.deepStrictEqual(diff.newSecrets, [...names].sort())
      assert.deepStrictEqual(diff.newHosts, [{ host: "https://{{ secrets.BRANCH }}", dynamic: true }])
      assert.deepStrictEqual(diff.other, ["triggers", "outputs"])
    }).pipe(Effect.provide(service)))

  it.effect("of one key take each other's place where they change one workflow", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(epoch)
      const proposals = yield* Proposals
      const { id } = yield* create({ name: "Before" })
      const first = yield* change(id, { name: "First" })
      assert.strictEqual(first.baseName, "Before")
      assert.deepStrictEqual(yield* change(id, { name: "First" }), first)
      const [other] = [yield* change(id, { name: "First" }, null, person), yield* TestClock.setTime(epoch + 5)]
      const second = yield* change(id, { name: "Second" })
      const { decidedAt, decidedBy, status } = yield* proposals.get(person, first.id)
      assert.deepStrictEqual([status, decidedBy, decidedAt], ["outdated", "agent", at(5)])
      assert.deepStrictEqual(yield* failureOf(proposals.approve(person, first.id)), {
        _tag: "ProposalDecided",
        id: first.id,
        status: "outdated"
      })
      assert.strictEqual(yield* statusOf(other.id), "open")
      // The same of the next version is another one.
      yield* (yield* Workflows).update(person, id, { description: "meanwhile" }, null)
      const third = yield* change(id, { name: "Second" })
      assert.deepStrictEqual([third.baseVersion, yield* statusOf(second.id)], [2, "outdated"])
    }).pipe(Effect.provide(service)))

  it.effect("of one key that would create the same are one", () =>
    Effect.gen(function*() {
      const proposals = yield* Proposals
      const first = yield* propose()
      assert.deepStrictEqual(yield* propose(), first)
      assert.notStrictEqual((yield* propose({ name: "Other" })).id, first.id)
      assert.notStrictEqual((yield* propose({}, person)).id, first.id)
      yield* proposals.refuse(person, first.id, null)
      assert.notStrictEqual((yield* propose()).id, first.id)
    }).pipe(Effect.provide(service)))

  it.effect("may be open in a number, and are kept as long as executions", () =>
    Effect.gen(function*() {
      const proposals = yield* Proposals
      yield* TestClock.setTime(epoch)
      const full = { _tag: "ProposalsFull", tenantId: tenantA }
      const proposeAs = (key: number, number: number | string) =>
        propose({ name: `Number ${number}` }, unrestricted(`agent ${key}`, tenantA))
      const fill = (key: number) =>
        Effect.forEach(Array.from({ length: Limits.openProposalsPerKey }), (_, number) => proposeAs(key, number))
      const [first, second] = yield* fill(0)
      assert.isDefined(first)
      assert.isDefined(second)
      assert.deepStrictEqual(yield* failureOf(proposeAs(0, "one more")), full)
      yield* Effect.forEach(Array.from({ length: Limits.openProposals / Limits.openProposalsPerKey - 1 }), (_, index) =>
        fill(index + 1))
      assert.deepStrictEqual(yield* failureOf(propose()), full)
      yield* propose({ tenantId: tenantB }, operator)
      yield* proposals.refuse(person, first.id, null)
      yield* propose()
      assert.strictEqual(yield* tagOf(proposeAs(0, "one more")), "ProposalsFull")

      yield* TestClock.adjust("29 days")
      yield* proposals.approve(person, second.id)
      yield* TestClock.adjust("1 day")
      yield* (yield* Maintenance).tick
      assert.lengthOf((yield* proposals.list(operator, page)).items, 100)
      yield* TestClock.adjust(1)
      yield* (yield* Maintenance).tick
      assert.deepStrictEqual(
        (yield* proposals.list(operator, page)).items.map(({ id }) =>
          id
        ),
        [second.id]
      )
      yield* TestClock.adjust("29 days")
      yield* (yield* Maintenance).tick
      assert.deepStrictEqual((yield* proposals.list(operator, page)).items, [])
      assert.strictEqual((yield* (yield* Workflows).get(person, second.workflowId)).version, 1)
    }).pipe(Effect.provide(service)))
})
