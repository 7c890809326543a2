import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { languageTables, operations, partsOf, stepTypes, withTables } from "../../scripts/LanguageTables.ts"
import * as WorkflowTest from "../../src/testing/WorkflowTest.ts"
import { languageCases } from "./LanguageCases.ts"
import { blocks, headings, ownText, read, section, table } from "./repository.ts"

const page = read("docs/workflow-language.md")

/** The examples by their heading: a definition or a list of steps, and for some the output. */
const examples = new Map(
  headings(page).flatMap((heading) => {
    const found = blocks(ownText(page, heading)).map(({ text }): unknown => JSON.parse(text))
    return found.length === 0 ? [] : [[heading, found] as const]
  })
)

const definitionOf = (heading: string): object => {
  const [found] = examples.get(heading) ?? []
  if (typeof found !== "object" || found === null) throw new Error(`There is no example under "${heading}"`)
  return Array.isArray(found) ? { steps: found } : found
}

describe("the reference of the language", () => {
  it("has the tables that the schemas give (else run `npm run docs`)", () => {
    assert.strictEqual(page, withTables(page))
  })

  it("has every table, once", () => {
    assert.sameMembers([...partsOf(page)], Object.keys(languageTables))
  })

  it("has a section with an example for each step type and each operation", () => {
    assert.isAbove(stepTypes.length, 6)
    const missing = [...stepTypes, ...operations].filter((name) => !examples.has(`\`${name}\``))
    assert.deepStrictEqual(missing, [])
    for (const type of stepTypes) {
      assert.include(JSON.stringify(examples.get(`\`${type}\``)), `"type":"${type}"`)
    }
  })

  it("has an example of each operation with its output", () => {
    assert.deepStrictEqual(operations.filter((name) => examples.get(`\`${name}\``)?.length !== 2), [])
  })

  for (const { check, heading, options, says } of languageCases) {
    it.effect(`${heading} ${says}`, () => Effect.map(WorkflowTest.run(definitionOf(heading), options), check))
  }

  for (const operation of operations) {
    const heading = `\`${operation}\``
    it.effect(`${heading} gives what the page says`, () =>
      Effect.gen(function*() {
        const { outputs } = yield* WorkflowTest.run(definitionOf(heading))
        assert.deepStrictEqual(Object.values(outputs ?? {}), examples.get(heading)?.slice(1))
      }))
  }

  it("runs every example", () => {
    const run = [...languageCases.map(({ heading }) => heading), ...operations.map((name) => `\`${name}\``)]
    assert.sameMembers([...new Set(run)], [...examples.keys()])
    const single = [...examples].filter(([heading]) => !operations.includes(heading.replaceAll("`", "")))
    for (const [heading, found] of single) assert.strictEqual(found.length, 1, heading)
  })
})

describe("README: the language", () => {
  const chapter = section(read("README.md"), "The workflow definition")

  const example = (): object => {
    const [found] = blocks(chapter).map(({ text }): unknown => JSON.parse(text))
    if (typeof found !== "object" || found === null) throw new Error("There is no example")
    return found
  }

  const orders = { url: "https://api.example.com/orders", respond: { body: [{ total: 10 }, { total: 1_032 }] } }
  const invoices = { url: "https://billing.example.com/invoices", respond: { status: 201, body: { id: "i-1" } } }
  const secrets = { ORDERS_TOKEN: "token-of-the-tenant" }

  it.effect("waits for the approval of a large sum, then sends the invoice", () =>
    Effect.gen(function*() {
      const run = yield* WorkflowTest.run(example(), {
        inputs: { city: "Graz" },
        http: [orders, invoices],
        secrets,
        signals: [{ name: "approved", after: "2 days" }]
      })
      assert.deepStrictEqual(run.outputs, { total: 1_042, invoice: "i-1" })
      assert.strictEqual(run.durationMs, 2 * 86_400_000)
      assert.strictEqual(run.requests[0]?.url, "https://api.example.com/orders?city=Graz")
      assert.strictEqual(run.requests[0]?.headers["authorization"], "Bearer token-of-the-tenant")
      assert.deepStrictEqual(JSON.parse(run.requests[1]?.body ?? ""), { city: "Graz", lines: orders.respond.body })
    }))

  it.effect("fails without the approval", () =>
    Effect.gen(function*() {
      const run = yield* WorkflowTest.run(example(), { inputs: { city: "Graz" }, http: [orders, invoices], secrets })
      assert.strictEqual(run.error?.code, "timeout")
      assert.strictEqual(run.requests.length, 1)
    }))

  it("has no other example, and every step type as the reference has it", () => {
    assert.strictEqual(blocks(chapter).length, 1)
    const told = table(chapter, "step type", "does").map((row) =>
      row.map((cell) => cell.replace("docs/workflow-language.md", ""))
    )
    assert.deepStrictEqual(told, table(section(page, "Step types"), "type", "does"))
  })
})
