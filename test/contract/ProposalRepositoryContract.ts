import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect, Option, Struct } from "effect"
import { ProposalId, RequestId, WorkflowId } from "../../src/domain/Ids.ts"
import { proposedOf } from "../../src/domain/Proposal.ts"
import type { Workflow } from "../../src/domain/Workflow.ts"
import { definitionOf } from "../../src/domain/Workflow.ts"
import type { StoredProposal } from "../../src/services/ProposalRepository.ts"
import { ProposalRepository } from "../../src/services/ProposalRepository.ts"
import { ScheduleRepository } from "../../src/services/ScheduleRepository.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { at, insertWorkflows, makeLargeWorkflow, makeWorkflow, tenantA, tenantB } from "./Data.ts"
import { readPages } from "./Pages.ts"
import { makeChange, makeProposal } from "./ProposalData.ts"

const [w, v] = [WorkflowId.make("w"), WorkflowId.make("v")]
const p = ProposalId.make("p")
const decision = { id: p, tenantId: tenantA, decidedBy: "person", decidedAt: at(9) }
const refusal = { ...decision, status: "refused" as const, reason: null }
const everything = { tenantId: null, limit: 100 }
const plenty = { ofTenant: 1_000, ofKey: 1_000 }
const summaryOf = (proposal: StoredProposal) => Struct.omit(proposal, ["definition", "baseStatus"])

const insertAll = (...proposals: ReadonlyArray<StoredProposal>) =>
  ProposalRepository.use((repository) =>
    Effect.forEach(proposals, (proposal) => repository.insert(proposal, plenty), { discard: true })
  )
const schedule = (cron: string) => ({ type: "schedule" as const, cron })

/** What is stored of a workflow, its versions and its schedules. */
const storedOf = Effect.fnUntraced(function*(id: WorkflowId) {
  const workflows = yield* WorkflowRepository
  const { items } = yield* workflows.listVersions({ id, tenantId: null, limit: 10 })
  const definitions = yield* Effect.forEach(items, ({ version }) => workflows.findVersion(id, version))
  return {
    workflow: Option.getOrNull(yield* workflows.find(id, null)),
    versions: items.map(({ version }) => version),
    definition: Option.getOrNull(definitions[0] ?? Option.none()),
    schedules: (yield* (yield* ScheduleRepository).list(id)).map(({ cron }) => cron)
  }
})

const nothing = { workflow: null, versions: [], definition: null, schedules: [] }

/** What every proposal repository does. The layer begins empty each time it is built. */
export const proposalRepositoryContract = (
  name: string,
  layer: Layer.Layer<ProposalRepository | WorkflowRepository | ScheduleRepository>
) =>
  describe(`ProposalRepository on ${name}`, () => {
    it.effect("finds what was inserted, of its tenant alone", () =>
      Effect.gen(function*() {
        const repository = yield* ProposalRepository
        const workflow = makeLargeWorkflow("w", 1_400_000, {
          version: 8,
          description: "Ünïcode \ud83d\ude00",
          triggers: ["webhook"],
          inputSchema: { type: "object" },
          settings: { timeout: "1h" },
          status: "inactive"
        })
        const proposal = makeChange("p", workflow, { requestId: RequestId.make("r"), baseStatus: "inactive" })
        const only = { ofTenant: 1, ofKey: 1 }
        assert.deepStrictEqual(yield* repository.insert(proposal, only), Option.some(summaryOf(proposal)))
        assert.deepStrictEqual(yield* repository.find(p, tenantA), Option.some(proposal))
        assert.deepStrictEqual(yield* repository.find(p, null), Option.some(proposal))
        assert.deepStrictEqual(yield* repository.find(p, tenantB), Option.none())
        assert.deepStrictEqual(yield* repository.find(ProposalId.make("q"), null), Option.none())
        assert.deepStrictEqual((yield* repository.list(everything)).items, [summaryOf(proposal)])
      }).pipe(Effect.provide(layer)))

    it.effect("inserts no more open ones of a tenant, and of a key in it, than the maximum", () =>
      Effect.gen(function*() {
        const repository = yield* ProposalRepository
        const maximum = { ofTenant: 3, ofKey: 2 }
        const insert = (id: string, members: Partial<StoredProposal> = {}) => {
          const made = { proposedBy: "agent", name: id, definition: proposedOf(makeWorkflow("w", { name: id })) }
          const proposal = makeProposal(id, { ...made, workflowId: WorkflowId.make(`w ${id}`), ...members })
          return Effect.map(repository.insert(proposal, maximum), Option.isSome)
        }
        assert.deepStrictEqual([yield* insert("p"), yield* insert("q"), yield* insert("r")], [true, true, false])
        assert.deepStrictEqual(yield* repository.find(ProposalId.make("r"), null), Option.none())
        assert.isTrue(yield* insert("of b", { tenantId: tenantB }))
        assert.isTrue(yield* insert("of another", { proposedBy: "another" }))
        assert.isFalse(yield* insert("of a third", { proposedBy: "third" }))
        // What takes a place makes no more of them.
        assert.isTrue(yield* insert("q again", { workflowId: WorkflowId.make("w q") }))
        yield* repository.close(refusal)
        assert.deepStrictEqual([yield* insert("r"), yield* insert("s")], [true, false])
      }).pipe(Effect.provide(layer)))

    it.effect("puts a change in the place of the one that its key has open for the workflow", () =>
      Effect.gen(function*() {
        const repository = yield* ProposalRepository
        const second = makeWorkflow("w", { version: 2, name: "Second" })
        const change = (id: string, name: string, members: Partial<StoredProposal> = {}) =>
          makeChange(id, { ...second, name }, { proposedBy: "agent", createdAt: at(1), updatedAt: at(1), ...members })
        const first = change("p", "First")
        const others = [
          change("other key", "First", { proposedBy: "another" }),
          change("other workflow", "First", { workflowId: v }),
          change("other tenant", "First", { tenantId: tenantB })
        ]
        yield* insertAll(first, ...others)
        const next = change("q", "Next", { createdAt: at(5), updatedAt: at(5) })
        assert.deepStrictEqual(yield* repository.insert(next, plenty), Option.some(summaryOf(next)))
        const decided = { decidedBy: "agent", decidedAt: at(5), updatedAt: at(5) }
        assert.deepStrictEqual(
          yield* repository.find(p, null),
          Option.some({ ...first, ...decided, status: "outdated" })
        )
        for (const other of others) {
          assert.deepStrictEqual(yield* repository.find(other.id, null), Option.some(other))
        }
        assert.deepStrictEqual(yield* repository.find(next.id, null), Option.some(next))
        yield* repository.close({ ...refusal, id: next.id })
        const last = change("last", "Next")
        assert.deepStrictEqual(yield* repository.insert(last, plenty), Option.some(summaryOf(last)))
        assert.strictEqual(Option.getOrThrow(yield* repository.find(next.id, null)).status, "refused")
      }).pipe(Effect.provide(layer)))

    it.effect("gives back what a key has open already, if nothing of it differs", () =>
      Effect.gen(function*() {
        const repository = yield* ProposalRepository
        const mine = { proposedBy: "agent" }
        const creation = makeProposal("p", mine)
        const change = makeChange("q", makeWorkflow("v", { version: 2 }), mine)
        yield* insertAll(creation, change)
        const full = { ofTenant: 2, ofKey: 2 }
        const again = makeProposal("r", { ...mine, workflowId: WorkflowId.make("promised"), createdAt: at(5) })
        assert.deepStrictEqual(yield* repository.insert(again, full), Option.some(summaryOf(creation)))
        const sameChange = makeChange("s", makeWorkflow("v", { version: 2 }), { ...mine, createdAt: at(5) })
        assert.deepStrictEqual(yield* repository.insert(sameChange, full), Option.some(summaryOf(change)))
        for (const { id } of [again, sameChange]) {
          assert.deepStrictEqual(yield* repository.find(id, null), Option.none())
        }
        assert.deepStrictEqual(yield* repository.find(change.id, null), Option.some(change))
        // The same of another version, and a creation of another key, are others.
        const later = makeChange("later", makeWorkflow("v", { version: 3 }), mine)
        const ofOther = makeProposal("of another", { workflowId: WorkflowId.make("other") })
        for (const proposal of [later, ofOther]) {
          assert.deepStrictEqual(yield* repository.insert(proposal, plenty), Option.some(summaryOf(proposal)))
        }
        assert.strictEqual(Option.getOrThrow(yield* repository.find(change.id, null)).status, "outdated")
        yield* repository.close(refusal)
        assert.deepStrictEqual(yield* repository.insert(again, plenty), Option.some(summaryOf(again)))
      }).pipe(Effect.provide(layer)))

    it.effect("keeps one of several alike that a key proposes at the same time", () =>
      Effect.gen(function*() {
        const repository = yield* ProposalRepository
        const alike = ["a", "b", "c"].map((id) =>
          makeProposal(id, { proposedBy: "agent", workflowId: WorkflowId.make(id) })
        )
        const open = yield* Effect.forEach(alike, (proposal) => repository.insert(proposal, plenty), {
          concurrency: "unbounded"
        })
        assert.lengthOf(new Set(open.map((found) => Option.getOrThrow(found).id)), 1)
        assert.lengthOf((yield* repository.list(everything)).items, 1)
      }).pipe(Effect.provide(layer)))

    it.effect("lists newest first, page by page, by tenant, status and workflow", () =>
      Effect.gen(function*() {
        const repository = yield* ProposalRepository
        yield* insertAll(
          makeProposal("1", { createdAt: at(1) }),
          makeProposal("3", { createdAt: at(2), workflowId: v }),
          makeProposal("2", { createdAt: at(2) }),
          makeProposal("b", { createdAt: at(3), tenantId: tenantB }),
          makeProposal("p", { createdAt: at(4), workflowId: v })
        )
        yield* repository.close(refusal)
        const ids = (filter: object) =>
          Effect.map(
            repository.list({ ...everything, ...filter }),
            ({ items }) => items.map(({ id }) => String(id)).join("")
          )
        assert.strictEqual(yield* ids({}), "pb321")
        assert.strictEqual(yield* ids({ tenantId: tenantA }), "p321")
        assert.strictEqual(yield* ids({ tenantId: tenantB }), "b")
        assert.strictEqual(yield* ids({ status: "open" }), "b321")
        assert.strictEqual(yield* ids({ tenantId: tenantA, status: "refused" }), "p")
        assert.strictEqual(yield* ids({ workflowId: v }), "p3")
        assert.strictEqual(yield* ids({ tenantId: tenantA, workflowId: w, status: "open" }), "21")
        assert.strictEqual(yield* ids({ tenantId: tenantB, workflowId: v }), "")
        assert.strictEqual(yield* ids({ workflows: [w] }), "b21")
        assert.strictEqual(yield* ids({ tenantId: tenantA, workflows: [v, w] }), "p321")
        assert.strictEqual(yield* ids({ workflows: [v], workflowId: w }), "")
        assert.strictEqual(yield* ids({ workflows: [] }), "")
        const pages = yield* readPages(
          (after) => repository.list({ tenantId: tenantA, limit: 2, after }),
          (page) => insertAll(makeProposal(`new ${page}`, { createdAt: at(9) }))
        )
        assert.deepStrictEqual(pages.map((items) => items.map(({ id }) => String(id)).join("")), ["p3", "21"])
      }).pipe(Effect.provide(layer)))

    it.effect("approves a creation: the workflow, its version and its schedules are there with it", () =>
      Effect.gen(function*() {
        const repository = yield* ProposalRepository
        const workflow = makeWorkflow("w", { triggers: [schedule("0 1 * * *")], settings: { timeout: "1h" } })
        yield* insertAll(makeProposal("p"))
        assert.deepStrictEqual(yield* storedOf(w), nothing)
        assert.isTrue(yield* repository.approve(decision, workflow))
        const stored = { workflow, versions: [1], definition: definitionOf(workflow), schedules: ["0 1 * * *"] }
        assert.deepStrictEqual(yield* storedOf(w), stored)
        const approved = Option.getOrThrow(yield* repository.find(p, null))
        assert.deepStrictEqual(
          approved,
          makeProposal("p", {
            status: "approved",
            version: 1,
            decidedBy: "person",
            decidedAt: at(9),
            updatedAt: at(9)
          })
        )
        assert.isFalse(yield* repository.approve({ ...decision, decidedAt: at(10) }, { ...workflow, name: "Twice" }))
        assert.isFalse(yield* repository.close(refusal))
        assert.deepStrictEqual(yield* storedOf(w), stored)
        assert.deepStrictEqual(yield* repository.find(p, null), Option.some(approved))
      }).pipe(Effect.provide(layer)))

    it.effect("approves a change of the version that it changes, and of no other", () =>
      Effect.gen(function*() {
        const [repository, workflows] = [yield* ProposalRepository, yield* WorkflowRepository]
        const first = makeWorkflow("w", { triggers: [schedule("0 1 * * *")] })
        const second = makeWorkflow("w", { version: 2, name: "Second", triggers: [schedule("0 2 * * *")] })
        const third = makeWorkflow("w", { version: 3, name: "Third", updatedAt: at(9) })
        yield* insertWorkflows(first)
        yield* insertAll(makeChange("p", third), makeChange("q", second), makeChange("r", second))
        const [q, r] = [ProposalId.make("q"), ProposalId.make("r")]
        // Not yet: the first version is stored, and `p` changes the second.
        assert.isFalse(yield* repository.approve(decision, third))
        assert.isFalse(yield* repository.approve(decision, second))
        assert.deepStrictEqual((yield* storedOf(w)).versions, [1])
        assert.isTrue(yield* repository.approve({ ...decision, id: q }, second))
        const stored: Effect.Success<ReturnType<typeof storedOf>> = {
          workflow: second,
          versions: [2, 1],
          definition: definitionOf(second),
          schedules: ["0 2 * * *"]
        }
        assert.deepStrictEqual(yield* storedOf(w), stored)
        // Another change came first.
        assert.isFalse(yield* repository.approve({ ...decision, id: r }, { ...second, name: "Other", triggers: [] }))
        assert.deepStrictEqual(yield* storedOf(w), stored)
        assert.strictEqual(Option.getOrThrow(yield* repository.find(r, null)).status, "open")
        assert.isTrue(yield* repository.close({ ...decision, id: r, status: "outdated", reason: null }))
        assert.strictEqual(Option.getOrThrow(yield* repository.find(r, null)).status, "outdated")
        yield* workflows.remove(w, null, at(5))
        assert.isFalse(yield* repository.approve(decision, third))
        assert.deepStrictEqual(yield* storedOf(w), nothing)
      }).pipe(Effect.provide(layer)))

    it.effect("stores nothing for what is refused, of another tenant or another workflow, or unknown", () =>
      Effect.gen(function*() {
        const repository = yield* ProposalRepository
        const workflow = makeWorkflow("w")
        const stored = makeWorkflow("v", { triggers: [schedule("0 1 * * *")] })
        const next: Workflow = { ...stored, version: 2, triggers: [] }
        yield* insertWorkflows(stored)
        yield* insertAll(makeProposal("p"), makeChange("q", next))
        const q = { ...decision, id: ProposalId.make("q") }
        assert.isFalse(
          yield* repository.approve({ ...decision, tenantId: tenantB }, { ...workflow, tenantId: tenantB })
        )
        assert.isFalse(yield* repository.approve(decision, makeWorkflow("u")))
        assert.isFalse(yield* repository.approve({ ...decision, id: ProposalId.make("unknown") }, workflow))
        assert.isFalse(yield* repository.approve({ ...q, id: p }, next))
        assert.isFalse(yield* repository.close({ ...refusal, tenantId: tenantB }))
        assert.isTrue(yield* repository.close({ ...refusal, reason: "No" }))
        assert.isTrue(yield* repository.close({ ...refusal, id: q.id }))
        assert.isFalse(yield* repository.approve(decision, workflow))
        assert.isFalse(yield* repository.approve(q, next))
        assert.deepStrictEqual(yield* storedOf(w), nothing)
        assert.deepStrictEqual((yield* storedOf(v)).schedules, ["0 1 * * *"])
        assert.deepStrictEqual((yield* storedOf(v)).versions, [1])
        const { decidedBy, reason, status, version } = Option.getOrThrow(yield* repository.find(p, tenantA))
        assert.deepStrictEqual([status, reason, decidedBy, version], ["refused", "No", "person", null])
      }).pipe(Effect.provide(layer)))

    it.effect("lets one of several deciders win", () =>
      Effect.gen(function*() {
        const repository = yield* ProposalRepository
        const workflow = makeWorkflow("w", { triggers: [schedule("0 1 * * *")] })
        yield* insertAll(makeProposal("p"))
        const deciders = Array.from({ length: 6 }, (_, index) => ({ ...decision, decidedBy: `person ${index}` }))
        const won = yield* Effect.forEach(deciders, (decider, index) =>
          index % 2 === 0
            ? repository.approve(decider, { ...workflow, name: decider.decidedBy })
            : repository.close({ ...decider, status: "refused", reason: null }), { concurrency: "unbounded" })
        assert.lengthOf(won.filter((win) => win), 1)
        const { decidedBy, status } = Option.getOrThrow(yield* repository.find(p, null))
        const winner = won.indexOf(true)
        assert.deepStrictEqual([decidedBy, status], [`person ${winner}`, winner % 2 === 0 ? "approved" : "refused"])
        const stored = yield* storedOf(w)
        assert.strictEqual(stored.workflow?.name, winner % 2 === 0 ? `person ${winner}` : undefined)
      }).pipe(Effect.provide(layer)))

    it.effect("never makes a workflow again that was removed", () =>
      Effect.gen(function*() {
        const [repository, workflows] = [yield* ProposalRepository, yield* WorkflowRepository]
        yield* insertAll(makeProposal("p"))
        yield* insertWorkflows(makeWorkflow("w"))
        yield* workflows.remove(w, null, at(1))
        assert.isFalse(yield* repository.approve(decision, makeWorkflow("w")))
        assert.deepStrictEqual(yield* storedOf(w), nothing)
      }).pipe(Effect.provide(layer)))

    it.effect("prunes the oldest, open ones too", () =>
      Effect.gen(function*() {
        const repository = yield* ProposalRepository
        yield* insertAll(...["a", "b", "p", "c"].map((id, index) => makeProposal(id, { updatedAt: at(index) })))
        yield* repository.close(refusal)
        const left = Effect.map(repository.list(everything), ({ items }) => items.map(({ id }) => String(id)).sort())
        assert.strictEqual(yield* repository.prune({ before: at(4), limit: 2 }), 2)
        assert.deepStrictEqual(yield* left, ["c", "p"])
        assert.strictEqual(yield* repository.prune({ before: at(4), limit: 2 }), 1)
        assert.strictEqual(yield* repository.prune({ before: at(9), limit: 2 }), 0)
        assert.deepStrictEqual(yield* left, ["p"])
      }).pipe(Effect.provide(layer)))
  })
