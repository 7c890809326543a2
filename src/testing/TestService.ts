import { Duration, Layer, Redacted, References } from "effect"
import * as SecureRandom from "effect/crypto/SecureRandom"
import { TestClock } from "effect/testing"
import * as Expressions from "../engine/expressions/Layer.ts"
import * as Memory from "../layers/Memory.ts"
import * as MemoryExecutor from "../layers/memory/Executor.ts"
import * as ScheduleDriver from "../layers/memory/ScheduleDriver.ts"
import { AppConfig } from "../services/AppConfig.ts"
import { SecretValues } from "../services/SecretValues.ts"
import * as UseCases from "../services/UseCases.ts"
import * as OpenCipher from "./OpenCipher.ts"
import type { ScriptedRoute } from "./ScriptedHttp.ts"
import * as ScriptedHttp from "./ScriptedHttp.ts"

/** A configuration that stands in no test's way: one operator's key, no internal address allowed. */
export const config = Layer.succeed(AppConfig, {
  allowedKeys: [Redacted.make("test-key")],
  executionObjects: 0,
  rateLimit: { maxRequests: 1_000_000, window: Duration.minutes(1), store: "memory" },
  mcp: { allowedHosts: [], requireApproval: false },
  outboundAllowHosts: [],
  secretsKeys: { current: Redacted.make(new Uint8Array(32).fill(1)), previous: null },
  retention: Duration.days(30),
  logLevel: "Error"
})

/** The whole service in memory, with scripted upstreams and virtual time. */
export const layer = (http: ReadonlyArray<ScriptedRoute>) =>
  UseCases.layer.pipe(
    Layer.provide(SecureRandom.layerWebCrypto),
    Layer.provide(Expressions.servicesLayer),
    Layer.provideMerge(MemoryExecutor.layer),
    Layer.provideMerge(Layer.fresh(SecretValues.layer)),
    Layer.provideMerge(OpenCipher.layer),
    Layer.provideMerge(Memory.layer),
    Layer.provideMerge(ScriptedHttp.layer(http)),
    Layer.provideMerge(config),
    Layer.provideMerge(Layer.succeed(References.MinimumLogLevel, "Error")),
    Layer.provideMerge(TestClock.layer())
  )

/** The same, and schedules fire as time goes on. */
export const scheduledLayer = (http: ReadonlyArray<ScriptedRoute>) =>
  ScheduleDriver.layer.pipe(Layer.provideMerge(layer(http)))
