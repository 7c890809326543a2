import { Clock, Context, Effect, Exit, Layer } from "effect"
import type { EngineUnavailable, StorageError } from "../domain/Errors.ts"

/** Asks each dependency for a sign of life. */
export class Dependencies extends Context.Service<Dependencies, {
  readonly database: Effect.Effect<void, StorageError>
  readonly kv: Effect.Effect<void, StorageError>
  readonly engine: Effect.Effect<void, EngineUnavailable>
}>()("atlasit/services/Health/Dependencies") {}

/** What a dependency answered, and after how many milliseconds. */
export interface Check {
  readonly status: "ok" | "failed"
  readonly latencyMs: number
}

/** A dependency that has not answered by then has failed. */
const timeout = "3 seconds"

/** Whether the service can do its work. */
export class Health extends Context.Service<Health, {
  readonly check: Effect.Effect<{
    readonly status: "ok" | "degraded"
    readonly checks: { readonly database: Check; readonly kv: Check; readonly engine: Check }
  }>
}>()("atlasit/services/Health") {
  static readonly layer = Layer.effect(
    Health,
    Effect.gen(function*() {
      const dependencies = yield* Dependencies

      const probe = Effect.fnUntraced(function*(name: string, dependency: Effect.Effect<void, unknown>) {
        const before = yield* Clock.currentTimeMillis
        const exit = yield* Effect.exit(Effect.timeout(dependency, timeout))
        const latencyMs = (yield* Clock.currentTimeMillis) - before
        if (Exit.isSuccess(exit)) return { status: "ok", latencyMs } satisfies Check
        yield* Effect.logError(`Health: ${name} failed`, exit.cause)
        return { status: "failed", latencyMs } satisfies Check
      })

      const check = Effect.all({
        database: probe("database", dependencies.database),
        kv: probe("kv", dependencies.kv),
        engine: probe("engine", dependencies.engine)
      }, { concurrency: "unbounded" }).pipe(
        Effect.map((checks) => ({
          status: Object.values(checks).every(({ status }) => status === "ok") ? "ok" as const : "degraded" as const,
          checks
        })),
        Effect.withSpan("Health.check")
      )

      return Health.of({ check })
    })
  )
}
