import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect } from "effect"
import { untakenEnd } from "../../src/domain/ExecutionState.ts"
import { ExecutionId } from "../../src/domain/Ids.ts"
import { ExecutionRepository } from "../../src/services/ExecutionRepository.ts"
import type { LeaseOutcome, LeaseRequest } from "../../src/services/Leases.ts"
import { Leases } from "../../src/services/Leases.ts"
import type { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { at, insertWorkflows, makeDraft, makeWorkflow } from "./Data.ts"
import { makeEnd } from "./JournalData.ts"

const idOf = (name: string) => ExecutionId.make(name)

/** An outcome without its time. */
const told = (outcome: LeaseOutcome) => outcome._tag === "Granted" ? "Granted" : outcome

const queued = (before: number, ...cancel: ReadonlyArray<string>) => ({
  _tag: "Queued",
  before,
  cancel: cancel.map(idOf)
})

/** What every holder of slots does. `later`: what was heard of an execution is a minute old by then, or forgotten. */
export const leasesContract = (
  name: string,
  layer: Layer.Layer<Leases | ExecutionRepository | WorkflowRepository>,
  later: (scope: string) => Effect.Effect<void>
) =>
  describe(`Leases on ${name}`, () => {
    /** Executions `a` to `f` are stored, and none has ended. */
    const scenario = <E>(
      title: string,
      test: (ask: Ask, release: Release, scope: string) => Effect.Effect<void, E, Leases | ExecutionRepository>
    ) =>
      it.effect(title, () =>
        Effect.gen(function*() {
          const leases = yield* Leases
          const executions = yield* ExecutionRepository
          yield* insertWorkflows(makeWorkflow("w"))
          for (const id of "abcdef") yield* executions.insert(makeDraft(id))
          const scope = `tenant/${crypto.randomUUID()}`
          const ask: Ask = (id, options = {}) =>
            Effect.map(
              leases.acquire({ scope, limit: 1, whenFull: "queue", id: idOf(id), ...options }),
              ({ granted, outcome }) => [told(outcome), ...granted]
            )
          yield* test(ask, (id) => leases.release(scope, idOf(id)), scope)
        }).pipe(Effect.provide(layer)))

    scenario("grants as many as the limit says, and lets the others wait in their order", (ask) =>
      Effect.gen(function*() {
        const two = { limit: 2 }
        assert.deepStrictEqual(yield* ask("a", two), ["Granted"])
        assert.deepStrictEqual(yield* ask("b", two), ["Granted"])
        assert.deepStrictEqual(yield* ask("c", two), [queued(0)])
        assert.deepStrictEqual(yield* ask("d", two), [queued(1)])
      }))

    scenario("answers the same to who asks again", (ask, _, scope) =>
      Effect.gen(function*() {
        const { acquire } = yield* Leases
        const request: LeaseRequest = { scope, limit: 1, whenFull: "queue", id: idOf("a") }
        const { outcome } = yield* acquire(request)
        yield* ask("b")
        yield* ask("c")
        assert.deepStrictEqual((yield* acquire(request)).outcome, outcome)
        assert.deepStrictEqual(yield* ask("c"), [queued(1)])
        assert.deepStrictEqual(yield* ask("b"), [queued(0)])
        yield* later(scope)
        assert.deepStrictEqual((yield* acquire(request)).outcome, outcome)
        assert.deepStrictEqual(yield* ask("c"), [queued(1)])
      }))

    scenario("gives a freed slot to who waits the longest", (ask, release) =>
      Effect.gen(function*() {
        for (const id of "abcd") {
          yield* ask(id)
        }
        assert.deepStrictEqual(yield* release("a"), [idOf("b")])
        assert.deepStrictEqual(yield* ask("b"), ["Granted"])
        assert.deepStrictEqual(yield* ask("d"), [queued(1)])
        assert.deepStrictEqual(yield* release("c"), [])
        assert.deepStrictEqual(yield* release("b"), [idOf("d")])
        assert.deepStrictEqual(yield* release("d"), [])
        assert.deepStrictEqual(yield* ask("e"), ["Granted"])
      }))

    scenario("released again, changes nothing, and names who may not know of its slot", (ask, release) =>
      Effect.gen(function*() {
        for (const id of "abc") {
          yield* ask(id)
        }
        assert.deepStrictEqual(yield* release("unknown"), [])
        assert.deepStrictEqual(yield* release("a"), [idOf("b")])
        assert.deepStrictEqual(yield* release("a"), [idOf("b")])
        yield* ask("b")
        assert.deepStrictEqual(yield* release("a"), [])
        assert.deepStrictEqual(yield* ask("c"), [queued(0)])
      }))

    scenario("keeps holders and the queue's order whatever happens", (ask, release, scope) =>
      Effect.gen(function*() {
        for (const id of "abcd") {
          yield* ask(id)
        }
        yield* later(scope)
        assert.deepStrictEqual(yield* ask("e"), [queued(3)])
        assert.deepStrictEqual(yield* release("a"), [idOf("b")])
        yield* later(scope)
        assert.deepStrictEqual(yield* release("b"), [idOf("c")])
        assert.deepStrictEqual(yield* ask("e"), [queued(1)])
      }))

    scenario("keeps nothing of who is rejected", (ask, release) =>
      Effect.gen(function*() {
        const reject = { whenFull: "reject" } as const
        assert.deepStrictEqual(yield* ask("a", reject), ["Granted"])
        assert.deepStrictEqual(yield* ask("b", reject), [{ _tag: "Rejected", waiting: 0 }])
        assert.deepStrictEqual(yield* ask("c"), [queued(0)])
        assert.deepStrictEqual(yield* ask("d", reject), [{ _tag: "Rejected", waiting: 1 }])
        assert.deepStrictEqual(yield* release("a"), [idOf("c")])
        assert.deepStrictEqual(yield* release("c"), [])
        assert.deepStrictEqual(yield* ask("b", reject), ["Granted"])
      }))

    scenario("names the oldest to who takes their place", (ask, release, scope) =>
      Effect.gen(function*() {
        const newest = { limit: 2, whenFull: "cancel-oldest" } as const
        for (const id of "ab") {
          assert.deepStrictEqual(yield* ask(id, newest), ["Granted"])
        }
        assert.deepStrictEqual(yield* ask("c", newest), [queued(0, "a")])
        assert.deepStrictEqual(yield* ask("d", newest), [queued(1, "b")])
        // The one that waits is older, too.
        assert.deepStrictEqual(yield* ask("e", newest), [queued(1, "c")])
        assert.deepStrictEqual(yield* ask("e", newest), [queued(1, "a", "b", "c")])
        yield* later(scope)
        assert.deepStrictEqual(yield* ask("c", newest), [{ _tag: "Superseded", by: idOf("e") }])
        assert.deepStrictEqual(yield* release("a"), [idOf("d")])
        assert.deepStrictEqual(yield* release("b"), [idOf("e")])
        assert.deepStrictEqual(yield* release("c"), [])
      }))

    scenario("lets the limit of the newest hold for all", (ask, release) =>
      Effect.gen(function*() {
        for (const id of "abc") {
          yield* ask(id)
        }
        assert.deepStrictEqual(yield* ask("d", { limit: 3 }), [queued(0), idOf("b"), idOf("c")])
        assert.deepStrictEqual(yield* ask("b", { limit: 1 }), ["Granted"])
        assert.deepStrictEqual(yield* release("a"), [idOf("d")])
        assert.deepStrictEqual(yield* ask("e", { limit: 1 }), [queued(0)])
        assert.deepStrictEqual(yield* release("b"), [])
        assert.deepStrictEqual(yield* release("c"), [])
        assert.deepStrictEqual(yield* release("d"), [idOf("e")])
      }))

    scenario("keeps scopes apart", (ask, release, scope) =>
      Effect.gen(function*() {
        yield* ask("a")
        assert.deepStrictEqual(yield* ask("b", { scope: `${scope}/other` }), ["Granted"])
        assert.deepStrictEqual(yield* release("b"), [])
        assert.deepStrictEqual(yield* ask("c", { scope: `${scope}/other` }), [queued(0)])
      }))

    scenario("frees the slots of those that have ended or are gone, once somebody waits for them", (ask, _, scope) =>
      Effect.gen(function*() {
        const executions = yield* ExecutionRepository
        for (const id of ["a", "gone", "b", "c"]) {
          yield* ask(id, { limit: 3 })
        }
        yield* executions.finish(idOf("a"), makeEnd(null), null)
        assert.deepStrictEqual(yield* ask("d", { limit: 3 }), [queued(1)])
        yield* later(scope)
        assert.deepStrictEqual(yield* ask("d", { limit: 3 }), ["Granted", idOf("c")])
        assert.deepStrictEqual(yield* ask("e", { limit: 3 }), [queued(0)])
      }))

    scenario("passes over those in the queue that have ended", (ask, release, scope) =>
      Effect.gen(function*() {
        const executions = yield* ExecutionRepository
        for (const id of ["a", "b", "c"]) {
          yield* ask(id)
        }
        yield* executions.finish(idOf("b"), makeEnd(null), null)
        yield* later(scope)
        assert.deepStrictEqual(yield* ask("c"), [queued(0)])
        assert.deepStrictEqual(yield* release("a"), [idOf("c")])
      }))

    scenario("frees a slot also for who would be rejected", (ask, _, scope) =>
      Effect.gen(function*() {
        const executions = yield* ExecutionRepository
        yield* ask("a")
        yield* executions.finish(idOf("a"), makeEnd(null), null)
        yield* later(scope)
        assert.deepStrictEqual(yield* ask("b", { whenFull: "reject" }), ["Granted"])
      }))

    scenario("does not free the slot of one that the engine is only said not to have taken", (ask, _, scope) =>
      Effect.gen(function*() {
        const executions = yield* ExecutionRepository
        yield* ask("a")
        yield* executions.finish(idOf("a"), untakenEnd(at(0), at(1)), null)
        yield* later(scope)
        assert.deepStrictEqual(yield* ask("b"), [queued(0)])
      }))
  })

type Ask = (
  id: string,
  options?: Partial<LeaseRequest>
) => Effect.Effect<ReadonlyArray<unknown>, unknown>
type Release = (id: string) => Effect.Effect<ReadonlyArray<ExecutionId>, unknown>
