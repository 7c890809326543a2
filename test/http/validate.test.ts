import { assert, describe, it } from "@effect/vitest"
import { Limits } from "../../src/domain/Limits.ts"
import { bad } from "../domain/BadDefinitions.ts"
import { good } from "../domain/GoodDefinitions.ts"
import { definition } from "./fixtures.ts"
import { issuePathsOf, jsonOf, problemOf, tenantKey } from "./harness.ts"
import { start } from "./workflowsService.ts"

const path = "/api/workflows/validate"

const call = (id: string, order: number, more: object = {}) => ({
  id,
  type: "transform",
  order,
  config: { operation: "unique" },
  ...more
})

const loop = (id: string, order: number, ...steps: ReadonlyArray<object>) => ({
  id,
  type: "for-each",
  order,
  config: { steps }
})

const validate = async (body: unknown) => {
  const { send } = await start()
  const response = await send("POST", path, JSON.stringify(body))
  assert.strictEqual(response.status, 200)
  return jsonOf(response)
}

const placesOf = (answer: Record<string, unknown>): ReadonlyArray<string> => {
  assert.deepStrictEqual(Object.keys(answer), ["valid", "issues"])
  const issues: ReadonlyArray<{ path: ReadonlyArray<unknown>; message: string }> = Object(answer["issues"])
  for (const issue of issues) assert.deepStrictEqual(Object.keys(issue).sort(), ["message", "path"])
  return issues.map((issue) => issue.path.join("."))
}

describe("a valid definition", () => {
  it("is answered with its plan", async () => {
    assert.deepStrictEqual(
      await validate({ name: "n", steps: [loop("loop", 2, call("inner", 1)), call("first", 1)] }),
      {
        valid: true,
        plan: {
          waves: [["first"], ["loop"]],
          steps: [
            {
              id: "loop",
              type: "for-each",
              path: "loop",
              waitsFor: ["first"],
              children: [{
                branch: "steps",
                waves: [["inner"]],
                steps: [{ id: "inner", type: "transform", path: "loop[].inner", waitsFor: [] }]
              }]
            },
            { id: "first", type: "transform", path: "first", waitsFor: [] }
          ]
        },
        schedules: []
      }
    )
  })

  it("is answered with the next ten fires of its schedules", async () => {
    const triggers = ["schedule", { type: "schedule", cron: "0 9 * * *", timezone: "Asia/Tokyo" }]
    const { schedules } = await validate({ name: "n", steps: [call("first", 1)], triggers })
    assert.strictEqual(Object(schedules).length, 1)
    const [{ nextFires, number }] = Object(schedules)
    assert.strictEqual(number, 1)
    assert.strictEqual(nextFires.length, 10)
    assert.isTrue(nextFires.every((time: string) => time.endsWith("T00:00:00.000Z")))
    assert.strictEqual(nextFires[0], "2026-11-23T00:00:00.000Z", "the first after the harness's own time")
  })

  it("is not stored", async () => {
    const { fetch, send } = await start()
    assert.strictEqual((await jsonOf(await send("POST", path, definition)))["valid"], true)
    assert.deepStrictEqual(await jsonOf(await fetch("/api/workflows")), { items: [], nextCursor: null })
  })

  it("needs no tenant, and may name only one that the key may see", async () => {
    const { fetch, send } = await start()
    const { tenantId: _, ...untenanted } = definition
    for (
      const [body, status] of [[untenanted, 200], [definition, 200], [{ ...definition, tenantId: "b" }, 403]] as const
    ) {
      assert.strictEqual((await send("POST", path, body)).status, 200)
      const asTenant = await fetch(path, {
        method: "POST",
        key: tenantKey,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body)
      })
      assert.strictEqual(asTenant.status, status)
      if (status === 403) assert.strictEqual((await problemOf(asTenant)).code, "AUTH-003")
    }
  })

  it("of 1,000 steps that all wait for all of the order before is planned in time", async () => {
    const steps = Array.from({ length: 1_000 }, (_, index) => call(`s${index}`, index < 500 ? 1 : 2))
    const { plan } = await validate({ name: "Many", steps })
    assert.deepStrictEqual(Object(plan).waves.map((wave: ReadonlyArray<string>) => wave.length), [500, 500])
  })
})

describe("an invalid definition", () => {
  it("has every issue: of its members, of the order of its steps, at every level", async () => {
    const answer = await validate({
      name: "",
      steps: [
        call("a", 1, { config: { operation: "sort" } }),
        call("a", 2, { dependsOn: ["nobody"] }),
        loop("loop", 3, call("x", 1, { dependsOn: ["y"] }), call("y", 2, { retries: 3 })),
        {
          id: "decide",
          type: "condition",
          order: 4,
          config: { if: "", then: [call("c", 1), call("c", 1)] }
        }
      ]
    })
    assert.strictEqual(answer["valid"], false)
    assert.sameMembers([...new Set(placesOf(answer))], [
      "name",
      "steps.0.config.field",
      "steps.2.config.steps.1.retries",
      "steps.3.config.if",
      "steps.1.id",
      "steps.1.dependsOn.0",
      "steps.2.config.steps.0.dependsOn",
      "steps.3.config.then.1.id"
    ])
  })

  it("has the issues of its input schema, too", async () => {
    const places = placesOf(await validate({ ...definition, name: 1, inputSchema: { type: "nothing" } }))
    assert.includeMembers([...places], ["name", "inputSchema.type"])
  })

  it("has the issues of its expressions, also where other steps are not valid", async () => {
    const broken = call("broken", 2, { when: "input.(" })
    const template = call("template", 3, { config: { operation: "set", values: { a: "{{ $$$( }}" } } })
    const places = ["steps.1.when", "steps.2.config.values.a"]
    assert.deepStrictEqual(placesOf(await validate({ name: "n", steps: [call("a", 1), broken, template] })), places)
    const answer = await validate({ name: "n", steps: [call("a", 1.5), broken, template] })
    assert.deepStrictEqual(placesOf(answer), ["steps.0.order", ...places])
  })

  it("has the steps that are named and are not there, also where something else is not valid", async () => {
    const named = call("b", 2, { when: "steps.a.status = steps.gone.status" })
    const outputs = { x: "steps.gone.output", y: "steps.a.output" }
    const broken = { steps: [call("a", 1), named], outputs, settings: { timeout: "soon" } }
    assert.deepStrictEqual(placesOf(await validate(broken)), [
      "name",
      "settings.timeout",
      "steps.1.when",
      "outputs.x"
    ])
    // A step that can't be read may be the one that is named.
    assert.deepStrictEqual(placesOf(await validate({ name: "n", ...broken, steps: [call("a", 1.5), named] })), [
      "steps.0.order",
      "settings.timeout"
    ])
  })

  it("has the issues of its order and of its expressions", async () => {
    const steps = [call("a", 1), call("a", 2, { when: "(" })]
    assert.deepStrictEqual(placesOf(await validate({ name: "n", steps })), ["steps.1.id", "steps.1.when"])
  })

  it("tells nothing of an order that it does not know", async () => {
    const steps = [
      call("a", 1, { dependsOn: ["b"] }),
      call("b", 1.5),
      loop("loop", 2, call("x", 1, { dependsOn: ["b"] }))
    ]
    assert.deepStrictEqual(placesOf(await validate({ name: "n", steps })), [
      "steps.1.order",
      "steps.2.config.steps.0.dependsOn.0"
    ])
  })

  for (
    const body of [null, [], 1, "text", true, {}, { steps: { length: 9 } }, { tenantId: null }, {
      steps: [null, [], 1]
    }]
  ) {
    it(`may be ${JSON.stringify(body)}`, async () => {
      assert.isNotEmpty(placesOf(await validate(body)))
    })
  }

  it("has at most 1,000 issues in the answer", async () => {
    assert.lengthOf(
      placesOf(await validate({ name: "n", steps: Array.from({ length: 2_000 }, () => 1) })),
      Limits.issues
    )
  })

  it("of more steps than there may be has an end", async () => {
    const steps = Array.from({ length: 9_000 }, (_, index) => call("s", index))
    assert.includeMembers([...placesOf(await validate({ name: "n", steps }))], ["steps"])
  })
})

describe("a body that is no JSON", () => {
  const json = { "content-type": "application/json" }
  const cases = [
    ["not JSON", "{", json, 400],
    ["nothing", "", json, 400],
    ["too deep", "[".repeat(101) + "]".repeat(101), json, 400],
    ["too large", JSON.stringify("x".repeat(1_048_576)), json, 413],
    ["not JSON by its media type", "{}", { "content-type": "text/plain" }, 415]
  ] as const
  for (const [name, body, headers, status] of cases) {
    it(`${name} is ${status} REQUEST-001`, async () => {
      const { send } = await start()
      const response = await send("POST", path, body, headers)
      assert.strictEqual(response.status, status)
      assert.strictEqual((await problemOf(response)).code, "REQUEST-001")
    })
  }
})

describe("what is created and what is valid", () => {
  const hasTenant = (body: unknown) => Object.hasOwn(Object(body), "tenantId")
  const sent = [
    ...Object.entries(good),
    ...bad.map(([name, input]) => [name, input] as const).filter(([name]) => name !== "no tenantId"),
    ["a cycle", { ...definition, steps: [call("a", 1, { dependsOn: ["a"] })] }] as const
  ]
  it("is the same, with the same issues", async () => {
    const { send } = await start()
    for (const [name, body] of sent) {
      const text = JSON.stringify(body)
      const created = await send("POST", "/api/workflows", text)
      const answer = await jsonOf(await send("POST", path, text))
      assert.strictEqual(answer["valid"], created.status === 201, name)
      if (created.status === 201) continue
      const { code } = await problemOf(created.clone())
      const places = (await issuePathsOf(created, code)).filter((place) => place !== "tenantId" || hasTenant(body))
      assert.includeMembers([...placesOf(answer)], places, name)
    }
  })
})
