import { Clock, Context, Effect, Layer } from "effect"
import { Health } from "../services/Health.ts"

type Report = Effect.Success<Health["Service"]["check"]>

/** A report is given again for so long, so that a flood of callers without a key costs nothing. */
const maxAgeMillis = 5_000

/** What the last look at the dependencies found. */
export class HealthReport extends Context.Service<HealthReport, {
  readonly latest: Effect.Effect<Report>
}>()("atlasit/http/HealthReport") {
  static readonly layer = Layer.effect(
    HealthReport,
    Effect.gen(function*() {
      const health = yield* Health
      let report: Report | undefined
      let askedAt = -Infinity

      // Requests share the report, never a check under way: one that ends with its request would take others with it.
      // While one request asks again, the others get the report before.
      const latest = Effect.gen(function*() {
        const now = yield* Clock.currentTimeMillis
        if (report !== undefined && now - askedAt < maxAgeMillis) return report
        askedAt = now
        return report = yield* health.check
      })

      return HealthReport.of({ latest })
    })
  )
}
