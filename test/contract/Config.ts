import { ConfigProvider, Layer } from "effect"
import { AppConfig } from "../../src/services/AppConfig.ts"

/** A configuration of these variables and a key. */
export const configOf = (variables: Readonly<Record<string, string>> = {}) =>
  AppConfig.layer.pipe(
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ API_ALLOWED_KEYS: "key", ...variables }))),
    Layer.orDie
  )
