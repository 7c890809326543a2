import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Step } from "../../src/domain/Step.ts"
import { stepAt, stepTreeIssues } from "../../src/domain/StepTree.ts"

const decode = Schema.decodeUnknownSync(Schema.Array(Step))

const leaf = (id: string, more: object = {}) => ({ id, type: "fail", order: 1, config: { message: id }, ...more })
const undo = { type: "fail", config: { message: "undo" } }
const loop = (steps: ReadonlyArray<object>) => ({ type: "for-each", config: { items: "[1]", steps } })

const issuesOf = (...steps: ReadonlyArray<object>) =>
  stepTreeIssues(decode(steps)).map(({ message, path }) => `${path.join(".")}: ${message}`)

describe("stepTreeIssues", () => {
  it("admits an undo, also of a step inside of others", () => {
    assert.deepStrictEqual(issuesOf(leaf("a", { undo }), { id: "b", order: 2, ...loop([leaf("a", { undo })]) }), [])
  })

  it("refuses an undo inside of an undo, however deep", () => {
    const inner = { id: "inner", order: 1, ...loop([leaf("x"), leaf("y", { order: 2, undo })]) }
    assert.deepStrictEqual(issuesOf(leaf("a", { undo: loop([inner]) })), [
      "0.undo.config.steps.0.config.steps.1.undo: can't stand inside of an undo"
    ])
  })

  it("checks the steps inside of an undo as others", () => {
    assert.deepStrictEqual(issuesOf(leaf("a", { undo: loop([leaf("x"), leaf("x")]) })), [
      "0.undo.config.steps.1.id: is the id of another step already (steps[0])"
    ])
  })

  it("counts an undo as a step", () => {
    const steps = (count: number) => Array.from({ length: count }, (_, index) => leaf(`s${index}`, { undo }))
    assert.deepStrictEqual(issuesOf(...steps(500)), [])
    assert.deepStrictEqual(issuesOf(...steps(500), leaf("last")), [
      ": must hold at most 1000 steps, those inside steps included, not 1001"
    ])
  })
})

describe("stepAt", () => {
  const decide = {
    id: "decide",
    type: "condition",
    order: 1,
    config: {
      if: "true",
      then: [leaf("x", { config: { message: "then" } })],
      else: [leaf("x", { config: { message: "else" } })]
    }
  }
  const steps = decode([{ id: "loop", order: 1, ...loop([decide, leaf("y", { order: 2 })]) }, leaf("z", { order: 2 })])
  const messageAt = (path: string) => {
    const step = stepAt(steps, path)
    return step?.type === "fail" ? step.config : step?.type
  }

  it("finds steps at every level", () => {
    assert.strictEqual(messageAt("loop"), "for-each")
    assert.deepStrictEqual(messageAt("z"), { message: "z" })
    assert.deepStrictEqual(messageAt("loop[0].y"), { message: "y" })
    assert.strictEqual(messageAt("loop[12].decide"), "condition")
    assert.deepStrictEqual(messageAt("loop[12].decide.then.x"), { message: "then" })
    assert.deepStrictEqual(messageAt("loop[12].decide.else.x"), { message: "else" })
  })

  it("finds what undoes a step, and the steps inside of that", () => {
    const undone = decode([
      leaf("a", { undo }),
      leaf("b", { order: 2, undo: { type: "for-each", config: { items: "[1]", steps: [leaf("c")] } } })
    ])
    assert.deepStrictEqual(stepAt(undone, "a:undo")?.config, { message: "undo" })
    assert.strictEqual(stepAt(undone, "b:undo[0].c")?.id, "c")
    assert.isUndefined(stepAt(undone, "c:undo"))
  })

  it("finds nothing where no step is", () => {
    for (const path of ["", "y", "loop.y", "loop[0]", "z.then.x", "loop[0].decide.steps.x", "z:undo"]) {
      assert.isUndefined(stepAt(steps, path), path)
    }
  })
})
