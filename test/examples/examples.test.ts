import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { jsonText } from "../../scripts/JsonText.ts"
import { operations, stepTypes } from "../../scripts/LanguageTables.ts"
import { TenantId } from "../../src/domain/Ids.ts"
import { unrestricted } from "../../src/domain/Principal.ts"
import { Secrets } from "../../src/services/Secrets.ts"
import { Workflows } from "../../src/services/Workflows.ts"
import * as TestService from "../../src/testing/TestService.ts"
import { read, table } from "../docs/repository.ts"
import { exampleNames, exampleText, secretsOf } from "./example.ts"

const operator = unrestricted("test", null)
const page = read("examples/README.md")

/** Every value of a member of this name, at any depth. */
const valuesOf = (value: unknown, name: string): ReadonlyArray<unknown> =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([key, member]) => [...(key === name ? [member] : []), ...valuesOf(member, name)])

describe("examples", () => {
  for (const name of exampleNames) {
    it.effect(`${name} could be stored as it is, once its secrets are`, () =>
      Effect.gen(function*() {
        const workflows = yield* Workflows
        const secrets = yield* Secrets
        yield* Effect.forEach(secretsOf(exampleText(name)), (secret) =>
          secrets.put(operator, { tenantId: TenantId.make("tenant-123"), name: secret }, Redacted.make("a-value")))
        const found = yield* workflows.validate(operator, JSON.parse(exampleText(name)))
        assert.isTrue(found.valid, JSON.stringify(found))
      }).pipe(Effect.provide(TestService.layer([]))))

    it(`${name} is formatted (else run \`npm run docs\`)`, () => {
      assert.strictEqual(exampleText(name), `${jsonText(JSON.parse(exampleText(name)))}\n`)
    })
  }

  it("are eleven, each with a row of its own that names its secrets", () => {
    assert.strictEqual(exampleNames.length, 11)
    const rows = table(page, "file", "what it does").map(([file = "", , , secrets = ""]) => [
      /^\[(.*)\.json\]\(\1\.json\)$/.exec(file)?.[1],
      secrets.replaceAll("`", "")
    ])
    assert.sameDeepMembers(rows, exampleNames.map((name) => [name, secretsOf(exampleText(name)).join(", ")]))
  })

  it("use every step type and every operation between them, and what a definition may have", () => {
    const all = exampleNames.map((name): unknown => JSON.parse(exampleText(name)))
    const types = new Set(valuesOf(all, "type"))
    assert.deepStrictEqual(stepTypes.filter((type) => !types.has(type)), [])
    const used = new Set(valuesOf(all, "operation"))
    assert.deepStrictEqual(operations.filter((operation) => !used.has(operation)), [])
    const members = [
      "inputSchema",
      "outputs",
      "triggers",
      "settings",
      "when",
      "retry",
      "timeout",
      "onError",
      "undo",
      "dependsOn",
      "schema",
      "retention",
      "whenFull",
      "concurrency"
    ]
    assert.deepStrictEqual(members.filter((member) => valuesOf(all, member).length === 0), [])
  })
})
