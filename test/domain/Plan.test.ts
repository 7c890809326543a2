import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Result, Schema } from "effect"
import { StepId } from "../../src/domain/Ids.ts"
import type { Plan, PlannedStep } from "../../src/domain/Plan.ts"
import { makePlan, sequence } from "../../src/domain/Plan.ts"

const step = (id: string, order: number, dependsOn?: ReadonlyArray<string>): PlannedStep => ({
  id: StepId.make(id),
  order,
  ...(dependsOn === undefined ? {} : { dependsOn: dependsOn.map((name) => StepId.make(name)) })
})

const idsOf = (...names: ReadonlyArray<string>): ReadonlyArray<StepId> => names.map((name) => StepId.make(name))

const planOf = (...steps: ReadonlyArray<PlannedStep>): Plan => Result.getOrThrow(makePlan(steps))

const issuesOf = (...steps: ReadonlyArray<PlannedStep>) => Result.getOrThrow(Result.flip(makePlan(steps)))

/** What each step waits for, as plain data. */
const waits = (plan: Plan): Record<string, ReadonlyArray<string>> => Object.fromEntries(plan.before)

describe("makePlan", () => {
  const examples: ReadonlyArray<{
    readonly name: string
    readonly steps: ReadonlyArray<PlannedStep>
    readonly first: ReadonlyArray<string>
    readonly last: ReadonlyArray<string>
    readonly before: Record<string, ReadonlyArray<string>>
    readonly sequence: ReadonlyArray<string>
  }> = [
    {
      name: "no steps",
      steps: [],
      first: [],
      last: [],
      before: {},
      sequence: []
    },
    {
      name: "one step",
      steps: [step("a", 1)],
      first: ["a"],
      last: ["a"],
      before: { a: [] },
      sequence: ["a"]
    },
    {
      name: "two orders",
      steps: [step("step-1", 1), step("step-2", 2)],
      first: ["step-1"],
      last: ["step-2"],
      before: { "step-1": [], "step-2": ["step-1"] },
      sequence: ["step-1", "step-2"]
    },
    {
      name: "orders decide, not places in the list",
      steps: [step("c", 30), step("a", -1), step("b", 5)],
      first: ["a"],
      last: ["c"],
      before: { a: [], b: ["a"], c: ["b"] },
      sequence: ["a", "b", "c"]
    },
    {
      name: "steps of equal order run at the same time",
      steps: [step("a", 1), step("b", 1), step("c", 2), step("d", 2)],
      first: ["a", "b"],
      last: ["c", "d"],
      before: { a: [], b: [], c: ["a", "b"], d: ["a", "b"] },
      sequence: ["a", "b", "c", "d"]
    },
    {
      name: "a step with dependsOn starts as soon as those are done, whatever its order",
      steps: [step("a", 1), step("b", 2), step("c", 3, ["a"])],
      first: ["a"],
      last: ["b", "c"],
      before: { a: [], b: ["a"], c: ["a"] },
      sequence: ["a", "b", "c"]
    },
    {
      name: "an empty dependsOn waits for none",
      steps: [step("a", 1), step("b", 2, [])],
      first: ["a", "b"],
      last: ["a", "b"],
      before: { a: [], b: [] },
      sequence: ["a", "b"]
    },
    {
      name: "a step without dependsOn waits for all of the next smaller order, also those with dependsOn",
      steps: [step("a", 1), step("b", 2, ["a"]), step("c", 2), step("d", 3)],
      first: ["a"],
      last: ["d"],
      before: { a: [], b: ["a"], c: ["a"], d: ["b", "c"] },
      sequence: ["a", "b", "c", "d"]
    },
    {
      name: "a step may depend on one of a larger order",
      steps: [step("a", 1, ["b"]), step("b", 2, [])],
      first: ["b"],
      last: ["a"],
      before: { a: ["b"], b: [] },
      sequence: ["b", "a"]
    },
    {
      name: "a dependency named twice counts once, and ids stand in the order of the definition",
      steps: [step("a", 1), step("b", 1), step("c", 2, ["b", "a", "b"])],
      first: ["a", "b"],
      last: ["c"],
      before: { a: [], b: [], c: ["a", "b"] },
      sequence: ["a", "b", "c"]
    },
    {
      name: "ids that are names of an object's prototype",
      steps: [step("__proto__", 1), step("constructor", 2), step("toString", 3, ["__proto__"])],
      first: ["__proto__"],
      last: ["constructor", "toString"],
      before: Object.fromEntries([["__proto__", []], ["constructor", ["__proto__"]], ["toString", ["__proto__"]]]),
      sequence: ["__proto__", "constructor", "toString"]
    }
  ]

  for (const example of examples) {
    it(`${example.name}`, () => {
      const plan = planOf(...example.steps)
      assert.deepStrictEqual(plan.first, idsOf(...example.first))
      assert.deepStrictEqual(plan.last, idsOf(...example.last))
      assert.deepStrictEqual(waits(plan), example.before)
      assert.deepStrictEqual(sequence(plan), idsOf(...example.sequence))
    })
  }

  it("a diamond: the last step waits for both branches", () => {
    const plan = planOf(step("a", 1), step("b", 2, ["a"]), step("c", 2, ["a"]), step("d", 3, ["b", "c"]))
    assert.deepStrictEqual(Object.fromEntries(plan.after), {
      a: idsOf("b", "c"),
      b: idsOf("d"),
      c: idsOf("d"),
      d: []
    })
  })

  const refused: ReadonlyArray<{
    readonly name: string
    readonly steps: ReadonlyArray<PlannedStep>
    readonly issues: ReturnType<typeof issuesOf>
  }> = [
    {
      name: "a duplicate id",
      steps: [step("a", 1), step("b", 2), step("a", 3)],
      issues: [{ path: [2, "id"], message: "is the id of another step already (steps[0])" }]
    },
    {
      name: "every duplicate, with the first of them named",
      steps: [step("a", 1), step("a", 1), step("a", 2)],
      issues: [
        { path: [1, "id"], message: "is the id of another step already (steps[0])" },
        { path: [2, "id"], message: "is the id of another step already (steps[0])" }
      ]
    },
    {
      name: "every unknown id in dependsOn",
      steps: [step("a", 1, ["x"]), step("b", 2, ["a", "y", "z"])],
      issues: [
        { path: [0, "dependsOn", 0], message: "names no step: \"x\"" },
        { path: [1, "dependsOn", 1], message: "names no step: \"y\"" },
        { path: [1, "dependsOn", 2], message: "names no step: \"z\"" }
      ]
    },
    {
      name: "duplicates and unknown ids together",
      steps: [step("a", 1), step("a", 2, ["toString"])],
      issues: [
        { path: [1, "id"], message: "is the id of another step already (steps[0])" },
        { path: [1, "dependsOn", 0], message: "names no step: \"toString\"" }
      ]
    },
    {
      name: "a step that depends on itself",
      steps: [step("a", 1, ["a"])],
      issues: [{ path: [0, "dependsOn"], message: "closes or follows a cycle of steps: a" }]
    },
    {
      name: "two steps that wait for each other",
      steps: [step("a", 1, ["b"]), step("b", 1, ["a"]), step("c", 1)],
      issues: [
        { path: [0, "dependsOn"], message: "closes or follows a cycle of steps: a, b" },
        { path: [1, "dependsOn"], message: "closes or follows a cycle of steps: a, b" }
      ]
    },
    {
      name: "a cycle that an order closes",
      steps: [step("a", 1, ["b"]), step("b", 2)],
      issues: [{ path: [0, "dependsOn"], message: "closes or follows a cycle of steps: a, b" }]
    }
  ]

  for (const { issues, name, steps } of refused) {
    it(`refuses ${name}`, () => {
      assert.deepStrictEqual(issuesOf(...steps), issues)
    })
  }

  it("a cycle of 1,000 steps has an issue for each, none longer than a line or two", () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `${"s".repeat(60)}${index}`)
    const issues = issuesOf(...ids.map((id, index) => step(id, index, [ids[(index + 1) % 1_000] ?? ""])))
    assert.strictEqual(issues.length, 1_000)
    assert.isBelow(JSON.stringify(issues).length, 1_048_576)
    assert.strictEqual(
      issues[999]?.message,
      `closes or follows a cycle of steps: ${ids.slice(0, 10).join(", ")} and 990 more`
    )
  })
})

describe("large workflows", () => {
  const ids = idsOf(...Array.from({ length: 1_000 }, (_, index) => `s${index}`))

  it("plans 1,000 steps one after the other", () => {
    const plan = planOf(...ids.map((id, index) => step(id, 1_000 - index)))
    assert.deepStrictEqual(sequence(plan), ids.toReversed())
    assert.deepStrictEqual([plan.first, plan.last], [[ids[999]], [ids[0]]])
  })

  it("plans 1,000 steps of one order", () => {
    const plan = planOf(...ids.map((id) => step(id, 1)))
    assert.deepStrictEqual([plan.first, plan.last, sequence(plan)], [ids, ids, ids])
  })

  it("plans 500 and 500 steps in two orders", () => {
    const plan = planOf(...ids.map((id, index) => step(id, index < 500 ? 1 : 2)))
    assert.deepStrictEqual(plan.first, ids.slice(0, 500))
    assert.deepStrictEqual(plan.last, ids.slice(500))
    assert.deepStrictEqual(plan.before.get(StepId.make("s999")), ids.slice(0, 500))
    assert.deepStrictEqual(sequence(plan), ids)
  })

  it("plans 1,000 steps of which each depends on the one before", () => {
    const plan = planOf(...ids.map((id, index) => step(id, 1, index === 0 ? [] : [ids[index - 1] ?? ""])))
    assert.deepStrictEqual(sequence(plan), ids)
  })
})

/** Up to 12 steps of a few orders; a dependency is a number that the property makes the id of a step. */
const Sketch = Schema.Array(Schema.Struct({
  order: Schema.Int.check(Schema.isBetween({ minimum: -2, maximum: 3 })),
  dependsOn: Schema.NullOr(
    Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 99 }))).check(Schema.isMaxLength(3))
  )
})).check(Schema.isMaxLength(12))

const name = (index: number): string => `s${index}`

/** Dependencies point at any step, also at itself and at later ones: many of these lists hold a cycle. */
const anyDependencies = Arbitrary.map(
  Arbitrary.schema(Sketch),
  (sketch) =>
    sketch.map(({ dependsOn, order }, index) =>
      step(name(index), order, dependsOn?.map((target) => name(target % sketch.length)))
    )
)

/** Dependencies point at earlier steps alone, and orders rise: no list holds a cycle. */
const acyclic = Arbitrary.map(
  Arbitrary.schema(Sketch),
  (sketch) =>
    sketch.toSorted((a, b) => a.order - b.order).map(({ dependsOn, order }, index) =>
      step(name(index), order, index === 0 ? undefined : dependsOn?.map((target) => name(target % index)))
    )
)

/** The waiting steps of a list, told without a plan: those that can be reached from themselves. */
const isCyclic = (steps: ReadonlyArray<PlannedStep>): boolean => {
  const waitsFor = (waiting: PlannedStep): ReadonlyArray<PlannedStep> => {
    const { dependsOn } = waiting
    if (dependsOn !== undefined) return steps.filter(({ id }) => dependsOn.includes(id))
    const below = Math.max(...steps.map(({ order }) => order).filter((order) => order < waiting.order))
    return steps.filter(({ order }) => order === below)
  }
  return steps.some((start) => {
    const reached = new Set(waitsFor(start))
    for (const next of reached) for (const further of waitsFor(next)) reached.add(further)
    return reached.has(start)
  })
}

const assertSound = (steps: ReadonlyArray<PlannedStep>, plan: Plan): void => {
  const order = sequence(plan)
  assert.deepStrictEqual(order.toSorted(), steps.map(({ id }) => id).toSorted())
  for (const [id, predecessors] of plan.before) {
    for (const predecessor of predecessors) assert.isBelow(order.indexOf(predecessor), order.indexOf(id))
  }
  for (const [id, followers] of plan.after) {
    for (const follower of followers) assert.include(plan.before.get(follower) ?? [], id)
  }
}

describe("any list of steps", () => {
  it.prop("a plan's sequence holds each id once, after all that it waits for", { steps: acyclic }, ({ steps }) => {
    assertSound(steps, planOf(...steps))
  }, { arbitrary: { runs: 300 } })

  it.prop("it is planned exactly if it holds no cycle", { steps: anyDependencies }, ({ steps }): void => {
    const plan = makePlan(steps)
    assert.strictEqual(Result.isFailure(plan), isCyclic(steps))
    if (Result.isSuccess(plan)) return assertSound(steps, plan.success)
    assert.isNotEmpty(plan.failure)
    for (const { path } of plan.failure) {
      assert.strictEqual(path.length, 2)
      assert.strictEqual(path[1], "dependsOn")
      assert.isDefined(steps[Number(path[0])]?.dependsOn)
    }
  }, { arbitrary: { runs: 500 } })

  it.prop("a duplicate id is refused at the place of the second", {
    steps: acyclic,
    place: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 99 }))
  }, ({ place, steps }) => {
    const copied = steps[place % Math.max(steps.length, 1)]
    if (copied === undefined) return
    assert.deepStrictEqual(issuesOf(...steps, copied), [{
      path: [steps.length, "id"],
      message: `is the id of another step already (steps[${steps.indexOf(copied)}])`
    }])
  })

  it.prop("an unknown dependency is refused at its place", { steps: acyclic }, ({ steps }) => {
    assert.deepStrictEqual(issuesOf(...steps, step("new", 1, ["nobody"])), [{
      path: [steps.length, "dependsOn", 0],
      message: "names no step: \"nobody\""
    }])
  })
})
