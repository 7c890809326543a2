import { assert, describe, it } from "@effect/vitest"
import { env } from "cloudflare:workers"
import { Effect, Layer, Redacted, References } from "effect"
import { TestClock } from "effect/testing"
import { EngineUnavailable } from "../../src/domain/Errors.ts"
import { ExecutionId } from "../../src/domain/Ids.ts"
import * as Cloudflare from "../../src/layers/Cloudflare.ts"
import { KeyValues } from "../../src/layers/cloudflare/Bindings.ts"
import * as DependenciesLayer from "../../src/layers/cloudflare/Dependencies.ts"
import * as ExecutionArchiveLayer from "../../src/layers/cloudflare/ExecutionArchive.ts"
import { AppConfig } from "../../src/services/AppConfig.ts"
import { Authenticator } from "../../src/services/Authenticator.ts"
import { ExecutionArchive } from "../../src/services/ExecutionArchive.ts"
import { Executor } from "../../src/services/Executor.ts"
import { Dependencies } from "../../src/services/Health.ts"
import { WorkflowRepository } from "../../src/services/WorkflowRepository.ts"
import { configOf } from "../contract/Config.ts"
import { at, epoch } from "../contract/Data.ts"

describe("Cloudflare", () => {
  it.effect("builds the Worker's ports from what is bound", () =>
    Effect.gen(function*() {
      const { logLevel } = yield* AppConfig
      const { authenticate } = yield* Authenticator
      const workflows = yield* WorkflowRepository
      assert.strictEqual(logLevel, "Warn")
      assert.strictEqual(yield* References.MinimumLogLevel, "Warn")
      assert.strictEqual((yield* authenticate(Redacted.make("key-a"))).tenantId, "tenant-a")
      assert.deepStrictEqual(yield* workflows.list({ tenantId: null, limit: 1 }), { items: [], nextCursor: null })
    }).pipe(Effect.provide(Cloudflare.worker({ ...env, LOG_LEVEL: "Warn" }))))

  it.effect("stops at a variable that is wrong, and names it", () =>
    Effect.gen(function*() {
      const layer = Cloudflare.worker({ ...env, RETENTION_DAYS: "soon" })
      const error = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
      assert.include(error.message, "RETENTION_DAYS")
    }))

  it.effect("asks each dependency", () =>
    Effect.gen(function*() {
      const { database, engine, kv } = yield* Dependencies
      yield* database
      yield* kv
      assert.strictEqual((yield* Effect.flip(engine))._tag, "EngineUnavailable")
    }).pipe(
      Effect.provide(DependenciesLayer.layer),
      Effect.provide(Layer.mock(Executor, { ping: Effect.fail(new EngineUnavailable({ cause: "away" })) })),
      Effect.provide(Cloudflare.worker(env))
    ))

  it.effect("keeps a trace in KV for the retention, or until its own time", () =>
    Effect.gen(function*() {
      const puts: Array<unknown> = []
      const kv = new Proxy(env.KV, { get: () => (...args: Array<unknown>) => Promise.resolve(puts.push(args)) })
      yield* TestClock.setTime(epoch)
      // KV takes no less than a minute.
      for (const expiresAt of [null, at(3_600_001), at(59_000), at(-5)]) {
        yield* ExecutionArchive.use((archive) => archive.put(ExecutionId.make("e"), { steps: [], logs: [] }, expiresAt))
          .pipe(
            Effect.provide(ExecutionArchiveLayer.layer),
            Effect.provide(Layer.merge(Layer.succeed(KeyValues, kv), configOf({ RETENTION_DAYS: "2" })))
          )
      }
      assert.deepStrictEqual(
        puts,
        [172_800, 3_601, 60, 60].map((expirationTtl) => [
          "execution:e",
          "{\"steps\":[],\"logs\":[]}",
          { expirationTtl }
        ])
      )
    }))

  it.effect("names the operation of a store that fails", () =>
    Effect.gen(function*() {
      const kv = new Proxy(env.KV, { get: () => () => Promise.reject(new Error("KV is away")) })
      const error = yield* ExecutionArchive.use((archive) => Effect.flip(archive.get(ExecutionId.make("e")))).pipe(
        Effect.provide(ExecutionArchiveLayer.layer),
        Effect.provide(Layer.merge(Layer.succeed(KeyValues, kv), configOf()))
      )
      assert.strictEqual(error._tag, "StorageError")
      assert.strictEqual(error.operation, "archive.get")
    }))
})
