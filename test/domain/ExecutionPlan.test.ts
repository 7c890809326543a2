import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { executionPlan } from "../../src/domain/ExecutionPlan.ts"
import { Workflow } from "../../src/domain/Workflow.ts"

const decodeSteps = Schema.decodeUnknownSync(Workflow.fields.steps)
const planOf = (...steps: ReadonlyArray<object>) => executionPlan(decodeSteps(steps))

const call = (id: string, order: number, more: object = {}) => ({
  id,
  type: "transform",
  order,
  config: { operation: "unique" },
  ...more
})

const condition = (id: string, order: number, then: ReadonlyArray<object>, otherwise?: ReadonlyArray<object>) => ({
  id,
  type: "condition",
  order,
  config: { if: "input.ok", then, ...(otherwise === undefined ? {} : { else: otherwise }) }
})

const loop = (id: string, order: number, ...steps: ReadonlyArray<object>) => ({
  id,
  type: "for-each",
  order,
  config: { steps }
})

const entry = (id: string, waitsFor: ReadonlyArray<string>, more: object = {}) => ({
  id,
  type: "transform",
  path: id,
  waitsFor,
  ...more
})

describe("executionPlan", () => {
  it("tells which steps can run at the same time, and which wait for which", () => {
    const { steps, waves } = planOf(
      call("ready", 3),
      call("fetch", 1, { name: "Fetch them" }),
      call("mail", 2, { when: "input.mail" }),
      call("account", 2),
      call("audit", 9, { dependsOn: ["account", "fetch"] }),
      call("report", 9, { dependsOn: [] })
    )
    assert.deepStrictEqual(Object(waves), [["fetch", "report"], ["mail", "account"], ["ready", "audit"]])
    assert.deepStrictEqual(Object(steps), [
      entry("ready", ["mail", "account"]),
      entry("fetch", [], { name: "Fetch them" }),
      entry("mail", ["fetch"], { when: "input.mail" }),
      entry("account", ["fetch"]),
      entry("audit", ["fetch", "account"]),
      entry("report", [])
    ])
  })

  it("holds the steps inside steps, by the paths that they have in an execution", () => {
    const plan = planOf(condition("decide", 1, [loop("loop", 1, call("a", 2), call("b", 1))], [call("c", 1)]))
    assert.deepStrictEqual(Object(plan), {
      waves: [["decide"]],
      steps: [
        entry("decide", [], {
          type: "condition",
          children: [
            {
              branch: "then",
              waves: [["loop"]],
              steps: [
                entry("loop", [], {
                  type: "for-each",
                  path: "decide.then.loop",
                  children: [{
                    branch: "steps",
                    waves: [["b"], ["a"]],
                    steps: [
                      entry("a", ["b"], { path: "decide.then.loop[].a" }),
                      entry("b", [], { path: "decide.then.loop[].b" })
                    ]
                  }]
                })
              ]
            },
            { branch: "else", waves: [["c"]], steps: [entry("c", [], { path: "decide.else.c" })] }
          ]
        })
      ]
    })
  })

  it("has no branch that is not there", () => {
    const [decide] = planOf(condition("decide", 1, [call("a", 1)])).steps
    assert.deepStrictEqual(decide?.children?.map(({ branch }) => branch), ["then"])
  })
})
