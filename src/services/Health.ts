import { Clock, Context, Effect, Exit, Layer } from "effect"
import type { EngineUnavailable, StorageError } from "../domain/Errors.ts"
import { Limits } from "../domain/Limits.ts"
import * as Timestamp from "../domain/Timestamp.ts"
import { ScheduleRepository } from "./ScheduleRepository.ts"

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

/** How many schedules and fires are behind by more than `Limits.fireGraceMillis`, and the oldest time among them. */
export interface ScheduleCheck {
  readonly status: "ok" | "degraded" | "failed"
  readonly latencyMs: number
  readonly behind: number
  readonly since: Timestamp.Timestamp | null
}

/** A dependency that has not answered by then has failed. */
const timeout = "3 seconds"

/** Whether the service can do its work; schedules that are behind are told, and leave it able to. */
export class Health extends Context.Service<Health, {
  readonly check: Effect.Effect<{
    readonly status: "ok" | "degraded"
    readonly checks: {
      readonly database: Check
      readonly kv: Check
      readonly engine: Check
      readonly schedules: ScheduleCheck
    }
  }>
}>()("atlasit/services/Health") {
  static readonly layer = Layer.effect(
    Health,
    Effect.gen(function*() {
      const dependencies = yield* Dependencies
      const schedules = yield* ScheduleRepository

      const probe = Effect.fnUntraced(function*(name: string, dependency: Effect.Effect<void, unknown>) {
        const before = yield* Clock.currentTimeMillis
        const exit = yield* Effect.exit(Effect.timeout(dependency, timeout))
        const latencyMs = (yield* Clock.currentTimeMillis) - before
        if (Exit.isSuccess(exit)) return { status: "ok", latencyMs } satisfies Check
        yield* Effect.logError(`Health: ${name} failed`, exit.cause)
        return { status: "failed", latencyMs } satisfies Check
      })

      const late = Effect.flatMap(
        Clock.currentTimeMillis,
        (now) => schedules.behind(Timestamp.fromMillis(now - Limits.fireGraceMillis))
      )

      const probeSchedules = Effect.gen(function*() {
        let found: Effect.Success<typeof late> = { count: 0, since: null }
        const { latencyMs, status } = yield* probe("schedules", Effect.map(late, (answer) => void (found = answer)))
        const { count: behind, since } = found
        if (behind === 0) return { status, latencyMs, behind, since } satisfies ScheduleCheck
        yield* Effect.logWarning("Schedules are behind", { behind, since })
        return { status: "degraded", latencyMs, behind, since } satisfies ScheduleCheck
      })

      const check = Effect.all({
        database: probe("database", dependencies.database),
        kv: probe("kv", dependencies.kv),
        engine: probe("engine", dependencies.engine),
        schedules: probeSchedules
      }, { concurrency: "unbounded" }).pipe(
        Effect.map((checks) => ({
          status: Object.values(checks).every(({ status }) => status !== "failed")
            ? "ok" as const
            : "degraded" as const,
          checks
        })),
        Effect.withSpan("Health.check")
      )

      return Health.of({ check })
    })
  )
}
