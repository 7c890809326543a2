import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { AppConfig } from "../../src/services/AppConfig.ts"

const load = (variables: Readonly<Record<string, string>>) =>
  Effect.provide(
    AppConfig.use(({ mcp }) => Effect.succeed(mcp.requireApproval)),
    AppConfig.layer.pipe(
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ API_ALLOWED_KEYS: "key", ...variables })))
    )
  )

describe("MCP_REQUIRE_APPROVAL", () => {
  it.effect("is true or false, and false by default", () =>
    Effect.gen(function*() {
      assert.isFalse(yield* load({}))
      assert.isFalse(yield* load({ MCP_REQUIRE_APPROVAL: "false" }))
      assert.isTrue(yield* load({ MCP_REQUIRE_APPROVAL: "true" }))
    }))

  it.effect.each(["yes", "TRUE", "1", "true "])(
    "stops the start as %j, with its name",
    (value) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(load({ MCP_REQUIRE_APPROVAL: value }))
        assert.include(error.message, "MCP_REQUIRE_APPROVAL")
      })
  )
})
