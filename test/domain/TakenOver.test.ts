import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { StepId } from "../../src/domain/Ids.ts"
import { makePlan } from "../../src/domain/Plan.ts"
import { Step } from "../../src/domain/Step.ts"
import type { StepRecord, StepStatus } from "../../src/domain/StepRecord.ts"
import { pendingStep, StepStatus as StepStatusSchema } from "../../src/domain/StepRecord.ts"
import { pathOf, takenOver } from "../../src/domain/TakenOver.ts"
import { at } from "../contract/Data.ts"

const decode = Schema.decodeUnknownSync(Schema.Array(Step))

const set = (id: string, order: number, more: object = {}) => ({
  id,
  type: "transform",
  order,
  config: { operation: "set", values: {} },
  ...more
})
const loop = (id: string, order: number, ...steps: ReadonlyArray<object>) => ({
  id,
  type: "for-each",
  order,
  config: { items: [1, 2], steps }
})
const decide = (id: string, order: number, then: ReadonlyArray<object>, otherwise: ReadonlyArray<object>) => ({
  id,
  type: "condition",
  order,
  config: { if: "true", then, else: otherwise }
})

/** A record of a step at this path; `never`: its turn never came. */
const record = (path: string, status: StepStatus | "never"): StepRecord => ({
  ...pendingStep({ id: StepId.make(path.split(/[.:]/).findLast((id) => id !== "undo") ?? path), type: "transform" }),
  ...(/[.:]/.test(path) ? { path } : {}),
  ...(status === "never" ? { status: "skipped" } : { status, startedAt: at(0), completedAt: at(1) })
})

interface Case {
  readonly title: string
  readonly steps: ReadonlyArray<object>
  readonly trace: Readonly<Record<string, StepStatus | "never">>
  readonly from?: string
  readonly kept: ReadonlyArray<string>
}

const line = [set("a", 1), set("b", 2), set("c", 3)]
const diamond = [
  set("a", 1),
  set("left", 2, { dependsOn: ["a"] }),
  set("right", 2, { dependsOn: ["a"] }),
  set("end", 3, { dependsOn: ["left", "right"] })
]
const looped = [set("a", 1), loop("loop", 2, set("one", 1), set("two", 2)), set("z", 3)]
const rounds = { "loop[0].one": "completed", "loop[0].two": "completed" } as const
const nested = [
  decide("decide", 1, [set("first", 1), loop("inner", 2, set("x", 1))], [set("other", 1)]),
  set("z", 2)
]

const cases: ReadonlyArray<Case> = [
  {
    title: "what stands before a step that failed",
    steps: line,
    trace: { a: "completed", b: "failed", c: "never" },
    kept: ["a"]
  },
  {
    title: "nothing of an execution that never began",
    steps: line,
    trace: { a: "never", b: "never", c: "never" },
    kept: []
  },
  {
    title: "all of one whose steps are all done",
    steps: line,
    trace: { a: "completed", b: "completed", c: "completed" },
    kept: ["a", "b", "c"]
  },
  { title: "nothing without a trace", steps: line, trace: {}, kept: [] },
  {
    title: "what was skipped by its condition, not what never had its turn",
    steps: line,
    trace: { a: "skipped", b: "cancelled", c: "never" },
    kept: ["a"]
  },
  {
    title: "a failure that let the run go on",
    steps: [set("a", 1, { onError: "continue" }), set("b", 2, { onError: { output: 1 } }), set("c", 3)],
    trace: { a: "failed", b: "failed", c: "failed" },
    kept: ["a", "b"]
  },
  {
    title: "no failure that says it ends the run",
    steps: [set("a", 1, { onError: "fail" })],
    trace: { a: "failed" },
    kept: []
  },
  {
    title: "nothing from the named step on",
    steps: line,
    trace: { a: "completed", b: "completed", c: "completed" },
    from: "b",
    kept: ["a"]
  },
  {
    title: "of side by side, what does not follow the named one",
    steps: diamond,
    trace: { a: "completed", left: "completed", right: "completed", end: "completed" },
    from: "left",
    kept: ["a", "right"]
  },
  {
    title: "neither what follows the named step nor what failed elsewhere",
    steps: [...diamond, set("alone", 9, { dependsOn: [] })],
    trace: { a: "completed", left: "completed", right: "failed", end: "never", alone: "completed" },
    from: "left",
    kept: ["a", "alone"]
  },
  {
    title: "not what follows a step that was undone, itself included",
    steps: line,
    trace: { a: "completed", b: "completed", c: "failed", "b:undo": "completed" },
    kept: ["a"]
  },
  {
    title: "a step whose undo failed: what it did stands",
    steps: line,
    trace: { a: "completed", b: "completed", c: "failed", "b:undo": "failed" },
    kept: ["a", "b"]
  },
  {
    title: "with a step that is done all that is inside it, whatever became of that",
    steps: looped,
    trace: {
      a: "completed",
      loop: "completed",
      z: "failed",
      ...rounds,
      "loop[1].one": "failed",
      "loop[1].two": "cancelled"
    },
    kept: ["a", "loop", "loop[0].one", "loop[0].two", "loop[1].one", "loop[1].two"]
  },
  {
    title: "of a loop that failed, what is done inside",
    steps: looped,
    trace: {
      a: "completed",
      loop: "failed",
      z: "never",
      ...rounds,
      "loop[1].one": "completed",
      "loop[1].two": "failed"
    },
    kept: ["a", "loop[0].one", "loop[0].two", "loop[1].one"]
  },
  {
    title: "nothing inside a loop that is named",
    steps: looped,
    trace: { a: "completed", loop: "failed", z: "never", ...rounds },
    from: "loop",
    kept: ["a"]
  },
  {
    title: "nothing inside a loop that follows the named step",
    steps: looped,
    trace: { a: "completed", loop: "failed", z: "never", ...rounds },
    from: "a",
    kept: []
  },
  {
    title: "nothing inside a loop that follows a step that was undone",
    steps: looped,
    trace: { a: "completed", loop: "failed", z: "never", ...rounds, "a:undo": "completed" },
    kept: []
  },
  {
    title: "of a loop in which a step was undone, the rounds and steps before it",
    steps: looped,
    trace: {
      a: "completed",
      loop: "completed",
      z: "failed",
      ...rounds,
      "loop[1].one": "completed",
      "loop[1].two": "completed",
      "loop[1].one:undo": "completed"
    },
    kept: ["a", "loop[0].one", "loop[0].two"]
  },
  {
    title: "nothing inside a loop that was undone as a whole",
    steps: looped,
    trace: { a: "completed", loop: "completed", z: "failed", ...rounds, "loop:undo": "completed" },
    kept: ["a"]
  },
  {
    title: "what is done in a loop in the branch that was taken",
    steps: nested,
    trace: {
      decide: "cancelled",
      z: "never",
      "decide.then.first": "completed",
      "decide.then.inner": "cancelled",
      "decide.then.inner[0].x": "completed",
      "decide.then.inner[1].x": "cancelled"
    },
    kept: ["decide.then.first", "decide.then.inner[0].x"]
  },
  {
    title: "what is done in the other branch",
    steps: nested,
    trace: { decide: "completed", z: "failed", "decide.else.other": "completed" },
    kept: ["decide", "decide.else.other"]
  },
  {
    title: "nothing of an undo with steps of its own",
    steps: line,
    trace: { a: "completed", b: "failed", c: "never", "a:undo": "failed", "a:undo.then.x": "completed" },
    kept: ["a"]
  },
  {
    title: "nothing inside a step whose id begins like another's",
    steps: [loop("l", 1, set("x", 1)), loop("l2", 1, set("x", 1))],
    trace: { l: "completed", l2: "failed", "l[0].x": "completed", "l2[0].x": "failed", "l2[10].x": "completed" },
    kept: ["l", "l[0].x", "l2[10].x"]
  }
]

describe("takenOver", () => {
  for (const { from, kept, steps, title, trace } of cases) {
    it(`takes over ${title}`, () => {
      const records = Object.entries(trace).map(([path, status]) => record(path, status))
      const taken = takenOver(decode(steps), records, from === undefined ? null : StepId.make(from))
      assert.deepStrictEqual(taken, records.filter((one) => kept.includes(pathOf(one))))
      assert.sameMembers(taken.map(pathOf), [...kept])
    })
  }

  it("answers in the order in which the steps ended, so that they can be undone the other way round", () => {
    const ends = { a: 3, b: 1, c: 2 }
    const records = Object.entries(ends).map(([id, millis]) => ({
      ...record(id, "completed"),
      completedAt: at(millis)
    }))
    const steps = ["a", "b", "c"].map((id) => set(id, 1))
    assert.deepStrictEqual(takenOver(decode(steps), records, null).map(pathOf), ["b", "c", "a"])
  })

  it("is quick with a loop of 10,000 rounds", () => {
    const records = [
      record("loop", "failed"),
      ...Array.from(
        { length: 10_000 },
        (_, round) => record(`loop[${round}].one`, round < 9_000 ? "completed" : "failed")
      )
    ]
    assert.lengthOf(takenOver(decode([loop("loop", 1, set("one", 1))]), records, null), 9_000)
  })

  const ids = ["a", "b", "c", "d", "e"]
  const Graph = Schema.Array(Schema.Struct({
    status: Schema.Union([StepStatusSchema, Schema.Literal("never")]),
    undone: Schema.Boolean,
    letGo: Schema.Boolean,
    /** Which of the steps before it this one waits for. */
    waitsFor: Schema.Array(Schema.Boolean).check(Schema.isMinLength(5), Schema.isMaxLength(5))
  })).check(Schema.isMinLength(5), Schema.isMaxLength(5))

  it.prop(
    "takes a step over if it and all that it waits for are at a good end and none is the named one, and no other",
    [Graph, Schema.NullOr(Schema.Literals(["a", "b", "c", "d", "e"]))],
    ([graph, named]) => {
      const steps = decode(graph.map(({ letGo, waitsFor }, index) =>
        set(ids[index] ?? "", 1, {
          dependsOn: ids.slice(0, index).filter((_, before) => waitsFor[before]),
          ...(letGo ? { onError: "continue" } : {})
        })
      ))
      const trace = graph.flatMap(({ status, undone }, index) => [
        record(ids[index] ?? "", status),
        ...(undone ? [record(`${ids[index]}:undo`, "completed")] : [])
      ])
      const { before } = Result.getOrThrow(makePlan(steps))
      const stays = (id: string): boolean => {
        const { letGo, status, undone } = graph[ids.indexOf(id)] ?? { letGo: false, status: "never", undone: true }
        const good = status === "completed" || status === "skipped" || (status === "failed" && letGo)
        return good && !undone && id !== named && (before.get(StepId.make(id)) ?? []).every(stays)
      }
      const taken = takenOver(steps, trace, named === null ? null : StepId.make(named))
      assert.deepStrictEqual(taken.map(pathOf), ids.filter(stays))
      assert.deepStrictEqual(takenOver(steps, taken, null), taken)
    },
    { arbitrary: { runs: 300 } }
  )
})
