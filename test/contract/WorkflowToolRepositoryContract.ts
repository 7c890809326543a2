import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import type { Layer } from "effect"
import { WorkflowId } from "../../src/domain/Ids.ts"
import type { Trigger } from "../../src/domain/Trigger.ts"
import type { Workflow } from "../../src/domain/Workflow.ts"
import { decodeToolCursor } from "../../src/domain/WorkflowTool.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import type { ToolOwner } from "../../src/services/WorkflowToolRepository.ts"
import { WorkflowToolRepository } from "../../src/services/WorkflowToolRepository.ts"
import { at, makeWorkflow, tenantA, tenantB } from "./Data.ts"

const everybody = { tenantId: null, workflows: null }
const ofA: ToolOwner = { tenantId: tenantA, workflows: null }

const exposed = (id: string, changes: Partial<Workflow> & { readonly tool?: string }): Workflow => {
  const { tool, ...members } = changes
  const trigger: Trigger = tool === undefined ? "mcp" : { type: "mcp", tool }
  return { ...makeWorkflow(id), triggers: [trigger], ...members }
}

/** What every layer of `WorkflowToolRepository` does, over the workflows of `WorkflowRepository`. */
export const workflowToolRepositoryContract = (
  name: string,
  layer: Layer.Layer<WorkflowRepository | WorkflowToolRepository>
) => {
  const insert = (...workflows: ReadonlyArray<Workflow>) =>
    Effect.forEach(workflows, (workflow) => WorkflowRepository.use(({ insert }) => insert(workflow)), { discard: true })
  const list = (owner: Parameters<WorkflowToolRepository["Service"]["list"]>[0], limit = 50, after?: string) =>
    WorkflowToolRepository.use((tools) =>
      tools.list(owner, { limit, after: after === undefined ? undefined : decodeToolCursor(after) })
    )
  const find = (name: string, owner: ToolOwner = ofA) =>
    Effect.map(
      WorkflowToolRepository.use((tools) => tools.find(owner, name)),
      (found) => Option.getOrUndefined(found)?.id
    )

  describe(`WorkflowToolRepository: ${name}`, () => {
    it.effect("lists the workflows with an mcp trigger by the names of their tools", () =>
      Effect.gen(function*() {
        yield* insert(
          exposed("w1", { tool: "zeta", inputSchema: { type: "object" } }),
          exposed("w2", { name: "Onboard a joiner!", description: "Gives accounts" }),
          { ...makeWorkflow("w3"), triggers: ["webhook"] }
        )
        const { items, nextCursor } = yield* list(ofA)
        assert.isNull(nextCursor)
        assert.deepStrictEqual(
          items.map(({ description, id, inputSchema, tool }) => [id, tool, description, inputSchema]),
          [
            ["w2", "onboard_a_joiner", "Gives accounts", null],
            ["w1", "zeta", makeWorkflow("w1").description, { type: "object" }]
          ]
        )
      }).pipe(Effect.provide(layer)))

    it.effect("tells what the trigger says of the tool", () =>
      Effect.gen(function*() {
        yield* insert(
          exposed("w1", { triggers: ["webhook", { type: "mcp", tool: "t", description: "Its own words" }] })
        )
        assert.deepStrictEqual((yield* list(ofA)).items.map(({ description, tool }) => [tool, description]), [
          ["t", "Its own words"]
        ])
      }).pipe(Effect.provide(layer)))

    it.effect("keeps to the tenant, and to the workflows of a key", () =>
      Effect.gen(function*() {
        yield* insert(
          exposed("w1", { tool: "a" }),
          exposed("w2", { tool: "b" }),
          exposed("w3", { tool: "a", tenantId: tenantB })
        )
        assert.deepStrictEqual((yield* list(ofA)).items.map(({ id }) => id), ["w1", "w2"])
        assert.deepStrictEqual((yield* list(everybody)).items.map(({ id }) => id), ["w1", "w3", "w2"])
        const held = { tenantId: tenantA, workflows: [WorkflowId.make("w2"), WorkflowId.make("w3")] }
        assert.deepStrictEqual((yield* list(held)).items.map(({ id }) => id), ["w2"])
        assert.isUndefined(yield* find("a", { ...ofA, ...held }))
        assert.strictEqual(yield* find("b", { ...ofA, ...held }), "w2")
      }).pipe(Effect.provide(layer)))

    it.effect("has no inactive workflow, no removed one, and none that is no tool any more", () =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        yield* insert(
          exposed("w1", { tool: "a", status: "inactive" }),
          exposed("w2", { tool: "b" }),
          exposed("w3", { tool: "c" })
        )
        yield* repository.remove(WorkflowId.make("w2"), null, at(1))
        yield* repository.update({ ...exposed("w3", {}), triggers: [], version: 2 }, 1)
        assert.deepStrictEqual((yield* list(everybody)).items, [])
        for (const name of ["a", "b", "c"]) assert.isUndefined(yield* find(name))
        yield* repository.update(exposed("w1", { tool: "again", version: 2 }), 1)
        assert.strictEqual(yield* find("again"), "w1")
      }).pipe(Effect.provide(layer)))

    it.effect("pages by name, then the oldest first", () =>
      Effect.gen(function*() {
        yield* insert(
          exposed("w1", { tool: "b", createdAt: at(2) }),
          exposed("w2", { tool: "b", createdAt: at(1) }),
          exposed("w3", { tool: "a", createdAt: at(3) }),
          exposed("w4", { tool: "c", createdAt: at(0) })
        )
        const first = yield* list(ofA, 2)
        assert.deepStrictEqual(first.items.map(({ id }) => id), ["w3", "w2"])
        const second = yield* list(ofA, 2, first.nextCursor ?? "")
        assert.deepStrictEqual(second.items.map(({ id }) => id), ["w1", "w4"])
        assert.isNull(second.nextCursor)
      }).pipe(Effect.provide(layer)))

    it.effect("finds the oldest of a name, and the others by the end of their ids", () =>
      Effect.gen(function*() {
        const long = "a_tool_whose_name_is_as_long_as_may_be__"
        yield* insert(
          exposed("id-000001", { tool: "t", createdAt: at(2) }),
          exposed("id-000002", { tool: "t", createdAt: at(1) }),
          exposed("id-000003", { tool: long, createdAt: at(1) }),
          exposed("id-00000a", { tool: "t", tenantId: tenantB, createdAt: at(0) })
        )
        assert.strictEqual(yield* find("t"), "id-000002")
        assert.strictEqual(yield* find("t-000001"), "id-000001")
        assert.isUndefined(yield* find("t-00000a"))
        assert.isUndefined(yield* find("t", everybody), "no tenant's tool has a plain name for who sees all")
        assert.strictEqual(yield* find("t-000001", everybody), "id-000001")
        assert.strictEqual(yield* find("t-00000a", everybody), "id-00000a")
        assert.strictEqual(yield* find("t-000002"), "id-000002")
        assert.strictEqual(yield* find(long), "id-000003")
        assert.strictEqual(yield* find(`${long.slice(0, 33)}-000003`), "id-000003")
        for (const name of ["t-000003", "T", "", "t-", "%", "t_000001"]) assert.isUndefined(yield* find(name), name)
      }).pipe(Effect.provide(layer)))
  })
}
