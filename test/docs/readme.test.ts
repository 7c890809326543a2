import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Layer } from "effect"
import { Limits } from "../../src/domain/Limits.ts"
import { allScopes } from "../../src/domain/Principal.ts"
import { ExpressionLimits } from "../../src/engine/expressions/ExpressionLimits.ts"
import { problems } from "../../src/http/api/Errors.ts"
import { AppConfig } from "../../src/services/AppConfig.ts"
import { blocks, read, section, table } from "./repository.ts"

const readme = read("README.md")
const reference = read("docs/workflow-language.md")

describe("README: errors", () => {
  it("has every code and status of the API, in the same words", () => {
    const expected = Object.entries(problems).flatMap(([code, { statuses }]) =>
      Object.entries(statuses).map(([status, when]) => [code, status, when])
    )
    assert.deepStrictEqual(table(section(readme, "Errors"), "code", "status"), expected)
  })
})

describe("README: scopes", () => {
  it("has every scope", () => {
    const told = table(section(readme, "Keys and tenants"), "scope", "lets a key").map(([scope]) => scope)
    assert.deepStrictEqual<ReadonlyArray<unknown>>(told, allScopes)
  })
})

const units = { Bytes: "bytes", Millis: "ms", Characters: "characters", Seconds: "seconds" }
const withUnit = (name: string, limit: number) => {
  const unit = Object.entries(units).find(([suffix]) =>
    new RegExp(`${suffix}(Default|Max)?$|(Default|Max)${suffix}$`).test(name)
  )
  return unit === undefined ? limit.toLocaleString("en-US") : `${limit.toLocaleString("en-US")} ${unit[1]}`
}

const told = (page: string) =>
  table(section(page, "Limits"), "what", "limit").map(([, limit, , name = ""]) => [name, limit])

describe("README and reference: limits", () => {
  it("have every limit with its value, each in one of them, in the order of the code", () => {
    const all = Object.entries(Limits).map(([name, limit]) => [name, withUnit(name, limit)])
    assert.sameDeepMembers([...told(readme), ...told(reference)], all)
    for (const page of [readme, reference]) {
      const names = told(page).map(([name]) => name)
      assert.deepStrictEqual(names, all.map(([name]) => name).filter((name) => names.includes(name)))
    }
  })
})

describe("the reference of the language", () => {
  it("has every code of a failed step", () => {
    const [, union = ""] = /export type StepErrorCode =(.*?)\n\n/s.exec(read("src/engine/StepHandler.ts")) ?? []
    const codes = [...union.matchAll(/\| "([^"]+)"/g)].map(([, code]) => code)
    assert.isAbove(codes.length, 5)
    const told = table(section(reference, "Step errors"), "step error").flatMap(([names = ""]) =>
      names.replaceAll("`", "").split(", ")
    )
    assert.sameMembers(told, codes)
  })

  it("has every bound of an expression with its value", () => {
    const internal = new Set(["stepsPerTurn", "workPerTurn", "cachedExpressions"])
    const told = table(section(reference, "Expressions"), "what", "bound").map(([, bound, name]) => [name, bound])
    const expected = Object.entries(ExpressionLimits).filter(([name]) => !internal.has(name))
    assert.deepStrictEqual(told, expected.map(([name, bound]) => [name, withUnit(name, bound)]))
  })
})

describe("README: configuration", () => {
  const rows = table(section(readme, "Configuration"), "variable", "default")

  const assignments = (text: string) =>
    new Map([...text.matchAll(/^([A-Z_]+)\s*=\s*"(.*)"$/gm)].map(([, name = "", value = ""]) => [name, value]))

  const wranglerVars = assignments(read("wrangler.toml"))
  const devVars = assignments(read(".dev.vars.example"))

  it("has every variable that the service reads", () => {
    const names = new Set([...read("src/services/AppConfig.ts").matchAll(/"([A-Z][A-Z_]+)"/g)].map(([, name]) => name))
    assert.isAbove(names.size, 5)
    assert.sameMembers(rows.map(([name]) => name), [...names])
  })

  it.effect("has the defaults of the service", () =>
    Effect.gen(function*() {
      const config = yield* AppConfig
      const told = new Map(rows.map(([name, value]) => [name, value]))
      assert.deepStrictEqual([...told], [
        ["API_ALLOWED_KEYS", "required"],
        ["EXECUTION_OBJECTS", String(config.executionObjects)],
        ["RATE_LIMIT_MAX_REQUESTS", String(config.rateLimit.maxRequests)],
        ["RATE_LIMIT_WINDOW_SECONDS", String(Duration.toSeconds(config.rateLimit.window))],
        ["RATE_LIMIT_STORE", config.rateLimit.store],
        ["OUTBOUND_ALLOW_HOSTS", config.outboundAllowHosts.join(",") || "none"],
        ["SECRETS_KEY", config.secretsKeys.current ?? "none"],
        ["SECRETS_KEY_PREVIOUS", config.secretsKeys.previous ?? "none"],
        ["MCP_ALLOWED_HOSTS", config.mcp.allowedHosts.join(",") || "none"],
        ["MCP_REQUIRE_APPROVAL", String(config.mcp.requireApproval)],
        ["RETENTION_DAYS", String(Duration.toDays(config.retention))],
        ["LOG_LEVEL", config.logLevel]
      ])
      for (const [name, value] of wranglerVars) if (told.has(name)) assert.strictEqual(told.get(name), value, name)
    }).pipe(
      Effect.provide(
        AppConfig.layer.pipe(
          Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ API_ALLOWED_KEYS: "key" })))
        )
      )
    ))

  it("has the values of .dev.vars.example", () => {
    for (const [name = "", value, local] of rows) {
      const expected = devVars.get(name) ?? wranglerVars.get(name) ?? value
      assert.strictEqual(local, expected === "<generated>" ? "a new key" : expected, name)
    }
  })
})

describe("README: examples", () => {
  const examples = blocks(readme).filter(({ language }) => language === "ts").map(({ text }) => text)

  it("shows the test kit by a test that runs, and the client by a module that the tour's test runs", () => {
    assert.deepStrictEqual(examples, [read("test/docs/testKit.test.ts"), read("test/docs/client.ts")])
  })
})
