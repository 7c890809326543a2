import { assert, describe, it } from "@effect/vitest"
import type { Layer } from "effect"
import { Effect } from "effect"
import type { TenantId } from "../../src/domain/Ids.ts"
import { WorkflowId } from "../../src/domain/Ids.ts"
import { encodeVersionCursor } from "../../src/domain/WorkflowVersion.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { at, insertWorkflows, makeWorkflow, tenantA, tenantB } from "./Data.ts"

/** How every workflow repository lists versions. The layer begins empty each time it is built. */
export const workflowVersionsContract = (name: string, layer: Layer.Layer<WorkflowRepository>) =>
  describe(`WorkflowRepository on ${name}: versions`, () => {
    it.effect("lists a workflow's versions, newest first, in pages", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const first = makeWorkflow("w", { updatedAt: at(1) })
        const other = makeWorkflow("other", { name: "Another" })
        yield* insertWorkflows(first, other)
        for (const version of [2, 3, 4]) {
          const next = { ...first, name: `Name ${version}`, version, updatedAt: at(version) }
          assert.isTrue(yield* repository.update(next, version - 1))
        }
        const summary = (version: number) => ({
          version,
          name: version === 1 ? first.name : `Name ${version}`,
          createdAt: at(version),
          current: version === 4
        })
        const list = (filter: { readonly limit: number; readonly before?: number }) =>
          repository.listVersions({ id: first.id, tenantId: tenantA, ...filter })

        const all = { items: [4, 3, 2, 1].map(summary), nextCursor: null }
        assert.deepStrictEqual(yield* list({ limit: 100 }), all)
        assert.deepStrictEqual(yield* list({ limit: 4 }), all)
        assert.deepStrictEqual(yield* repository.listVersions({ id: first.id, tenantId: null, limit: 9 }), all)
        const page = yield* list({ limit: 3 })
        assert.deepStrictEqual(page, { items: [4, 3, 2].map(summary), nextCursor: encodeVersionCursor(2) })
        assert.deepStrictEqual(yield* list({ limit: 3, before: 2 }), { items: [summary(1)], nextCursor: null })
        assert.deepStrictEqual(yield* list({ limit: 3, before: 99 }), page)
        assert.deepStrictEqual(yield* list({ limit: 3, before: 1 }), { items: [], nextCursor: null })
      }).pipe(Effect.provide(layer)))

    it.effect("lists no versions of another tenant's, a removed or an unknown workflow", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const workflow = makeWorkflow("w")
        yield* repository.insert(workflow)
        const list = (id: string, tenantId: TenantId | null) =>
          Effect.map(
            repository.listVersions({ id: WorkflowId.make(id), tenantId, limit: 9 }),
            ({ items, nextCursor }) => [items.length, nextCursor]
          )
        assert.deepStrictEqual(yield* list("w", tenantA), [1, null])
        assert.deepStrictEqual(yield* list("w", tenantB), [0, null])
        assert.deepStrictEqual(yield* list("unknown", null), [0, null])
        yield* repository.remove(workflow.id, tenantA, at(1))
        assert.deepStrictEqual(yield* list("w", tenantA), [0, null])
        assert.deepStrictEqual(yield* list("w", null), [0, null])
      }).pipe(Effect.provide(layer)))
  })
