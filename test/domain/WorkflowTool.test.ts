import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Schema } from "effect"
import type { Page } from "../../src/domain/Page.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import type { Workflow } from "../../src/domain/Workflow.ts"
import {
  decodeToolCursor,
  distinctName,
  distinctParts,
  encodeToolCursor,
  toolTriggerOf
} from "../../src/domain/WorkflowTool.ts"
import * as Memory from "../../src/layers/Memory.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import type { NamedTool } from "../../src/services/WorkflowTools.ts"
import { WorkflowTools } from "../../src/services/WorkflowTools.ts"
import { configOf } from "../contract/Config.ts"
import { at, makeWorkflow, tenantA } from "../contract/Data.ts"

const nameOf = (name: string, triggers: Workflow["triggers"] = ["mcp"]) =>
  toolTriggerOf({ name, description: "Does it", triggers })

describe("the name of a workflow's tool", () => {
  it("is made from the workflow's, if the trigger gives none", () => {
    for (
      const [name, expected] of [
        ["Onboard a joiner!", "onboard_a_joiner"],
        ["  A -- b  ", "a_--_b"],
        ["__x__", "x"],
        ["日本語", "workflow"],
        ["Größe", "gr_e"],
        ["x".repeat(200), "x".repeat(40)],
        [`${"x".repeat(39)} y`, "x".repeat(39)]
      ] as const
    ) assert.deepStrictEqual(nameOf(name), { name: expected, description: "Does it" })
  })

  it("doesn't end as a distinct one does", () => {
    for (
      const [name, expected] of [
        ["Charge-5d10dd", "charge_5d10dd"],
        ["the-decade", "the_decade"],
        ["charge-5d10d", "charge-5d10d"],
        ["-5d10dd", "_5d10dd"]
      ] as const
    ) assert.strictEqual(nameOf(name)?.name, expected)
  })

  it("is that of its first mcp trigger, with what this says of it", () => {
    assert.isNull(nameOf("A", ["webhook"]))
    assert.deepStrictEqual(
      nameOf("A", ["webhook", { type: "mcp", tool: "B-1", description: "Says" }, { type: "mcp", tool: "c" }]),
      { name: "B-1", description: "Says" }
    )
    assert.deepStrictEqual(nameOf("A", [{ type: "mcp" }, "mcp"]), { name: "a", description: "Does it" })
  })

  it.prop("is at most 40 of A-Z a-z 0-9 _ -, whatever the workflow's; so is a distinct one", [
    Schema.NonEmptyString,
    Schema.String.check(Schema.isUUID())
  ], ([name, uuid]) => {
    const id = uuid.toLowerCase()
    const tool = nameOf(name)?.name ?? ""
    assert.match(tool, /^[A-Za-z0-9_-]{1,40}$/)
    assert.isUndefined(distinctParts(tool))
    const distinct = distinctName(tool, id)
    assert.match(distinct, /^[A-Za-z0-9_-]{8,40}$/)
    assert.deepStrictEqual(distinctParts(distinct), { start: tool.slice(0, 33), idEnd: id.slice(-6) })
  })
})

describe("a place in the list of tools", () => {
  it.prop("is read from what was written of it", [Schema.String], ([tool]) => {
    const place = { tool, createdAt: at(1), id: makeWorkflow("w1").id }
    assert.deepStrictEqual(decodeToolCursor(encodeToolCursor(place)), place)
  })

  it("is read from nothing else", () => {
    for (const cursor of ["", "x", "!", btoa("[]"), btoa("[1,2,3]"), btoa("null"), encodeURIComponent("{}")]) {
      assert.isUndefined(decodeToolCursor(cursor))
    }
  })
})

/** Names that meet each other often: where they are cut, and with generic tools. */
const Name = Schema.Literals([
  "a",
  "a-",
  "a-000001",
  "workflow_list",
  "x".repeat(33),
  "x".repeat(34),
  "x".repeat(40),
  `${"x".repeat(33)}-000002`,
  `${"x".repeat(33)}y`
])

describe("the names of a list of tools", () => {
  const taken = new Set(["workflow_list"])
  const layer = WorkflowTools.layer.pipe(Layer.provideMerge(Memory.layer), Layer.provide(configOf()))

  it.effect.prop(
    "are each found, and stand for one workflow each",
    [Schema.Array(Name).check(Schema.isMaxLength(12))],
    ([names]) =>
      Effect.gen(function*() {
        const repository = yield* WorkflowRepository
        const tools = yield* WorkflowTools
        for (const [index, tool] of names.entries()) {
          yield* repository.insert({
            ...makeWorkflow(`0000-aaa${String(index).padStart(3, "0")}`),
            createdAt: at(index),
            triggers: [{ type: "mcp", tool }]
          })
        }
        const principal = unrestricted("k", tenantA)
        const listed: Array<{ readonly id: string; readonly tool: string }> = []
        let cursor: string | null | undefined
        while (cursor !== null) {
          const after = cursor === undefined ? undefined : decodeToolCursor(cursor)
          const { items, nextCursor }: Page<NamedTool> = yield* tools.list(principal, { limit: 5, after }, taken)
          listed.push(...items)
          cursor = nextCursor
        }
        assert.lengthOf(listed, names.length)
        assert.lengthOf(new Set(listed.map(({ tool }) => tool)), names.length)
        for (const { id, tool } of listed) {
          assert.isFalse(taken.has(tool))
          const found = yield* tools.find(principal, tool)
          assert.strictEqual(Option.getOrUndefined(found)?.id, id, tool)
        }
      }).pipe(Effect.provide(layer))
  )
})
